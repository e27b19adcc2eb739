"""What observers and monitors are handed: samples that are decoded when somebody looks at them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, overload

from ..model.sample import Sample
from ..serialize import dumps, loads, number


class Batch(Sequence[Sample]):
    """Some of what was logged, in that order: a sequence of :class:`~runicorn.model.metric.Sample`.

    Making it costs nothing. Its records are parsed once, when the first of its observers looks into it, and a sample
    is made for each value only where it is iterated, measured or indexed; :meth:`select` makes those of some keys
    alone. Reading it from several threads is safe.
    """

    __slots__ = ("_lines", "_records", "_samples")

    def __init__(self, lines: bytes) -> None:
        """
        :param lines: whole lines of an event file; those that hold no values are passed over.
        """
        self._lines = lines
        self._records: list[dict[str, Any]] | None = None
        self._samples: list[Sample] | None = None

    @classmethod
    def of(cls, samples: Iterable[Sample]) -> Batch:
        """A batch of given samples, for tests of what takes one."""
        return cls(b"".join(map(_line, samples)))

    @property
    def finite(self) -> bool:
        """True: no NaN and no infinity was logged in it. False: perhaps one was. Known without parsing."""
        lines = self._lines  # one letter alone is found much quicker, and nearly always missing
        return (b"N" not in lines or b'"NaN"' not in lines) and (b"I" not in lines or b'Infinity"' not in lines)

    @property
    def calls(self) -> int:
        """How many calls of ``log()`` it holds, at most. Known without parsing."""
        return self._lines.count(b"\n")

    def select(self, wanted: Callable[[str], bool], words: Sequence[str] = ()) -> Iterator[Sample]:
        """The samples of some keys, in order.

        :param wanted: asked once for each key of the batch.
        :param words: of small ASCII letters, one of which every wanted key holds, in large or small letters. A batch
            without any of them is not parsed, if it is plain ASCII.
        """
        if self._records is None:
            if words and not self._mentions(words):
                return iter(())
            self._records = list(_records(self._lines.splitlines()))
        return _samples(self._records, wanted)

    def _mentions(self, words: Sequence[str]) -> bool:
        if not self._lines.isascii() or b"\\" in self._lines:  # a few other signs are letters where case is ignored
            return True
        lines = self._lines.lower()
        return any(word.encode() in lines for word in words)

    def __iter__(self) -> Iterator[Sample]:
        return iter(self._all())

    def __len__(self) -> int:
        return len(self._all())

    def __bool__(self) -> bool:
        """Whether there is a sample; only as much is parsed as that takes."""
        return bool(self._samples) or any(True for _ in _samples(_records(_forwards(self._lines)), _all))

    def last(self) -> Sample | None:
        """The last sample; only as much is parsed as that takes."""
        for record in _records(_backwards(self._lines)):
            for key in reversed(record["data"]):
                figure = number(record["data"][key])
                if figure is not None:
                    return Sample(key, figure, record["step"], record["ts"], record.get("stage"))
        return None

    @overload
    def __getitem__(self, index: int) -> Sample: ...
    @overload
    def __getitem__(self, index: slice) -> list[Sample]: ...
    def __getitem__(self, index: int | slice) -> Sample | list[Sample]:
        return self._all()[index]

    def _all(self) -> list[Sample]:
        if self._samples is None:
            self._samples = list(self.select(_all))
        return self._samples


def _all(_: str) -> bool:
    return True


def _forwards(lines: bytes) -> Iterator[bytes]:
    begin = 0
    while (end := lines.find(b"\n", begin)) >= 0:
        yield lines[begin:end]
        begin = end + 1


def _backwards(lines: bytes) -> Iterator[bytes]:
    end = len(lines) - 1  # where the last newline stands
    while end > 0:
        begin = lines.rfind(b"\n", 0, end)
        yield lines[begin + 1 : end]
        end = begin


def _records(lines: Iterable[bytes]) -> Iterator[dict[str, Any]]:
    return (record for record in map(loads, lines) if record["type"] == "metrics")


def _samples(records: Iterable[dict[str, Any]], wanted: Callable[[str], bool]) -> Iterator[Sample]:
    known: dict[str, bool] = {}
    shapes: dict[tuple[str, ...], list[str]] = {}  # the keys of a record -> those of them that are wanted
    for record in records:
        data = record["data"]
        shape = tuple(data)
        keys = shapes.get(shape)
        if keys is None:
            for key in shape:
                if key not in known:
                    known[key] = wanted(key)
            keys = shapes[shape] = [key for key in shape if known[key]]
        if not keys:
            continue
        step, ts, stage = record["step"], record["ts"], record.get("stage")
        for key in keys:
            value = data[key]
            figure = value if type(value) is float else number(value)
            if figure is not None:
                yield Sample(key, figure, step, ts, stage)


def _line(sample: Sample) -> bytes:
    head = {"ts": sample.ts, "type": "metrics", "step": sample.step}
    stage = {} if sample.stage is None else {"stage": sample.stage}
    return dumps({**head, **stage, "data": {sample.key: sample.value}}) + b"\n"
