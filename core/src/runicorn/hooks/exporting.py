"""What is exported and how far it is, as exporters and those who wait for them see it."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, BinaryIO, TypeAlias, TypeVar, overload

import attrs

if TYPE_CHECKING:
    from ..contracts import ExportReader, RunReader, Store
    from ..model.metric import BucketTable, RecordTable
    from ..model.run import RunRef

Item = TypeVar("Item")
_BLOCK = 8  # runs that are read at once


@attrs.frozen
class ExportProgress:
    """How far an export is."""

    run: int  # which one is being read, from 1; 0 = none yet
    runs: int
    bytes: int  # written so far
    values: int  # read so far; those that are read again count again

    @property
    def done(self) -> int:
        """Runs that are certainly through."""
        return max(0, self.run - 1)


Told: TypeAlias = Callable[[ExportProgress], object]


def _each_once(refs: Iterable[RunRef]) -> Sequence[RunRef]:
    return list(dict.fromkeys(refs))


@attrs.frozen
class Selection:
    """Runs of one store, as exporters read them (:class:`runicorn.contracts.ExportReader`): each once."""

    store: Store
    refs: Sequence[RunRef] = attrs.field(converter=_each_once)
    runs: Sequence[RunReader] = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        object.__setattr__(self, "runs", [self.store.open_run(ref) for ref in self.refs])

    def metrics(self, keys: Sequence[str] | None = None) -> Sequence[RecordTable]:
        return _Tables(self.store, self.refs, keys)

    def pieces(self, keys: Sequence[str] | None = None) -> Sequence[Iterable[RecordTable]]:
        return [_Pieces(self.store, ref, run, keys) for ref, run in zip(self.refs, self.runs, strict=True)]

    def curves(self, keys: Sequence[str] | None = None, buckets: int = 1000) -> Sequence[BucketTable]:
        return _Curves(self.store, self.refs, keys, buckets)


@attrs.frozen
class _Pieces:
    """The records of one run, read each time that somebody goes through them."""

    store: Store
    ref: RunRef
    run: RunReader
    keys: Sequence[str] | None

    def __iter__(self) -> Iterator[RecordTable]:
        from ..contracts.storage import PieceReader

        if isinstance(self.run, PieceReader):
            return self.run.pieces(self.keys)
        return iter(self.store.read_metrics([self.ref], self.keys))


@attrs.frozen
class _Curves(Sequence["BucketTable"]):
    """Reads the run that is looked at."""

    store: Store
    refs: Sequence[RunRef]
    keys: Sequence[str] | None
    buckets: int

    def __len__(self) -> int:
        return len(self.refs)

    @overload
    def __getitem__(self, at: int) -> BucketTable: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[BucketTable]: ...
    def __getitem__(self, at: int | slice) -> BucketTable | Sequence[BucketTable]:
        if isinstance(at, slice):
            return attrs.evolve(self, refs=self.refs[at])
        return self.store.read_buckets([self.refs[at]], self.keys, buckets=self.buckets)


class _Tables(Sequence["RecordTable"]):
    """Reads a few runs at a time, so that many of them need no more memory than a few."""

    def __init__(self, store: Store, refs: Sequence[RunRef], keys: Sequence[str] | None) -> None:
        self._store, self._refs, self._keys = store, refs, keys
        self._begin = 0
        self._block: list[RecordTable] = []

    def __len__(self) -> int:
        return len(self._refs)

    @overload
    def __getitem__(self, at: int) -> RecordTable: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[RecordTable]: ...
    def __getitem__(self, at: int | slice) -> RecordTable | Sequence[RecordTable]:
        if isinstance(at, slice):
            return _Tables(self._store, self._refs[at], self._keys)
        if not -len(self) <= at < len(self):
            raise IndexError(at)
        at %= len(self)
        if not self._begin <= at < self._begin + len(self._block):
            self._begin = at - at % _BLOCK
            self._block.clear()
            self._block += self._store.read_metrics(self._refs[self._begin : self._begin + _BLOCK], self._keys)
        return self._block[at - self._begin]


class Counter:
    """Counts what has been done and tells it."""

    def __init__(self, runs: int, told: Told) -> None:
        self._runs, self._told = runs, told
        self._run = self._bytes = self._values = 0

    def reading(self, number: int) -> None:
        self._run = max(self._run, number)
        self._tell()

    def has_read(self, table: RecordTable) -> None:
        self._values += sum(len(column.values) for column in table.columns.values())
        self._tell()

    def wrote(self, count: int) -> None:
        self._bytes += count
        self._tell()

    def _tell(self) -> None:
        self._told(ExportProgress(self._run, self._runs, self._bytes, self._values))


class WatchedReader:
    """A reader that counts which of the runs is being read."""

    def __init__(self, reader: ExportReader, counter: Counter) -> None:
        self._reader, self._counter = reader, counter

    @property
    def runs(self) -> Sequence[RunReader]:
        return _Watched(self._reader.runs, self._counter)

    def metrics(self, keys: Sequence[str] | None = None) -> Sequence[RecordTable]:
        return _Watched(self._reader.metrics(keys), self._counter)

    def pieces(self, keys: Sequence[str] | None = None) -> Sequence[Iterable[RecordTable]]:
        pieces = [_WatchedPieces(each, self._counter) for each in self._reader.pieces(keys)]
        return _Watched(pieces, self._counter)

    def curves(self, keys: Sequence[str] | None = None, buckets: int = 1000) -> Sequence[BucketTable]:
        return _Watched(self._reader.curves(keys, buckets), self._counter)


@attrs.frozen
class _WatchedPieces:
    """Whoever waits hears of each piece, also where nothing is written for a while."""

    pieces: Iterable[RecordTable]
    counter: Counter

    def __iter__(self) -> Iterator[RecordTable]:
        for table in self.pieces:
            self.counter.has_read(table)
            yield table


class _Watched(Sequence[Item]):
    def __init__(self, items: Sequence[Item], counter: Counter) -> None:
        self._items, self._counter = items, counter

    def __len__(self) -> int:
        return len(self._items)

    @overload
    def __getitem__(self, at: int) -> Item: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[Item]: ...
    def __getitem__(self, at: int | slice) -> Item | Sequence[Item]:
        return self._items[at]

    def __iter__(self) -> Iterator[Item]:
        for number in range(len(self._items)):
            self._counter.reading(number + 1)
            yield self._items[number]


class WatchedOutput(io.RawIOBase):
    """Writes through, and counts. Closing it leaves the output open."""

    def __init__(self, out: BinaryIO, counter: Counter) -> None:
        self._out, self._counter = out, counter

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        view = memoryview(data).cast("B")  # type: ignore[arg-type]  # anything with a buffer
        rest = view
        while rest:
            rest = rest[self._out.write(rest) or 0 :]
        self._counter.wrote(len(view))
        return len(view)

    def flush(self) -> None:
        if not self.closed:
            self._out.flush()
