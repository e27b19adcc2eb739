"""One viewer on another machine, seen at one local address for as long as the session lasts."""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from attrs import evolve, frozen
from runicorn.errors import Problem

from ..errors import ForwardingForbidden
from ..problems import described, problem_of
from .asking import HOLD, Hold, ask
from .launch import READY_S, RemoteViewer, Wanted, end, launch
from .steps import Progress
from .warming import warm

if TYPE_CHECKING:
    from .line import Line
    from .tunnel import SSHTunnel

log = logging.getLogger("runicorn.remote.session")

State: TypeAlias = Literal["connecting", "up", "degraded", "reconnecting", "needs-authentication", "failed", "stopped"]
HEALTH_S = 5.0
SLOW_S = 0.004  # a way there and back that takes longer makes compressing worth it
_TRIES, _TRY_S = 2, 0.25
_POLITE_S = 2.0  # for a viewer that is told to end
_PATIENCE = 3  # answers that may be missing in a row
_BACKOFF_S = (0.0, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0)


@frozen
class Asked:
    """What a session was asked to be."""

    root: str
    python: str | None
    port: int | None = None


class ViewerSession:
    """States: ``connecting``, ``up``, ``degraded`` (answers are missing), ``reconnecting``, ``needs-authentication``,
    ``failed`` (the viewer does not start; it is tried again), ``stopped``. Belongs to one event loop; attributes may be
    read on any thread."""

    def __init__(
        self, line: Line, wanted: Wanted, tunnel: SSHTunnel, compression: str = "auto", port: int | None = None
    ) -> None:
        """
        :param port: the local one, if that one was asked for.
        """
        self.id, self.line, self.tunnel = wanted.session, line, tunnel
        self.started_at = time.time()
        self.state: State = "connecting"
        self.error = ""
        self.problem: Problem | None = None
        self.viewer: RemoteViewer | None = None
        self.progress = Progress()
        self._wanted, self._compression = wanted, compression
        self._changed = asyncio.Event()
        self._hold: Hold | None = None
        self._task: asyncio.Task[None] | None = None
        self._warming: asyncio.Task[int] | None = None
        self._unwatch = line.watch(self._changed.set)
        self._way_s = float("inf")
        self._over = asyncio.Event()
        self._endings: list[Callable[[], None]] = []
        self.asked = Asked(wanted.root, wanted.python or None, port)

    @property
    def root(self) -> str:
        return self.viewer.root if self.viewer is not None else self._wanted.root

    @property
    def python(self) -> str:
        return self._wanted.python

    def runs_on(self, python: str) -> None:
        """Which Python over there it will be."""
        self._wanted = evolve(self._wanted, python=python)

    async def begin(self) -> None:
        """Start the viewer over there and lead the local address to it; from then on the session keeps both alive.

        :raises Problem: the viewer did not start.
        """
        with self.progress.step("start"):
            await self._start()
        with self.progress.step("check"):
            await self._first_check()
        self._set("up")
        if self._way_s > SLOW_S:
            self._warming = asyncio.ensure_future(warm(self.tunnel))
        self._task = asyncio.ensure_future(self._supervise())

    async def stop(self, failure: Problem | None = None) -> None:
        """End the viewer over there and give the local address back.

        :param failure: why it came to nothing, where it did.
        """
        tasks = [task for task in (self._task, self._warming) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._unwatch()
        if self.viewer is not None and not self.is_over:
            if self.line.is_up:
                await _try(lambda: ask(self.line, self.viewer, "DELETE", HOLD), _POLITE_S)  # type: ignore[arg-type]
            self._let_go()
            ended = await _try(lambda: end(self.line, self.viewer))  # type: ignore[arg-type]
            self._note("viewer-ended" if ended else "viewer-left")
        await self.tunnel.close()
        self._finish("stopped" if failure is None else "failed", failure)

    @property
    def is_over(self) -> bool:
        """Whether it has ended, or came to nothing."""
        return self._over.is_set()

    def when_over(self, callback: Callable[[], None]) -> None:
        """Call back when the session has ended; on the event loop."""
        self._endings.append(callback)

    def retry_now(self) -> None:
        """Somebody waits for it: do not rest before the next try."""
        self._changed.set()

    async def over(self) -> None:
        """Wait until the session has ended."""
        await self._over.wait()

    def _finish(self, state: State, problem: Problem | None = None) -> None:
        self._set(state, problem)
        self._over.set()
        endings, self._endings = self._endings, []
        for callback in endings:
            callback()

    # --- keeping it up ---

    async def _supervise(self) -> None:
        tries = 0
        while not self.line.over:
            self._changed.clear()
            if not self.line.is_up:
                self._lost(self.line.problem)
                await self._changed.wait()
                continue
            try:
                await self._return()
                await self._check()
            except Exception as error:  # noqa: BLE001 (of the line, of the viewer: told, and tried again)
                tries += 1
                self._lost(problem_of(error), "failed" if tries > 3 else "reconnecting")
                await self._pause(_BACKOFF_S[min(tries, len(_BACKOFF_S) - 1)])
                continue
            tries = 0
            self._set("up")
            await self._attend()
        self._lost(self.line.problem)
        await self.tunnel.close()
        self._finish("stopped", self.line.problem)

    async def _return(self) -> None:
        """To the viewer that was there before, if it still lives; else to a new one."""
        if self._hold is not None:
            return
        if self.viewer is not None:
            reason = await self._take_hold()
            if reason is None:
                self.viewer.process = None  # what started it belongs to a line that is no more
                self._note("viewer-returned", pid=self.viewer.pid)
                self._join()
                return
            self._note("viewer-replaced", reason=reason)
            await _try(lambda: end(self.line, self.viewer))  # type: ignore[arg-type]
        await self._start()

    async def _take_hold(self) -> str | None:
        """Why the viewer there cannot be held any more; None = it is.

        :raises ConnectionError: it is the line that is down, which says nothing about the viewer.
        """
        assert self.viewer is not None
        reason = ""
        for _ in range(_TRIES):
            try:
                self._hold = await Hold.take(self.line, self.viewer)
                return None
            except Exception as error:  # noqa: BLE001 (of the line, of the viewer)
                reason = str(error) or type(error).__name__
            await asyncio.sleep(_TRY_S)  # a line that has just broken is known to be a moment later
            if not self.line.is_up:
                raise ConnectionError(self.line.trouble)
        return reason

    async def _start(self) -> None:
        self._wanted = evolve(self._wanted, token=secrets.token_urlsafe(32))
        self.viewer = await launch(self.line, self._wanted)
        self.tunnel.token = self._wanted.token
        try:
            self._hold = await Hold.take(self.line, self.viewer)
        except ForwardingForbidden:
            await _try(lambda: end(self.line, self.viewer))  # type: ignore[arg-type]
            # OpenSSH leads to no socket in the file system either where it forwards no ports
            detail = (
                f"the SSH server of {self.line.host} forwards no ports (AllowTcpForwarding, PermitOpen), so that no "
                "viewer there can be reached; its runs can be read with --root ssh://host/path, or copied with: "
                "runicorn remote mirror"
            )
            raise Problem(409, "forwarding-forbidden", detail, host=self.line.host) from None
        self._note("viewer-runs", version=self.viewer.version, pid=self.viewer.pid)
        self._join()

    def _join(self) -> None:
        viewer, line = self.viewer, self.line
        assert viewer is not None
        self.tunnel.join(lambda: viewer.open_stream(line), line)

    async def _attend(self) -> None:
        """Until the line breaks or the viewer goes."""
        hold = self._hold
        assert hold is not None
        over = asyncio.ensure_future(hold.over())
        missing = 0
        try:
            while self.line.is_up and missing < _PATIENCE:
                changed = asyncio.ensure_future(self._changed.wait())
                try:
                    await asyncio.wait({over, changed}, timeout=HEALTH_S, return_when=asyncio.FIRST_COMPLETED)
                finally:
                    changed.cancel()
                self._changed.clear()
                if over.done():
                    break
                if not self.line.is_up:
                    break
                try:
                    await self._check()
                except Exception as error:  # noqa: BLE001 (see above)
                    missing += 1
                    reason = str(error) or "nothing comes back"
                    said = f"the viewer there does not answer: {reason}"
                    self._set("degraded", Problem(502, "viewer-late", said, reason=reason))
                else:
                    missing = 0
                    self._set("up")
        finally:
            over.cancel()
            self._let_go()
        if self.line.is_up:
            ended = Problem(502, "viewer-gone", "the viewer there has ended")
            silent = Problem(502, "viewer-deaf", "the viewer there does not answer any more")
            self._lost(ended if over.done() else silent)

    async def _check(self) -> None:
        """Is it well? And how far away is it?

        :raises OSError: it is not; also TimeoutError and the line's own errors.
        """
        viewer = self.viewer
        assert viewer is not None
        began = time.monotonic()
        async with asyncio.timeout(HEALTH_S):
            _, writer = await viewer.open_stream(self.line)
        self.tunnel.way_s = self._way_s = min(self._way_s, time.monotonic() - began)
        writer.close()
        status, _ = await ask(self.line, viewer, "GET", "/api/health")
        if status != 200:
            raise ConnectionError(f"it answers {status}")
        self.tunnel.compresses = self._compression == "on" or (self._compression == "auto" and self._way_s > SLOW_S)

    async def _first_check(self) -> None:
        """A viewer of many runs on a slow disk reads them before it says how it is.

        :raises Problem: it does not say so within a minute.
        :raises OSError: as :meth:`_check`.
        """
        late = asyncio.get_running_loop().time() + READY_S
        while True:
            try:
                return await self._check()
            except TimeoutError:
                if not self.line.is_up:
                    raise ConnectionError(self.line.trouble) from None
                if asyncio.get_running_loop().time() > late:
                    detail = f"the viewer on {self.line.host} said nothing for {READY_S:g} s"
                    raise Problem(504, "viewer-silent", detail, host=self.line.host) from None

    def _lost(self, problem: Problem, state: State = "reconnecting") -> None:
        self._let_go()
        self.tunnel.part(problem.detail)
        self._set("needs-authentication" if self.line.needs_authentication else state, problem)

    def _let_go(self) -> None:
        if self._hold is not None:
            self._hold.let_go()
            self._hold = None

    async def _pause(self, seconds: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._changed.wait()

    def _set(self, state: State, problem: Problem | None = None) -> None:
        error = "" if problem is None else problem.detail
        before, self.problem = (self.state, self.error), problem
        if (state, error) == before:
            return
        self.state, self.error = state, error
        if problem is None:
            self._note("state", state=state)
        else:
            self._note("state-because", state=state, reason=error, problem=described(problem))

    def _note(self, event: str, **values: Any) -> None:
        self.progress.note(event, **values)
        log.info("%s on %s: %s", self.id, self.line.host, self.progress.log[-1].text)


async def _try(work: Callable[[], Awaitable[object]], seconds: float = 20) -> object:
    try:
        async with asyncio.timeout(seconds):
            return await work()
    except Exception as error:  # noqa: BLE001 (an end must come to its end)
        log.info("while ending: %s", error)
        return None
