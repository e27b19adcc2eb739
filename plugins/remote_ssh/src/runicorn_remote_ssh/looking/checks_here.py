"""What connecting needs on this machine."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable, Iterator

from runicorn.contracts import Check
from runicorn.errors import InvalidArgument


def checks_here() -> Iterator[Check]:
    """One after another, as they are made."""
    for name, check in (
        ("ssh config", _configuration),
        ("agent", _agent),
        ("known hosts", _known_hosts),
    ):
        yield _guarded(name, check)


def _guarded(name: str, check: Callable[[], str]) -> Check:
    try:
        return Check(name, True, check())
    except (InvalidArgument, OSError) as error:
        return Check(name, False, str(error))


def _configuration() -> str:
    from ..config import SSHConfig, config_files, host_aliases, resolve

    if not config_files():
        return "there is no ~/.ssh/config; machines are reached by their addresses"
    names = host_aliases()
    for name in names:
        resolve(SSHConfig(name))
    return f"names {len(names)} machines; see: runicorn remote hosts"


def _agent() -> str:
    return asyncio.run(_keys_of_agent())


async def _keys_of_agent() -> str:
    import asyncssh

    where = os.environ.get("SSH_AUTH_SOCK")
    if not where and sys.platform != "win32":
        return "none runs (SSH_AUTH_SOCK is not set); keys with a passphrase are asked for"
    try:
        async with asyncio.timeout(5):
            agent = await asyncssh.connect_agent()
            try:
                count = len(list(await agent.get_keys()))
            finally:
                agent.close()
    except (OSError, ValueError, asyncssh.Error, TimeoutError) as error:
        reason = f"names no agent that answers ({error or 'no answer'})"
        raise InvalidArgument("SSH_AUTH_SOCK", where or "", reason) from None
    return f"holds {count} {'key' if count == 1 else 'keys'}"


def _known_hosts() -> str:
    from ..known_hosts import KnownHosts

    files = [file for file in KnownHosts().files if file.exists()]
    for file in files:
        file.read_bytes()
    return "read from " + ", ".join(map(str, files)) if files else "no host was accepted yet"
