"""The hot path: one ``log()`` call, one line, one write."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from time import time
from typing import TYPE_CHECKING, Any

from orjson import OPT_APPEND_NEWLINE, dumps

from ..serialize import dumps as dumps_any
from .interrupting import from_signal_handler, release
from .steps import LAST_STEP, usable_step
from .trouble import Troubles
from .values import flatten, key_text, short_repr, to_json

if TYPE_CHECKING:
    from ..contracts.storage import Stream
    from ..types import JSON
    from .best import BestValue
    from .media import MediaQueue
    from .writing import Writing

MAX_LINE = 16 << 20  # bytes; what a RunWriter takes


class Recorder:
    """Takes values from any thread, and from signal handlers.

    When :meth:`log` has returned, its record survives SIGKILL of this process, and so it does for each forked child.
    """

    _writing: Writing
    _media: MediaQueue
    _troubles: Troubles

    def __init__(self) -> None:
        self._lock = threading.RLock()  # reentrant: a signal handler may log
        self._step = 0
        self._best: BestValue | None = None
        self._best_key: str | None = None

    def log(
        self, data: Mapping[Any, Any] | None = None, *, step: Any = None, stage: str | None = None, **metrics: Any
    ) -> None:
        """Record values under one step. Raises nothing but what a signal handler of yours raises meanwhile.

        :param data: key -> number, anything with a scalar ``.item()``, text, small JSON, or a media value such as
            ``rn.Image``. Nested dicts become keys with ``/``. ``step``, ``global_step`` and ``stage`` in it are taken
            as such.
        :param step: an integer sets the step; without one it is the last step + 1, starting with 1. Steps may go
            back, and a step may have several records.
        :param stage: e.g. ``train``; kept with the record.
        :param metrics: more values.
        """
        try:
            values: dict[str, Any] = data if not metrics else {**data, **metrics} if data else metrics  # type: ignore[assignment]
            # One sum tells whether all values are finite plain numbers: every other type makes it another type or
            # raises, NaN and infinities stay. It costs half of looking at each value's type.
            total = sum(values.values())
            if (
                (type(total) is float or type(total) is int)
                and total - total == 0
                and (step is None or type(step) is int)
                and (stage is None or type(stage) is str)
                and not ("step" in values or "global_step" in values or "stage" in values)
                and values
            ):
                lock = self._lock
                try:
                    lock.acquire()  # ``with`` costs 0.08 us more
                    number = self._step + 1 if step is None else step
                    if stage is None:
                        record = {"ts": time(), "type": "metrics", "step": number, "data": values}
                    else:
                        record = {"ts": time(), "type": "metrics", "step": number, "stage": stage, "data": values}
                    line = dumps(record, None, OPT_APPEND_NEWLINE)  # refuses what is below 64 bits
                    if number >= 9223372036854775808:  # 2**63, as a constant
                        raise OverflowError  # noqa: TRY301 (the slow road reports it)
                    self._step = number
                    try:
                        self._writing.events(line)
                    except Exception as error:
                        if from_signal_handler(error):
                            raise
                        self._writing.failed("events", line, error)  # whatever the storage raises: on to the spool
                    if self._best_key in values:
                        best, value = self._best, values[self._best_key]
                        if value < best.low or value > best.high:  # type: ignore[union-attr]
                            best.offer(value, number)  # type: ignore[union-attr]
                except BaseException:
                    release(lock)
                    raise
                lock.release()
                return
        except Exception as error:  # not only plain numbers: the slow road takes everything
            if from_signal_handler(error):
                raise
        self._log_anything(data, metrics, step, stage)

    # --- The slow road

    def _log_anything(self, data: Any, metrics: dict[str, Any], step: Any, stage: Any) -> None:
        try:
            if data is not None and not isinstance(data, Mapping):
                self._complain("data", f"is of type {type(data).__name__}, not a dict")
                data = None
            values = flatten({**(data or {}), **metrics}, self._complain)
            steps = [values.pop("step", None), values.pop("global_step", None)]
            number = self._usable(next((s for s in (step, *steps) if s is not None), None))
            inner = values.pop("stage", None)
            stage = inner if stage is None else stage
            scalars: dict[str, JSON] = {}
            media: list[tuple[str, object]] = []
            for key, value in values.items():
                found = self._media.split(value)
                if found:
                    media += [(key, item) for item in found]
                else:
                    scalars[key] = to_json(key, value, self._complain)
            if not values:
                return
            written = self._record(scalars, number, None if stage is None else key_text(stage))
            for key, value in media:
                self._media.put(key, value, written, {})
        except Exception as error:  # no error of ours reaches the training
            if from_signal_handler(error):
                raise
            self._troubles.report("runicorn", "log()", error)

    def _usable(self, step: Any) -> int | None:
        number = None if step is None else usable_step(step)
        if number is None and step is not None:
            self._troubles.report("runicorn", "step", f"{short_repr(step)[:80]} cannot be a step; counted on instead")
        return number

    def _record(self, scalars: dict[str, JSON], step: int | None, stage: str | None) -> int:
        with self._lock:
            number = self._step + 1 if step is None else step
            if number > LAST_STEP:
                self._troubles.report("runicorn", "step", f"has reached {LAST_STEP}; it stays there")
                number = LAST_STEP
            self._step = number
            if scalars:
                self._keep_record({"ts": time(), "type": "metrics", "step": number}, scalars, stage)
            if self._best is not None and self._best_key in scalars:
                value = scalars[self._best_key]
                if isinstance(value, (int, float)):
                    self._best.offer(value, number)
        return number

    def _keep_record(self, head: dict[str, JSON], scalars: dict[str, JSON], stage: str | None) -> None:
        record = {**head, "data": scalars} if stage is None else {**head, "stage": stage, "data": scalars}
        line = dumps_any(record) + b"\n"
        if len(line) > MAX_LINE and len(scalars) > 1:
            items = list(scalars.items())
            half = len(items) // 2
            for part in (items[:half], items[half:]):
                self._keep_record(head, dict(part), stage)
            return
        self._keep("events", line)

    def _keep(self, stream: Stream, *lines: bytes) -> None:
        """Append lines to a file of the run, or to the spool. Any thread. Never raises."""
        with self._lock:
            for line in lines:
                try:
                    self._writing.append(stream, line)
                except Exception as error:
                    if from_signal_handler(error):
                        raise
                    self._writing.failed(stream, line, error)  # whatever the storage raises: on to the spool

    def _complain(self, key: str, reason: str) -> None:
        self._troubles.report("runicorn", f"value of {key!r}", reason)
