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
_OUTPUT_MOST = 512 << 20  # bytes that are held in memory; the largest answers are those of many small files
_PIECE = 1 << 18
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
            stdout, stderr = await _said(process, input)
            await process.wait_closed()
    except _TooMuch:
        process.terminate()
        process.close()
        raise RemoteCommandFailed(host, argv[0], f"said more than {_OUTPUT_MOST >> 20} MiB") from None
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
    noise, found, out = stdout.partition(f"{mark}\n".encode())
    if not found:
        said = (noise or stderr).decode("utf-8", "replace").strip()[-300:]
        raise RemoteCommandFailed(host, argv[0], f"was not run by the login shell: {said or 'no output'}")
    return Completed(process.exit_status if process.exit_status >= 0 else None, out, stderr)


class _TooMuch(Exception):
    """It says more than fits in memory."""


async def _said(process: asyncssh.SSHClientProcess[bytes], input: bytes | None) -> tuple[bytes, bytes]:
    """
    :raises _TooMuch: it goes on and on.
    """

    async def whole(stream: asyncssh.SSHReader[bytes]) -> bytes:
        said, size = [], 0
        while piece := await stream.read(_PIECE):
            said.append(piece)
            size += len(piece)
            if size > _OUTPUT_MOST:
                raise _TooMuch
        return b"".join(said)

    if input:
        process.stdin.write(input)
        process.stdin.write_eof()
    both = [asyncio.ensure_future(whole(stream)) for stream in (process.stdout, process.stderr)]
    try:
        stdout, stderr = await asyncio.gather(*both)
    finally:
        for one in both:
            one.cancel()
    return stdout, stderr


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
