"""The way to a host, hop by hop, each with its key checked and somebody let in."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from .config import Resolved, resolve
from .errors import AuthenticationFailed, HostKeyRevoked, HostUnreachable, RemoteError
from .signing_in import SigningIn

if TYPE_CHECKING:
    import asyncssh

    from .known_hosts import KnownHosts

#: The quick ones first: on a processor with AES instructions twice as fast as asyncssh's first choice.
CIPHERS = [
    "aes128-gcm@openssh.com",
    "aes256-gcm@openssh.com",
    "chacha20-poly1305@openssh.com",
    "aes128-ctr",
    "aes256-ctr",
]
CONNECT_S = 20.0
KEEPALIVE_S = 5.0
KEEPALIVES = 3  # unanswered, then the connection counts as lost
#: What the user's configuration may want for people who type there: a terminal would garble what programs say, and
#: nobody over there needs this machine's agent or screen.
_NOTHING_MORE: dict[str, Any] = {
    "request_pty": False,
    "agent_forwarding": False,
    "x11_forwarding": False,
    "command": None,
}
_LOGIN_S = 600.0  # people look for their second factor


async def reach(
    signing_in: SigningIn, known_hosts: KnownHosts, files: Sequence[str] | None
) -> list[asyncssh.SSHClientConnection]:
    """The connections to every hop, the last one to the host itself.

    :raises HostKeyUnknown, HostKeyChanged, HostKeyRevoked, AuthenticationFailed, HostUnreachable: at the hop that it
        names; nothing is left open.
    """
    chain: list[asyncssh.SSHClientConnection] = []
    try:
        for hop in signing_in.where.jump:
            at_hop = signing_in.hop(resolve(hop, files))
            chain.append(await _reach(at_hop, known_hosts, files, chain[-1] if chain else None))
        chain.append(await _reach(signing_in, known_hosts, files, chain[-1] if chain else None))
    except BaseException:
        await end(chain)
        raise
    return chain


async def end(chain: Sequence[asyncssh.SSHClientConnection]) -> None:
    """Let go of a way, the far end first."""
    for connection in reversed(chain):
        connection.abort()
        # Not wait_for: in Python 3.11 it may lose that its own task was cancelled.
        with suppress(TimeoutError):
            async with asyncio.timeout(1):
                await connection.wait_closed()


async def _reach(
    signing_in: SigningIn,
    known_hosts: KnownHosts,
    files: Sequence[str] | None,
    through: asyncssh.SSHClientConnection | None,
) -> asyncssh.SSHClientConnection:
    import asyncssh

    where, client = signing_in.where, signing_in.client()
    known_hosts = known_hosts.told(where.keys_of_hosts)
    try:
        async with asyncio.timeout(CONNECT_S) as patience:
            clock = asyncio.get_running_loop().time

            def later(seconds: float) -> None:
                patience.reschedule(clock() + seconds)

            signing_in.patience = lambda typing: later(_LOGIN_S if typing else CONNECT_S)
            return await asyncssh.connect(
                where.asked.host,
                where.port,
                config=list(files) if files is not None else (),
                tunnel=through,
                known_hosts=known_hosts.matcher(*where.on_file),
                client_factory=lambda: client,
                encryption_algs=CIPHERS,
                keepalive_interval=KEEPALIVE_S,
                keepalive_count_max=KEEPALIVES,
                login_timeout=_LOGIN_S,
                **_NOTHING_MORE,
                **await signing_in.options(),
            )
    except (asyncssh.Error, OSError, ValueError) as error:  # the last one: keys that cannot be read
        shown = client.shown
        if isinstance(error, (asyncssh.KeyExchangeFailed, asyncssh.ConnectionLost, ConnectionResetError)):
            # Asked for a kind of key that is on file, a host that has only others hangs up.
            shown = await _other_key(where, known_hosts, files, through)
        raise _why(error, where, signing_in, known_hosts, shown) from None


async def _other_key(
    where: Resolved,
    known_hosts: KnownHosts,
    files: Sequence[str] | None,
    through: asyncssh.SSHClientConnection | None,
) -> asyncssh.SSHKey | None:
    """The key that a host shows, if none like it is on file but another is."""
    import asyncssh

    if not known_hosts.knows(*where.on_file):
        return None
    try:
        async with asyncio.timeout(CONNECT_S):
            config = list(files) if files is not None else ()
            key = await asyncssh.get_server_host_key(where.asked.host, where.port, tunnel=through, config=config)
    except (asyncssh.Error, OSError):
        return None
    known = key is None or known_hosts.knows(*where.on_file, key)
    return None if known else key


def _why(
    error: Exception, where: Resolved, signing_in: SigningIn, known_hosts: KnownHosts, shown: asyncssh.SSHKey | None
) -> RemoteError:
    import asyncssh

    host, port = where.host, where.port
    if shown is not None:
        return known_hosts.refused(*where.on_file, shown)
    if isinstance(error, asyncssh.HostKeyNotVerifiable):
        where_revoked = known_hosts.revoking(*where.on_file)
        if where_revoked and "revoked" in str(error.reason):
            return HostKeyRevoked(host, port, where_revoked)
        return HostUnreachable(host, port, f"its key cannot be verified: {error.reason}")
    if "authentication failures" in str(getattr(error, "reason", "")):  # sshd hangs up after some tries
        return AuthenticationFailed(where.username, host, signing_in.reason(error))
    if signing_in.gave_up or isinstance(error, (asyncssh.PermissionDenied, ValueError)):
        return AuthenticationFailed(where.username, host, signing_in.reason(error))
    if isinstance(error, TimeoutError):
        return HostUnreachable(host, port, f"no answer within {CONNECT_S:g} s")
    if isinstance(error, OSError) and error.errno is not None and error.errno > 0:
        return HostUnreachable(host, port, os.strerror(error.errno))
    reason = getattr(error, "strerror", None) or getattr(error, "reason", None) or str(error)
    return HostUnreachable(host, port, str(reason) or type(error).__name__)
