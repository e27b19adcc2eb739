"""Starting the ordinary viewer on the other machine, and ending it. Nothing else over there is touched."""

from __future__ import annotations

import asyncio
import json
import re
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from attrs import define, frozen
from runicorn.errors import Problem

from ..errors import ConnectionLost
from . import there

if TYPE_CHECKING:
    from .line import Line

READY_S = 60.0  # a cold disk behind a network takes that long to import everything
STOP_S = 3.0
_LINES = 200  # of a noisy login shell, before the viewer's own


@frozen
class Wanted:
    """How a viewer is to be started."""

    session: str
    python: str
    root: str  # as the other machine understands it; empty = its configuration decides
    token: str
    in_socket: str | None = None  # path of a socket instead of a port
    grace_s: float = 3.0  # it waits so long for us to come back when the line breaks
    idle_s: float = 120.0  # ... and so long when the line is silent

    def command(self) -> list[str]:
        bind = f"unix:{self.in_socket}" if self.in_socket else "127.0.0.1:0"
        root = ["--root", self.root] if self.root else []
        return [
            *(self.python, "-m", "runicorn", "viewer", *root, "--bind", bind, "--token-stdin", "--no-open"),
            *("--exit-on-stdin-eof", "--grace", f"{self.grace_s:g}", "--exit-when-idle", f"{self.idle_s:g}"),
            *("--session", self.session),
        ]


@define
class RemoteViewer:
    """A viewer that runs over there."""

    wanted: Wanted
    pid: int
    port: int | None
    sock: str | None
    version: str
    root: str
    process: Any = None  # None: it was started over a line that is no more

    async def open_stream(self, line: Line) -> Any:
        if self.sock is not None:
            return await line.open_unix(self.sock)
        assert self.port is not None
        return await line.open_stream("127.0.0.1", self.port)


async def launch(line: Line, wanted: Wanted) -> RemoteViewer:
    """Start a viewer and wait until it serves.

    :raises Problem: it did not start; the reason is what it said.
    :raises ConnectionLost: the line broke.
    """
    import asyncssh

    process = await line.start(wanted.command())
    try:
        with suppress(OSError):  # it has ended already: its own words say more
            process.stdin.write(wanted.token.encode("ascii") + b"\n")
        async with asyncio.timeout(READY_S):
            said = await _first_line(process)
    except TimeoutError as error:
        await _leave(process)
        detail = f"the viewer on {line.host} said nothing for {READY_S:g} s"
        raise Problem(504, "viewer-silent", detail, host=line.host) from error
    except (OSError, asyncssh.Error) as error:
        await _leave(process)
        raise ConnectionLost(line.host) from error
    except BaseException:
        await _leave(process)
        raise
    if said is None:
        raise await _failure(line, process, wanted)
    for stream in (process.stdout, process.stderr):
        _drain(stream)
    return RemoteViewer(
        wanted, int(said["pid"]), said.get("port"), said.get("sock"), str(said["version"]), str(said["root"]), process
    )


async def _first_line(process: Any) -> dict[str, Any] | None:
    for _ in range(_LINES):
        line = await process.stdout.readline()
        if not line:
            return None
        with suppress(ValueError):
            said = json.loads(line)
            if isinstance(said, dict) and said.get("ready") == "runicorn-viewer":
                return said
    return None


async def _failure(line: Line, process: Any, wanted: Wanted) -> Problem:
    import asyncssh

    said = b""
    with suppress(TimeoutError, OSError, asyncssh.Error):
        async with asyncio.timeout(5):
            said = await process.stderr.read()
    await _leave(process)
    text = bytes(said or b"").decode("utf-8", "replace").strip()
    more: dict[str, str] = {"host": line.host, "python": wanted.python}
    if re.search("no such option|unrecognized arguments", text, re.IGNORECASE):  # the second one says Runicorn 0.7
        detail = f"the Runicorn of {wanted.python} on {line.host} is too old to be started from here; update it there"
        return Problem(409, "runicorn-too-old", detail, **more)
    if re.search(r"No module named '?runicorn'?$", text, re.MULTILINE):
        detail = f"{wanted.python} on {line.host} has no Runicorn"
        return Problem(409, "runicorn-missing", detail, **more)
    if "No such file or directory" in text or "not found" in text:
        return Problem(404, "python-missing", f"there is no {wanted.python} on {line.host}", **more)
    last = text.splitlines()[-1][-300:] if text else "it said nothing"
    return Problem(502, "viewer-failed", f"the viewer on {line.host} did not start: {last}", **more)


async def _leave(process: Any) -> None:
    """Close everything that binds us to a process; it ends by itself then."""
    with suppress(OSError, AttributeError):
        process.stdin.write_eof()
    process.close()


def _drain(stream: Any) -> None:
    """Read what a viewer says later on, so that it never waits for us."""

    async def drain() -> None:
        with suppress(Exception):  # the line's end, in whatever form
            while await stream.read(65536):
                pass

    task = asyncio.ensure_future(drain())
    _draining.add(task)
    task.add_done_callback(_draining.discard)


_draining: set[asyncio.Task[None]] = set()


async def end(line: Line, viewer: RemoteViewer) -> bool:
    """End a viewer: standard input is closed, then, after three seconds, its process is killed if it is still ours.

    :returns: whether it is known to have ended.
    """
    process = viewer.process
    if process is not None:
        with suppress(OSError):
            process.stdin.write_eof()
        with suppress(TimeoutError):
            async with asyncio.timeout(STOP_S):
                await process.wait_closed()
            return True
    if not line.is_up:
        return False
    mark = "rnend"
    script = there.shell_script("end_viewer", mark, str(viewer.pid), viewer.wanted.session)
    done = await line.run(["sh", "-s"], input=script, timeout_s=15)
    if process is not None:
        process.close()
    return b"gone" in done.stdout
