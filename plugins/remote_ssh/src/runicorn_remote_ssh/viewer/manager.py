"""All viewers on other machines that this process keeps."""

from __future__ import annotations

import asyncio
import os
import secrets
import zlib
from collections.abc import Callable
from typing import TYPE_CHECKING

from attrs import frozen
from runicorn.errors import Problem

from ..problems import problem_of
from .environments import Environment, Surroundings, look_around
from .launch import Wanted
from .registry import Known, announce, forget
from .session import ViewerSession
from .tunnel import Admits, Control, SSHTunnel, everybody

if TYPE_CHECKING:
    from .line import Line

_FAILED_MOST = 20  # that are kept to be looked at
_PORTS = range(23400, 24400)


@frozen
class Options:
    """How viewers are started (the section ``remote-ssh`` of the configuration)."""

    compression: str = "auto"
    grace_s: float = 3.0
    idle_s: float = 120.0


@frozen
class Begun:
    """A session on its way."""

    session: ViewerSession
    task: asyncio.Task[None] | None  # None: it has arrived

    async def ready(self) -> None:
        """Wait for it. Who is cancelled meanwhile gives it up.

        :raises Problem: see :meth:`RemoteViewerManager.start`.
        """
        if self.task is not None:
            await self.task


def configured() -> Options:
    """As the configuration says."""
    from runicorn.config import load_config
    from runicorn.hooks import plugin_section

    from ..settings import RemoteSection

    section = plugin_section("remote-ssh", RemoteSection, load_config())
    return Options(section.compression, section.grace, section.idle)


class RemoteViewerManager:
    """Starts, lists and ends sessions. Belongs to one event loop."""

    def __init__(self, options: Options | None = None, admits: Admits = everybody) -> None:
        self._options, self._admits = options or Options(), admits
        self._sessions: dict[str, ViewerSession] = {}
        self._unwatch: dict[str, Callable[[], None]] = {}
        self._ending: set[asyncio.Task[None]] = set()
        self._beginning: dict[str, asyncio.Task[None]] = {}

    @property
    def sessions(self) -> tuple[ViewerSession, ...]:
        """In the order in which they were started; the last that failed are kept until they are stopped."""
        return tuple(self._sessions.values())

    def session(self, session_id: str) -> ViewerSession:
        """
        :raises Problem: 404.
        """
        found = self._sessions.get(session_id)
        if found is None:
            raise Problem(404, "no-such-session", f"there is no session {session_id!r}", session_id=session_id)
        return found

    async def start(
        self, line: Line, root: str, *, python: str | None = None, local_port: int | None = None, install: bool = False
    ) -> ViewerSession:
        """A session for a storage root on the machine at the other end of a line; the one that there is, if it is up.

        :param root: as that machine understands it (``~/runs``); empty = as configured there.
        :param python: an executable over there; None = the best of what is found.
        :param install: whether Runicorn may be installed over there, in an environment of its own.
        :raises Problem: there is no such folder, no fit Python (409 ``runicorn-missing``), the local port is taken, or
            the viewer does not start.
        """
        begun = await self.prepare(line, root, python=python, local_port=local_port, install=install)
        await begun.ready()
        return begun.session

    async def prepare(
        self, line: Line, root: str, *, python: str | None = None, local_port: int | None = None, install: bool = False
    ) -> Begun:
        """Like :meth:`start`, but what takes long goes on behind it; the session's state and steps tell of it.

        :raises Problem: the local port is taken.
        """
        for known in self._sessions.values():
            same = known.line.id == line.id and (known.asked.root, known.asked.python) == (root, python)
            if same and not known.is_over and local_port in (None, known.tunnel.port):
                return Begun(known, self._beginning.get(known.id))
        session_id = secrets.token_hex(6)
        tunnel = SSHTunnel(line.host, "", admits=self._admits)
        await _listen(tunnel, local_port, f"{line.host} {root}")
        options = self._options
        wanted = Wanted(session_id, python or "", root, "", grace_s=options.grace_s, idle_s=options.idle_s)
        session = ViewerSession(line, wanted, tunnel, options.compression, local_port)
        self._sessions[session_id] = session
        session.when_over(lambda: self._over(session))
        task = asyncio.ensure_future(self._begin(session, line, root, python, install))
        self._beginning[session_id] = task
        task.add_done_callback(lambda done: self._begun(session_id, done))
        return Begun(session, task)

    async def again(self, session_id: str, *, install: bool = False) -> Begun:
        """Another try of a session that failed, asked for the same; one that still tries does so at once.

        :param install: whether Runicorn may be installed over there this time.
        :raises Problem: 404; or the local port is taken.
        """
        session = self.session(session_id)
        if not session.is_over:
            if not install:
                session.retry_now()
                return Begun(session, self._beginning.get(session_id))
            await self.stop(session_id)
        asked = session.asked
        python = None if install else asked.python  # that one has none, or one that will not do
        begun = await self.prepare(session.line, asked.root, python=python, local_port=asked.port, install=install)
        self._forget(session_id)
        return begun

    def _over(self, session: ViewerSession) -> None:
        def forget_it() -> None:
            if session.state == "stopped" or session.line.over:
                self._forget(session.id)

        # what failed is kept until it is stopped, the line is closed, or many others have failed after it
        self._unwatch[session.id] = session.line.watch(forget_it)
        forget_it()
        for one in [one for one in self._sessions.values() if one.is_over][:-_FAILED_MOST]:
            self._forget(one.id)

    def _forget(self, session_id: str) -> None:
        self._sessions.pop(session_id, None)
        self._unwatch.pop(session_id, lambda: None)()

    def _begun(self, session_id: str, done: asyncio.Task[None]) -> None:
        self._beginning.pop(session_id, None)
        if not done.cancelled():
            done.exception()  # the session tells of it, whether somebody waits or not

    async def _begin(self, session: ViewerSession, line: Line, root: str, python: str | None, install: bool) -> None:
        try:
            await self._find_and_begin(session, line, root, python, install)
        except BaseException as error:
            given_up = Problem(502, "given-up", "it was given up")
            await session.stop(given_up if isinstance(error, asyncio.CancelledError) else problem_of(error))
            raise
        self._announce(session)

    def _announce(self, session: ViewerSession) -> None:
        """Let other processes of this user know."""
        secret = secrets.token_urlsafe(24)
        host, root, tunnel = session.line.host, session.root, session.tunnel
        known = Known(session.id, host, root, tunnel.url, os.getpid(), session.started_at, secret)
        path = announce(known)

        def finish() -> None:
            task = asyncio.ensure_future(self.stop(session.id))
            self._ending.add(task)
            task.add_done_callback(self._ending.discard)

        def describe() -> dict[str, object]:
            return {"id": session.id, "state": session.state, "error": session.error}

        tunnel.control = Control(secret, describe, finish)
        session.when_over(lambda: forget(path))

    async def _find_and_begin(
        self, session: ViewerSession, line: Line, root: str, python: str | None, install: bool
    ) -> None:
        with session.progress.step("find") as step:
            around = await look_around(line, root)
            if root and not around.root_exists:
                detail = f"{line.host} has no folder {around.root or root}"
                raise Problem(404, "root-missing", detail, host=line.host, root=around.root or root)
            chosen = python or choose(line, around, install)
            step.detail = chosen or "none; one is installed"
        if chosen is None:
            from .install import install_there

            with session.progress.step("install") as step:
                chosen = await install_there(line, around, session.progress)
                step.detail = chosen
        session.runs_on(chosen)
        await session.begin()

    async def stop(self, session_id: str) -> None:
        """End a session; what failed is forgotten.

        :raises Problem: 404.
        """
        session = self.session(session_id)
        await asyncio.shield(self._stop(session))

    async def _stop(self, session: ViewerSession) -> None:
        beginning = self._beginning.get(session.id)
        if beginning is not None:
            beginning.cancel()
            await asyncio.gather(beginning, return_exceptions=True)
        await session.stop()
        self._forget(session.id)

    async def close(self) -> None:
        """End all sessions, at the same time."""
        await asyncio.gather(*map(self._stop, self.sessions), return_exceptions=True)


def choose(line: Line, around: Surroundings, install: bool) -> str | None:
    """The Python to start the viewer with; None = one has to be installed, which may be done.

    :raises Problem: 409, there is none, and nobody said that one may be installed.
    """
    usable = around.usable()
    if usable:
        return usable[0].python
    if install:
        return None
    from .install import best_base

    base = best_base(around)
    worth = most_hopeful(around.environments)
    said = "; ".join(f"{one.python} {one.obstacle}" for one in worth) or "there is none"
    can = f"; it can be installed there, with {base.python}" if base is not None else ""
    raise Problem(
        409, "runicorn-missing", f"no Python on {line.host} can run the viewer: {said}{can}",
        host=line.host, can_install=base is not None,
        environments=[
            {"python": one.python, "version": one.version, "runicorn": one.runicorn, "obstacle": one.obstacle,
             "obstacle_code": one.obstacle_code}
            for one in worth
        ],
    )  # fmt: skip


def most_hopeful(environments: tuple[Environment, ...]) -> list[Environment]:
    """Four of those that cannot run the viewer, the nearest to it first."""
    return sorted(environments, key=lambda one: (one.runicorn is None, not one.can_host))[:4]


async def _listen(tunnel: SSHTunnel, port: int | None, what: str) -> None:
    """On the port that was asked for; else on one that stays the same for a machine and folder, while it is free."""
    if port is not None:
        try:
            await tunnel.start(port)
        except OSError as error:
            detail = f"port {port} on this machine is taken; leave it out for a free one"
            raise Problem(409, "port-taken", detail, port=port) from error
        return
    usual = _PORTS[zlib.crc32(what.encode("utf-8", "replace")) % len(_PORTS)]
    try:
        await tunnel.start(usual)
    except OSError:
        await tunnel.start(0)
