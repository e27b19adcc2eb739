"""Running programs over there, whatever the login shell says before them."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from attrs import frozen

from .channels import session
from .errors import NotConnected, RemoteCommandFailed
from .shell import command_line

if TYPE_CHECKING:
    import asyncssh

START_S = 20.0  # until a program over there has begun
_NOISE_MOST = 1 << 20  # bytes that a login shell may say before the command


@frozen
class Completed:
    """What a program over there said."""

    exit_status: int | None  # None: ended by a signal
    stdout: bytes
    stderr: bytes


async def run(
    connection: asyncssh.SSHClientConnection, host: str, argv: Sequence[str], input: bytes | None, timeout_s: float
) -> Completed:
    """See :meth:`~.connection.SSHConnection.run`."""
    import asyncssh

    process, mark = await _begin(connection, host, argv)
    try:
        async with asyncio.timeout(timeout_s):
            stdout, stderr = await process.communicate(input)
    except TimeoutError:
        process.terminate()
        process.close()
        raise RemoteCommandFailed(host, argv[0], f"did not end within {timeout_s:g} s") from None
    except asyncio.CancelledError:  # whoever asked has gone
        process.close()
        raise
    except (OSError, asyncssh.Error) as error:
        raise NotConnected(host, str(error) or "it was lost") from error
    if process.exit_status is None:  # not even a signal ended it
        raise NotConnected(host, "the connection was lost meanwhile")
    noise, found, out = bytes(stdout or b"").partition(f"{mark}\n".encode())
    if not found:
        said = (noise or bytes(stderr or b"")).decode("utf-8", "replace").strip()[-300:]
        raise RemoteCommandFailed(host, argv[0], f"was not run by the login shell: {said or 'no output'}")
    return Completed(process.exit_status if process.exit_status >= 0 else None, out, bytes(stderr or b""))


async def start(
    connection: asyncssh.SSHClientConnection, host: str, argv: Sequence[str]
) -> asyncssh.SSHClientProcess[bytes]:
    """See :meth:`~.connection.SSHConnection.start`."""
    process, mark = await _begin(connection, host, argv)
    seen = 0
    try:
        async with asyncio.timeout(START_S):
            while (line := await process.stdout.readline()).rstrip(b"\r\n") != mark.encode():
                seen += len(line)
                if not line or seen > _NOISE_MOST:
                    raise RemoteCommandFailed(host, argv[0], "was not run by the login shell")  # noqa: TRY301
    except BaseException as error:  # nobody will close it later
        process.close()
        if not isinstance(error, TimeoutError):
            raise
        raise RemoteCommandFailed(host, argv[0], "was not run by the login shell in time") from None
    return process


async def _begin(
    connection: asyncssh.SSHClientConnection, host: str, argv: Sequence[str]
) -> tuple[asyncssh.SSHClientProcess[bytes], str]:
    import asyncssh

    mark = f"runicorn-{secrets.token_hex(6)}"
    line = command_line(argv, mark)
    try:
        process: Any = await session(
            connection, host, lambda: connection.create_process(line, encoding=None), lambda begun: begun.close()
        )
    except (OSError, asyncssh.Error) as error:
        raise NotConnected(host, str(error)) from error
    return process, mark
