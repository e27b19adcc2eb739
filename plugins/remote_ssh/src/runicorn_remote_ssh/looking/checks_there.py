"""What a machine offers once somebody is let in: a shell, files, streams, a Python, a clock."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from runicorn.contracts import Check
from runicorn.errors import InvalidArgument, RunicornError

if TYPE_CHECKING:
    from ..connection import SSHConnection

_OFF_S = 60.0  # that a clock may be wrong


async def look(host: str, tell: Callable[[Check], None]) -> None:
    """Connect and check; ends at the first thing without which nothing else can be checked."""
    from ..config import resolve
    from ..terminal import connected
    from .command import parse_host

    try:
        config = parse_host(host)
        where = resolve(config)
    except InvalidArgument as error:
        tell(Check("host", False, str(error)))
        return
    way = "".join(f"{hop.host} > " for hop in where.jump)
    tell(Check("host", True, f"{way}{where.username}@{where.host} port {where.port}"))
    began = time.monotonic()
    try:
        async with connected(config) as connection:
            ms = (time.monotonic() - began) * 1000
            tell(Check("signing in", True, f"let in after {ms / 1000:.1f} s", ms))
            for name, check in _CHECKS.items():
                tell(await _guarded(name, check, connection))
    except RunicornError as error:
        tell(Check("signing in", False, str(error)))


async def _guarded(name: str, check: Callable[[SSHConnection], Awaitable[str]], connection: SSHConnection) -> Check:
    began = time.monotonic()
    try:
        detail = await check(connection)
    except (RunicornError, OSError) as error:
        return Check(name, False, str(error))
    return Check(name, True, detail, (time.monotonic() - began) * 1000)


async def _shell(connection: SSHConnection) -> str:
    odd = "it's 'quoted' \"twice\" \\ $HOME !! 目录"
    said = (await connection.run(["printf", "%s", odd])).stdout.decode("utf-8", "replace")
    if said != odd:
        raise InvalidArgument("login shell", said[:100], "does not hand arguments on as they are")
    began = time.monotonic()
    await connection.run(["true"])
    return f"runs programs, {(time.monotonic() - began) * 1000:.0f} ms each"


async def _files(connection: SSHConnection) -> str:
    async with connection.sftp() as sftp:
        home = await sftp.realpath(".")
    return f"by SFTP, from {home if isinstance(home, str) else home.decode('utf-8', 'replace')}"


async def _streams(connection: SSHConnection) -> str:
    import asyncssh

    from ..errors import NotConnected

    try:
        _, writer = await connection.open_stream("127.0.0.1", 1)  # nothing listens there: being asked is enough
        writer.close()
    except NotConnected as error:
        cause = error.__cause__
        if isinstance(cause, asyncssh.ChannelOpenError) and cause.code == asyncssh.OPEN_ADMINISTRATIVELY_PROHIBITED:
            reason = "in the host's sshd_config: a viewer over there cannot be reached"
            raise InvalidArgument("AllowTcpForwarding", "no", reason) from None
        if not isinstance(cause, asyncssh.ChannelOpenError):  # nobody could be asked
            raise
    return "are forwarded, so a viewer over there can be reached"


async def _python(connection: SSHConnection) -> str:
    done = await connection.run(["sh", "-c", "command -v python3 && python3 --version"])
    said = done.stdout.decode("utf-8", "replace").split("\n")
    if done.exit_status != 0 or len(said) < 2:
        return "none on the PATH of a login without terminal; an environment of its own can still be named"
    return f"{said[1].strip()} ({said[0].strip()})"


async def _machine(connection: SSHConnection) -> str:
    from .machine import look as look_at

    found = await look_at(connection)
    said = [found.system, f"{found.cpus or '?'} CPUs", f"load {' '.join(f'{one:g}' for one in found.load)}"]
    if found.mem_total and found.mem_available is not None:
        said.append(f"{found.mem_available / 2**30:.1f} of {found.mem_total / 2**30:.1f} GiB memory free")
    if found.disk_total and found.disk_free is not None:
        said.append(f"{found.disk_free / 2**30:.1f} of {found.disk_total / 2**30:.1f} GiB disk free")
    said += [f"{gpu.name}" for gpu in found.gpus]
    return ", ".join(said)


async def _clock(connection: SSHConnection) -> str:
    began = time.time()
    done = await connection.run(["date", "+%s"])
    took = time.time() - began
    try:
        off = float(done.stdout) - (began + took / 2)
    except ValueError:
        return "is not told"
    if abs(off) > _OFF_S:
        way = "ahead of" if off > 0 else "behind"
        raise InvalidArgument("date", f"{off:+.0f} s", f"is {way} this machine; times of runs will not fit together")
    return "agrees with this machine's"


_CHECKS: dict[str, Callable[[SSHConnection], Awaitable[str]]] = {
    "login shell": _shell,
    "files": _files,
    "streams": _streams,
    "python": _python,
    "clock": _clock,
    "machine": _machine,
}
