"""Records of some runs on their way into the tables, as numpy columns."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from .figures import figures

if TYPE_CHECKING:
    from runicorn.model.increment import RecordBlock

Array: TypeAlias = "np.ndarray[Any, np.dtype[Any]]"
#: Places the line of a record below the place of its file: (file, line) as one number.
_FILE_SHIFT = 40


class Batch:
    """Points by segments: one segment is one key of one block of one run, in the order of its lines."""

    def __init__(self, key_ids: Callable[[Sequence[str]], Sequence[int]]) -> None:
        """:param key_ids: the numbers of keys, made where they are new."""
        self._key_ids = key_ids
        self._parts: list[dict[str, Array]] = []
        self._runs: list[int] = []
        self._keys: list[int] = []
        self._sizes: list[int] = []
        self._stages: list[Array | None] = []  # of each part: places in ``_names`` counted from 1, 0 for none
        self._names: dict[str, int] = {}
        self.media: list[tuple[object, ...]] = []
        self.alerts: list[tuple[object, ...]] = []
        self.points = 0

    def mark(self) -> tuple[int, ...]:
        """What is in it now, for :meth:`cut`."""
        return len(self._parts), len(self._runs), len(self.media), len(self.alerts), self.points

    def cut(self, mark: tuple[int, ...]) -> None:
        """Take out what came after a mark."""
        parts, segments, media, alerts, self.points = mark
        del self._parts[parts:], self._stages[parts:]
        del self._runs[segments:], self._keys[segments:], self._sizes[segments:]
        del self.media[media:], self.alerts[alerts:]

    def add(self, run: int, block: RecordBlock) -> None:
        self._add_events(run, block.events)
        if not block.columns:
            return
        step, ts = np.frombuffer(block.step, np.int64), np.frombuffer(block.ts, np.float64)
        everywhere = np.arange(len(step))
        columns = list(block.columns.values())
        sizes = [len(column.values) for column in columns]
        values = np.frombuffer(b"".join([column.values for column in columns]), np.float64)  # type: ignore[misc]  # buffers
        rows = np.frombuffer(
            b"".join(
                [everywhere[:size] if c.rows is None else c.rows for c, size in zip(columns, sizes, strict=True)]  # type: ignore[misc]
            ),
            np.int64,
        )
        rec = (block.file << _FILE_SHIFT) + block.line + rows
        self._parts.append({"rec": rec, "step": step[rows], "ts": ts[rows], "value": values})
        self._runs += [run] * len(sizes)
        self._keys += self._key_ids(list(block.columns))
        self._sizes += sizes
        self.points += len(values)
        self._stages.append(self._staged(block.stage, len(step))[rows] if len(block.stage) else None)

    def _staged(self, stages: Sequence[str | None], size: int) -> Array:
        names = self._names
        found = np.zeros(size, np.int32)
        found[: len(stages)] = [0 if stage is None else names.setdefault(stage, len(names) + 1) for stage in stages]
        return found

    def _add_events(self, run: int, events: Sequence[Mapping[str, Any]]) -> None:
        for event in events:
            data = event.get("data")
            if not isinstance(data, Mapping):
                continue
            ts, step = _number(event.get("ts")), _integer(event.get("step"))
            if event.get("type") == "alert":
                level, title, text = (_text(data.get(name)) for name in ("level", "title", "text"))
                self.alerts.append((run, ts, step, level, title, text))
            elif isinstance(data.get("path"), str):
                key, kind = _text(data.get("key")), _text(data.get("kind") or event.get("type"))
                self.media.append((run, key, step, ts, kind, data["path"], _text(data.get("caption"))))

    def columns(self) -> tuple[dict[str, Array], dict[str, Array], list[str]]:
        """The points, the figures of each segment, and the stages that points name by their place, from 1 on.

        Where there are none, points have no column ``stage``.
        """
        sizes = np.array(self._sizes, np.int64)
        starts = np.concatenate([np.zeros(1, np.int64), np.cumsum(sizes)[:-1]])
        whole = {name: np.concatenate([part[name] for part in self._parts]) for name in self._parts[0]}
        runs, keys = np.array(self._runs, np.int32), np.array(self._keys, np.int32)
        fresh = {"run": runs, "key": keys, **figures(whole, starts, sizes)}
        points = {"run": np.repeat(runs, sizes), "key": np.repeat(keys, sizes), **whole}
        if self._names:
            points["stage"] = np.concatenate(
                [
                    np.zeros(len(part["value"]), np.int32) if stage is None else stage
                    for stage, part in zip(self._stages, self._parts, strict=True)
                ]
            )
        return points, fresh, [name.encode("utf-8", "replace").decode() for name in self._names]


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, (int, float)) and abs(value) < 1e300 else None


def _integer(value: object) -> int | None:
    return value if isinstance(value, int) and abs(value) < 2**63 else None
