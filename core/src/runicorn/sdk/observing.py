"""The threads on which plugins watch a run: one that reads what was logged, and one for each plugin."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from functools import partial
from time import monotonic
from typing import TYPE_CHECKING, NamedTuple

from ..loader import Once, manager
from ..serialize import loads

if TYPE_CHECKING:
    from ..contracts.batch import Batch
    from ..hooks import Observer
    from ..model.alert import Alert
    from ..model.artifact import ArtifactLink
    from .echo import Echo
    from .trouble import Troubles

BATCH_S = 0.1
_START_AFTER_S = 0.02  # init() has the interpreter for itself until it returns
_REST = 10  # times as long as an observer worked, while more is waiting: the training has the interpreter mostly
_QUEUE = 32  # batches that wait for one observer
_PATIENCE_S = 1.0  # in one call; then what waits for the others is handed out, and this one misses the oldest
_LOOK_S = 0.05


class Observing:
    """Hands what was logged to the observers.

    Each has a thread of its own, so that one that is slow or hangs costs no other anything. It misses the oldest
    batches, and they are counted.
    """

    def __init__(self, watch: Callable[[], Sequence[Observer]], echo: Echo, troubles: Troubles) -> None:
        """
        :param watch: makes the observers; called on a thread of this.
        :raises RuntimeError: the system has no more threads, or the interpreter is ending.
        """
        self._watch, self._echo, self._troubles = watch, echo, troubles
        self._stop, self._over = Once(), Once()
        self._moved = threading.Event()  # an observer has got on
        self._lanes: list[_Lane] = []
        self._watching: list[_Lane] = []
        self._commits: deque[_Call] = deque()  # since the last round
        self._status = "finished"
        self._thread = threading.Thread(target=self._run, name="runicorn-observers", daemon=True)
        self._thread.start()

    @property
    def dropped(self) -> int:
        """Calls of ``log()`` that the slowest observer has not seen."""
        return self._echo.dropped + max((lane.dropped for lane in self._watching), default=0)

    def committed(self, artifact: ArtifactLink) -> None:
        """A version of an artifact is stored: the observers are told in the next round. Any thread."""
        self._commits.append(_Call("artifact_committed", lambda observer: observer.committed(artifact)))

    def stop(self, status: str, deadline: float) -> bool:
        """Hand out what is left and tell the observers of the end; False when that did not end in time.

        Observers that hang are left behind, and named in the run's status.

        :param deadline: on ``time.monotonic()``'s clock.
        """
        self._status = status
        self._stop.set()
        if threading.current_thread() not in (self._thread, *(lane.thread for lane in self._lanes)):
            self._over.wait(deadline - monotonic())
        return self._over.is_set()

    def _run(self) -> None:
        try:
            self._observe()
        finally:
            self._over.set()

    def _observe(self) -> None:
        self._stop.wait(_START_AFTER_S)
        self._try(self._begin)
        while not self._stop.wait(BATCH_S):
            self._try(self._begin)
            self._try(self._hand_out)
            self._try(self._tell_commits)
            self._try(self._look)
        self._try(self._begin)
        for lane in self._lanes:
            lane.hurry.set()
        self._hand_out_all()
        self._try(self._tell_commits)
        self._at_all("the end of its monitors", lambda observer: observer.ending())
        self._hand_out_all()  # alerts of monitors, raised at the end
        self._at_all("run_finished", lambda observer: observer.finished(self._status))
        for lane in self._lanes:
            lane.put(None)
        self._echo.close()

    def _begin(self) -> None:
        if self._lanes:
            return
        from ..contracts import batch  # noqa: F401 (before anything is read: an import may fail for want of descriptors)
        from . import alerts  # noqa: F401

        self._lanes = [_Lane(observer, self._moved) for observer in self._watch()]
        self._watching = [lane for lane in self._lanes if lane.observer.watching]
        for lane in self._lanes:
            self._try(lane.start)

    def _try(self, step: Callable[[], object]) -> None:
        """Nothing ends this thread: without free descriptors, say, it goes on when there are some again."""
        try:
            step()
        except Exception as error:  # noqa: BLE001 (the next round has its own chance)
            self._troubles.report("runicorn", "observers", error)

    # --- Values and alerts

    def _hand_out(self) -> None:
        """As much as there is room for: the rest waits where it was written. Who stands still is not waited for."""
        while True:
            moving = [lane for lane in self._watching if not lane.stands_still]
            if not moving or not all(lane.room for lane in moving) or not self._next():
                return

    def _hand_out_all(self) -> None:
        def rest() -> None:
            while self._next():
                self._await(lambda lane: lane.room > 0)

        if self._watching:
            self._try(rest)

    def _next(self) -> bool:
        lines = self._echo.read()
        if not lines:
            return False
        from ..contracts.batch import Batch

        if b'"type":"alert"' not in lines:
            self._put(Batch(lines))
            return True
        from .alerts import alert_of

        before: list[bytes] = []
        for line in lines.splitlines(keepends=True):
            record = loads(line) if b'"type":"alert"' in line else {}
            if record.get("type") != "alert":  # else a text of the user's looks like one
                before.append(line)
                continue
            self._put(Batch(b"".join(before)))
            before = []
            for lane in self._watching:
                lane.put(_Call("alert_raised", partial(_alert, alert_of(record))))
        self._put(Batch(b"".join(before)))
        return True

    def _tell_commits(self) -> None:
        while self._commits:
            call = self._commits.popleft()
            for lane in self._lanes:
                lane.put(call)

    def _put(self, batch: Batch) -> None:
        if batch.calls:
            for lane in self._watching:
                lane.put(batch)

    # --- Hanging ones

    def _look(self) -> None:
        for lane in self._lanes:
            late = lane.late(manager().rules.hook_limit_s)
            if late is not None:
                manager().record_error(lane.observer.plugin, lane.doing, late, told=True)
                self._troubles.report(lane.observer.plugin, f"{lane.doing} hangs", late)

    def _at_all(self, what: str, work: Callable[[Observer], None]) -> None:
        for lane in self._lanes:
            lane.put(_Call(what, work))
        self._await(lambda lane: lane.idle)

    def _await(self, ready: Callable[[_Lane], bool]) -> None:
        """Wait until each observer is ready, or hangs."""
        while not all(lane.hangs or ready(lane) for lane in self._lanes):
            self._moved.clear()
            if not all(lane.hangs or ready(lane) for lane in self._lanes):
                self._moved.wait(_LOOK_S)
            self._try(self._look)


def _alert(alert: Alert, observer: Observer) -> None:
    observer.alert(alert)


class _Call(NamedTuple):
    what: str
    work: Callable[[Observer], None]


class _Lane:
    """One observer, its thread, and what waits for it."""

    def __init__(self, observer: Observer, moved: threading.Event) -> None:
        self.observer, self._moved = observer, moved
        self.thread: threading.Thread | None = None
        self.hurry = threading.Event()  # the run ends
        self.dropped = 0
        self.hangs = False
        self.doing = "run_started"
        self._waiting: deque[Batch | _Call | None] = deque()  # None: the end
        self._changed = threading.Condition()
        self._since: float | None = None  # when the call that is going on began

    def start(self) -> None:
        self._since = monotonic()
        name = f"runicorn-observer-{self.observer.plugin}"[:60]
        try:
            self.thread = threading.Thread(target=self._run, name=name, daemon=True)
            self.thread.start()
        except RuntimeError:  # the system has no more threads
            self.hangs = True
            raise

    @property
    def room(self) -> int:
        return max(0, _QUEUE - len(self._waiting))

    @property
    def stands_still(self) -> bool:
        since = self._since
        return self.hangs or (since is not None and monotonic() - since > _PATIENCE_S)

    @property
    def idle(self) -> bool:
        with self._changed:
            return not self._waiting and self._since is None

    def put(self, item: Batch | _Call | None) -> None:
        """To be done after what waits. Of too many batches the oldest goes."""
        with self._changed:
            if len(self._waiting) >= _QUEUE:
                for place, waits in enumerate(self._waiting):
                    if waits is not None and not isinstance(waits, _Call):
                        self.dropped += waits.calls
                        del self._waiting[place]
                        break
            self._waiting.append(item)
            self._changed.notify()

    def late(self, limit_s: float) -> Exception | None:
        """What to say, once, of a call that does not return."""
        since = self._since
        if since is None or monotonic() - since <= limit_s or self.hangs:
            return None
        self.hangs = True
        return TimeoutError(f"has not returned for {limit_s:g} s")

    def _run(self) -> None:
        self.observer.started()
        while True:
            began = self._since or monotonic()
            with self._changed:
                self._since, self.hangs = None, False
                self._moved.set()
                rest = (monotonic() - began) * _REST if self._waiting else 0.0
            if rest:
                self.hurry.wait(rest)
            with self._changed:
                while not self._waiting:
                    self._changed.wait()
                self._since = monotonic()
                item = self._waiting.popleft()
                self.doing = item.what if isinstance(item, _Call) else "values_logged"
            if item is None:
                return
            if isinstance(item, _Call):
                item.work(self.observer)
            else:
                self.observer.values(item)
