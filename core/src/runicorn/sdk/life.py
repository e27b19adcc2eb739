"""The life of a run in this process: its threads, its status, its end, its children."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from time import monotonic, sleep, time
from typing import TYPE_CHECKING, NamedTuple

from .. import hooks
from ..loader import Once, manager
from . import active
from .background import Keeper
from .heartbeat import Heartbeat
from .interrupting import let_go
from .sampling import Sampling
from .writing import spool_hint

if TYPE_CHECKING:
    from ..config import Config
    from ..contracts.storage import RunSession, Store
    from ..model.artifact import ArtifactLink
    from ..model.run import RunMeta
    from ..types import JSON
    from .observing import Observing
    from .run import Run
    from .spool_session import SpoolSession

_COLLECT_AFTER_S = 0.02  # the training gets its first moments for itself
_LEAST_S = 0.5  # left for observers, and for the last documents, when everything before took too long


class Beginning(NamedTuple):
    """How a run begins in this process; made by ``init()``."""

    meta: RunMeta
    session: RunSession
    store: Store | None  # None: recording goes to a spool for good
    root: Path
    owner: bool  # this process created or resumed the run, and writes its status
    capture_env: bool
    capture_system: bool = False
    spooling: SpoolSession | None = None  # the session, where the storage cannot be written
    step: int = 0
    crashed: bool = False  # before it was resumed
    power: bool = False
    finish_timeout: float = 30.0
    viewer_url: str = ""


class Life:
    """What happens around the recording. One per run; a forked child goes on with its copy."""

    def __init__(self, run: Run, beginning: Beginning) -> None:
        self._run = run
        self._owner, self._capture_env = beginning.owner, beginning.capture_env
        self._capture_system = beginning.capture_system
        self._heartbeat = Heartbeat()
        self._keeper = Keeper(run._writing, run._documents, self._beat, self._take_over, self._late)
        self._observing: Observing | None = None
        self._collected: Once | None = None  # None: nothing is collected
        self._sampling: Sampling | None = None
        self._captures: hooks.RunCaptures | None = None
        self._end_lock = threading.RLock()  # not the run's: a thread may hang in the storage with that one
        self._ender: int | None = None  # the thread that ends the run
        self._ended = False
        self._started_at, self._ended_at = time(), 0.0
        self._exit: dict[str, JSON] | None = None
        self.status = "running"
        self.failure: str | None = None
        self.environment: dict[str, JSON] = {}

    # --- The beginning

    def begin(self) -> None:
        """Write heartbeat and documents on the caller's thread; the rest happens in the background."""
        self._keeper.beat()
        if self._owner:
            self._run._documents.touch("status")
        self._run._documents.write()
        self._start_threads()

    def _start_threads(self) -> None:
        try:
            self._keeper.start()
            if hooks.observed():
                from .echo import Echo
                from .observing import Observing

                run, echo = self._run, Echo()
                self._observing = Observing(partial(hooks.observers, run, run._troubles.report), echo, run._troubles)
                run._writing.echo = echo
            if self._capture_system and hooks.RunSamplers.wanted():
                self._sampling = Sampling(self._run)
            if self._capture_env and manager().implementations("collect_environment"):
                collected = Once()
                collect = partial(self._collect, collected)
                threading.Thread(target=collect, name="runicorn-environment", daemon=True).start()
                self._collected = collected
        except RuntimeError as error:  # the system has no more threads, or the interpreter is ending
            self._run._troubles.report("runicorn", "starting a thread", error)

    def _collect(self, collected: Once) -> None:
        try:
            sleep(_COLLECT_AFTER_S)
            found = hooks.collect_environment(self._run, self._run._troubles.report)
            if found:
                self.environment.update(found)
                self._run._documents.touch("environment")
        finally:
            collected.set()

    def capture(self, config: Config) -> None:
        """Let the captures begin: what is printed from here on belongs to the run."""

        def complain(plugin: str, what: str, error: BaseException | str, count: int) -> None:
            self._run._troubles.report(plugin, what, error, count=count)

        self._captures = hooks.RunCaptures(self._run, self._run.log_text, complain)
        if not self._captures.start(config):
            complain("runicorn", "capture_console", "no active plugin captures the console", 1)

    def wake(self) -> None:
        """A document has changed."""
        if self._ended:
            return
        if not self._keeper.started and self._child:
            self._begin_in_child()
        self._keeper.wake()

    def committed(self, artifact: ArtifactLink) -> None:
        """A version of an artifact is stored."""
        if self._observing is not None:
            self._observing.committed(artifact)

    def _beat(self, ended_at: float | None) -> None:
        dropped = 0 if self._observing is None else self._observing.dropped
        self._run._writing.beat(self._heartbeat.record(ended_at, dropped))

    def _take_over(self) -> None:
        """Where this process joined the run and is the last one left, its end is the run's end."""
        if self._owner or self._child or not self._run._writing.abandoned():
            return
        self._owner = True
        self._run._documents.touch("status")

    # --- The status

    def status_document(self, disk: dict[str, JSON]) -> dict[str, JSON]:
        """The status as this process knows it. A process that joined a run only adds its troubles."""
        document = dict(disk)
        if self._owner:
            document["status"] = self.status
            document["started_at"] = disk.get("started_at") or self._started_at
            document["ended_at"] = self._ended_at or None
            document["exit"] = self._exit
        document["trouble"] = _union(disk.get("trouble"), self._run._troubles.entries())
        return document

    # --- The end

    def end(self, status: str, exit: dict[str, JSON] | None, timeout_s: float) -> None:
        """End the run in this process. Any thread, and signal handlers; never raises."""
        deadline = monotonic() + timeout_s
        with self._end_lock:
            # A signal may come while this very thread is in finish(): that one stands still until the handler
            # returns, which it may not do. So the handler's end is the one that counts.
            first = self._ender in (None, threading.get_ident())
            if first:
                self._ender = threading.get_ident()
        if self._ended:
            return
        if not first:
            self._keeper.wait(deadline)
            return
        try:
            self._drain(status, exit, deadline)
        except Exception as error:  # noqa: BLE001 (no error of ours reaches the training)
            self._run._troubles.report("runicorn", "finish()", error)
        finally:
            self._ended = True
            active.forget(self._run)

    def _drain(self, status: str, exit: dict[str, JSON] | None, deadline: float) -> None:
        run, report = self._run, self._run._troubles.report
        if status == "failed" and not self._child:
            self.failure = "the training said so" if exit is None else f"{exit.get('type')}: {exit.get('message')}"
        with let_go(run._lock, _LEAST_S):
            if self._captures is not None:
                self._captures.stop()
            if self._child and not self._keeper.started:
                run._writing.refuse(self._late)
                return  # nothing was recorded here
            self._stop_threads(status, deadline)
        self.status, self._exit, self._ended_at = status, exit, time()
        if self._owner:
            run._documents.touch("status")
        elif status != "finished" and not self._child:
            report("runicorn", "another process of the run", f"ended as {status}: {(exit or {}).get('message', '')}")
        if not self._keeper.stop(max(deadline, monotonic() + _LEAST_S)):
            run._writing.refuse(self._late)
            report("runicorn", "storage at finish()", "did not answer in time; the status may be missing")
        if run._writing.spooled:
            report("runicorn", "finish()", spool_hint())

    def _stop_threads(self, status: str, deadline: float) -> None:
        """All but the keeper, and let them say what they have to say."""
        run, report = self._run, self._run._troubles.report
        if self._sampling is not None:
            self._sampling.stop()
        run._media.drain(deadline)
        if self._collected is not None and not self._collected.wait(deadline - monotonic()):
            report("runicorn", "environment at finish()", "could not be collected in time")
        if self._observing is not None and not self._observing.stop(status, max(deadline, monotonic() + _LEAST_S)):
            report("runicorn", "observers at finish()", "did not end in time")
        if not all(earlier.wait(deadline) for earlier in run._earlier):
            report("runicorn", "the best value at finish()", "what was logged before was not read in time")
        missing = run._media.drain(deadline)  # what observers have logged, too
        if missing:
            keys = ", ".join(map(repr, dict.fromkeys(missing)))
            what = f"{len(missing)} media values could not be encoded in time: {keys}"
            report("runicorn", "media at finish()", what[:500], count=len(missing))

    def _late(self, line: bytes) -> None:
        self._run._troubles.report("runicorn", "recording after finish()", f"{len(line)} bytes are ignored")

    # --- Children

    _child = False

    def forked(self) -> None:
        """This process is a forked child: only what it records itself is its business."""
        run = self._run
        self._child, self._owner, self._capture_env, self._capture_system = True, False, False, False
        self._sampling = None
        self._observing, self._collected = None, None
        self._heartbeat = Heartbeat()
        run._lock, self._end_lock = threading.RLock(), threading.RLock()
        run._troubles.forget()
        run._documents.forked()
        self._keeper.forked()
        run._media.forked(self._begin_in_child)
        if self._ender is None:
            run._writing.forked(run._lock, self._begin_in_child)
        if self._captures is not None:
            self._captures.forked()

    def _begin_in_child(self) -> None:
        from .ending import watch_child
        from .forking import end_with_process

        if not self._keeper.started:
            watch_child()
            self._start_threads()
            self._keeper.beat()
            end_with_process(self)


def _union(there: object, mine: list[dict[str, JSON]]) -> list[JSON]:
    """The troubles of all processes: one entry for each plugin and text."""
    entries: dict[tuple[object, object], JSON] = {}
    for entry in (*(there if isinstance(there, list) else ()), *mine):
        if isinstance(entry, Mapping):
            entries[(entry.get("plugin"), entry.get("what"))] = dict(entry)
    return list(entries.values())
