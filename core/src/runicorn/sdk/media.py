"""Media values: copied on the training thread, encoded on a thread of their own."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Mapping
from time import monotonic, time
from typing import TYPE_CHECKING, Any, NamedTuple

from .. import hooks
from ..serialize import dumps
from .interrupting import from_signal_handler
from .values import plain_json

if TYPE_CHECKING:
    from ..contracts import MediaType
    from ..types import JSON
    from .recorder import Recorder
    from .writing import Writing

WAITING = 64  # values that may wait for the encoder before log() waits for it ...
WAITING_BYTES = 512 << 20  # ... and bytes, as far as snapshots say how many they have
PATIENCE_S = 10.0  # how long log() waits for room; then the value is dropped and counted
_SCALARS = frozenset((float, int, bool, str, type(None), dict))


class _Value(NamedTuple):
    plugin: str
    kind: MediaType
    key: str
    snapshot: object
    size: int
    step: int
    ts: float
    fields: Mapping[str, Any]


class _Sink:
    """Where encoders put files: the run, or its spool."""

    def __init__(self, writing: Writing) -> None:
        self._writing = writing

    def put(self, data: bytes, suffix: str) -> str:
        return self._writing.put_media(data, suffix)

    def put_shared(self, data: bytes, suffix: str) -> str:
        path = self._writing.put_media(data, suffix)
        self._writing.share_media(path)
        return path


class MediaQueue:
    """What waits to be encoded. ``put`` from any thread; one encoder thread, started with the first value."""

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder
        self.forked()

    def forked(self, begin: Callable[[], None] = lambda: None) -> None:
        """Begin empty in a forked child; what the parent queued is the parent's.

        :param begin: called before the first value: the child's part of the run begins with it, and waits for it at the
            end.
        """
        self._begin: Callable[[], None] | None = begin
        # Reentrant, so that a signal handler may log or finish while this thread is inside.
        self._changed = threading.Condition(threading.RLock())
        self._waiting: deque[_Value] = deque()
        self._bytes = 0
        self._unfinished: list[str] = []  # keys of what waits or is being encoded
        self._thread: threading.Thread | None = None

    def split(self, value: object) -> list[object]:
        """The media values in a value: itself, the items of a list of them, or none."""
        if type(value) in _SCALARS:
            return []
        if isinstance(value, (list, tuple)):
            return list(value) if value and all(self._kind(item) for item in value) else []
        return [value] if self._kind(value) else []

    def _kind(self, value: object) -> tuple[str, MediaType] | None:
        if type(value) in _SCALARS:
            return None
        try:
            return hooks.media_type_for(value)
        except Exception as error:  # two plugins in conflict, or a broken one: kept as text
            if from_signal_handler(error):
                raise
            self._recorder._troubles.report("runicorn", "finding a media type", error)
            return None

    def put(self, key: str, value: object, step: int, fields: Mapping[str, Any]) -> None:
        """Take a copy and queue it; when the encoder is far behind, wait for it. Never raises."""
        report = self._recorder._troubles.report
        found = self._kind(value)
        if found is None:
            report("runicorn", f"media {key!r}", f"no active plugin knows {type(value).__name__}")
            return
        plugin, kind = found
        begin, self._begin = self._begin, None
        try:
            if begin is not None:
                begin()
            snapshot = kind.snapshot(value)
            item = _Value(plugin, kind, key, snapshot, _size(snapshot), step, time(), fields)
        except Exception as error:  # a plugin may raise anything
            if from_signal_handler(error):
                raise
            report(plugin, f"taking {key!r}", error)
            return
        with self._changed:
            if self._full(item):
                report("runicorn", "media", "encoding is slower than logging; log() waited for it")
                until = monotonic() + PATIENCE_S
                while self._full(item) and monotonic() < until:
                    self._changed.wait(until - monotonic())
                if self._full(item):
                    report("runicorn", "media dropped", f"no room within {PATIENCE_S:g} s")
                    return
            self._unfinished.append(key)
            self._bytes += item.size
            if self._started():
                self._waiting.append(item)
                self._changed.notify_all()
                return
        self._finish_one(item)  # the interpreter is ending and starts no thread any more

    def _full(self, item: _Value) -> bool:
        """Whether an item has to wait. One that is larger than everything that may wait comes alone."""
        count = len(self._waiting)
        return count >= WAITING or (bool(self._unfinished) and self._bytes + item.size > WAITING_BYTES)

    def _started(self) -> bool:
        if self._thread is None:
            thread = threading.Thread(target=self._encode_all, name="runicorn-media", daemon=True)
            try:
                thread.start()
            except RuntimeError:
                return False
            self._thread = thread
        return True

    def drain(self, deadline: float) -> list[str]:
        """Wait until everything is encoded; returns the keys of the values that are not when the time is over."""
        with self._changed:
            while self._unfinished and monotonic() < deadline:
                self._changed.wait(deadline - monotonic())
            return list(self._unfinished)

    def _encode_all(self) -> None:
        changed, waiting = self._changed, self._waiting
        while True:
            with changed:
                while not waiting:
                    changed.wait()
                item = waiting.popleft()
                changed.notify_all()
            self._finish_one(item)
            del item  # a large one is not kept until the next comes

    def _finish_one(self, item: _Value) -> None:
        try:
            self._encode(item)
        except Exception as error:  # noqa: BLE001 (a plugin may raise anything)
            self._recorder._troubles.report(item.plugin, f"encoding {item.key!r}", error)
        with self._changed:
            self._unfinished.remove(item.key)
            self._bytes -= item.size
            self._changed.notify_all()

    def _encode(self, item: _Value) -> None:
        encoded = item.kind.encode(item.snapshot, _Sink(self._recorder._writing))
        data: dict[str, JSON] = {"key": item.key, "kind": item.kind.name, **encoded, **plain_json(dict(item.fields))}
        line = dumps({"ts": item.ts, "type": "media", "step": item.step, "data": data}) + b"\n"
        self._recorder._keep("events", line)


def _size(snapshot: object) -> int:
    """The bytes that a snapshot says it has."""
    size = getattr(snapshot, "nbytes", 0)
    return size if isinstance(size, int) and size > 0 else 0
