"""Storage: where runs live, who may write them, what readers get.

The chain is ``StorageBackend`` (a plugin's offer) -> ``Store`` (one root) -> ``RunSession`` (one process writing
one run) -> ``RunWriter`` (one file of it), and on the reading side ``Store`` -> ``RunReader`` / ``RunTail``.
Paths in arguments and results are relative to the root or the run folder and use ``/``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Literal, Protocol, TypeAlias, runtime_checkable

if TYPE_CHECKING:
    from pathlib import Path

    from ..model.metric import BucketTable, MetricRecord, RecordTable, Series
    from ..model.query import FieldInfo, RunPage, RunQuery
    from ..model.run import ExperimentRecord, RunMeta, RunRef
    from ..model.sample import Sample
    from ..model.stream import LogLine, LogPage, MediaRecord
    from ..model.system import SystemSeries
    from ..model.writer import WriterRecord
    from ..types import JSON, JSONObject

#: Files of a run that only ever grow. ``events`` holds records, ``logs`` text lines, ``system`` sampler records.
Stream: TypeAlias = Literal["events", "logs", "system"]
#: JSON documents of a run that are replaced as a whole.
Document: TypeAlias = Literal["meta", "params", "user", "status", "summary", "environment", "artifacts"]


class RunWriter(Protocol):
    """The one writer of one growing file of one run.

    Guarantee: when ``append`` has returned, the line survives SIGKILL of this process. A writer never waits
    for another writer: every process of a run has its own files.

    Where ``append`` extends a file by exactly the line, the writer may have an attribute ``path`` that names it: then
    observers read what was logged from there. Without it each line is copied for them. Where it has ``removed()`` and
    ``lines()``, what stands in a file that somebody has removed is read back from it, and kept in a spool.
    """

    def append(self, line: bytes) -> None:
        """Append one complete line.

        :param line: one JSON object (``events``, ``system``) or one log line, and its newline; UTF-8, at most 16 MiB.
        :raises StorageFull: no space; the line is not on disk and nothing half written remains visible.
        :raises StorageGone: the run folder has vanished.
        :raises StorageReadOnly: writing is no longer allowed.
        :raises StorageError: anything else that the system reported.

        May be called from any thread and from a signal handler; calls are serialised by the caller.
        """

    def sync(self) -> None:
        """Make everything appended survive a power cut. Blocks; any thread."""

    def close(self) -> None:
        """Release the file. Nothing is appended afterwards. Calling it twice is fine."""


class RunSession(Protocol):
    """The writing end of one run for one process. Not for sharing across ``fork``: a child calls ``reopen``."""

    @property
    def ref(self) -> RunRef: ...

    @property
    def folder(self) -> Path:
        """The run folder on this machine."""

    def open_writer(self, stream: Stream) -> RunWriter:
        """A writer on a file that no other process has or will have.

        :raises StorageError: it could not be made.
        """

    def reopen(self) -> RunSession:
        """A session of the same run for this process (after ``fork``), sharing nothing with the parent's."""

    def read(self, document: Document) -> dict[str, JSON]:
        """The document, or an empty object. Never raises for a missing or torn file."""

    def write(self, document: Document, value: JSONObject) -> None:
        """Replace the document atomically.

        :raises StorageError: nothing was changed.
        """

    def update(self, document: Document, change: Callable[[dict[str, JSON]], JSONObject]) -> None:
        """Read, change and replace; when somebody else replaced it meanwhile, read and change again."""

    def put_media(self, data: bytes, suffix: str) -> str:
        """Store a file by its content (the same content once) and return its path relative to the run folder.

        :param suffix: with the dot, e.g. ``.png``.
        """

    def last_step(self) -> int:
        """The highest step on disk; 0 when there is none. Reads event files: call it only on resume."""

    def beat(self, writer: WriterRecord) -> None:
        """Replace this process's heartbeat. ``ended_at`` set = this process writes no more."""


class RunTail(Protocol):
    """A position in the metrics of a run that may still grow. One reader, one thread at a time."""

    def read(self) -> Sequence[Sample]:
        """Samples that became whole since the last call, in order. A half-written line is read once it is whole."""


class RunReader(Protocol):
    """The reading end of one run. Thread-safe. Reading never changes a byte below the root."""

    @property
    def record(self) -> ExperimentRecord: ...

    @property
    def folder(self) -> Path: ...

    def read(self, document: Document) -> dict[str, JSON]:
        """The document as it was written (older folders: mapped to today's keys where they differ)."""

    def series(self) -> Sequence[Series]:
        """One row per numeric key, sorted by key. Incremental: what was read is not read again."""

    def texts(self) -> Mapping[str, JSON]:
        """The last value of each key that never held a number (strings, small JSON)."""

    def records(self) -> Iterator[MetricRecord]:
        """Every ``log()`` call exactly as logged, in file order; slow and complete."""

    def logs(
        self,
        offset: int = 0,
        limit: int = 1000,
        *,
        tail: int | None = None,
        stream: str | None = None,
        q: str | None = None,
    ) -> LogPage:
        """Log lines from ``offset`` (a line number ``n``), or the last ``tail`` lines.

        :param stream: only this stream; ``log`` matches all levels, ``log/warning`` one.
        :param q: only lines that contain this text, ignoring case.
        """

    def follow_logs(self, offset: int) -> Callable[[], Sequence[LogLine]]:
        """A function that returns the complete lines that came since its last call, starting at line ``offset``."""

    def media(
        self, key: str | None = None, first_step: int | None = None, last_step: int | None = None
    ) -> Sequence[MediaRecord]:
        """Media records ordered by (key, step, ts)."""

    def alerts(self) -> Sequence[Mapping[str, JSON]]:
        """Alert records, oldest first."""

    def tail(self, *, from_start: bool = True) -> RunTail:
        """A tail at the beginning, or at the present end."""


@runtime_checkable
class SystemReader(Protocol):
    """What the reader of a backend with the capability ``system`` has, too. Others keep no system metrics."""

    def system(self, keys: Sequence[str] | None = None) -> Sequence[SystemSeries]:
        """System metrics sorted by (key, host), each in the order of time. What was read is not read again.

        :param keys: None = all.
        """


@runtime_checkable
class PieceReader(Protocol):
    """What a reader that need not hold all of a run at once has, too."""

    def pieces(self, keys: Sequence[str] | None = None) -> Iterator[RecordTable]:
        """The same records as ``Store.read_metrics`` gives, a part of a long run at a time.

        A run of some million values is one piece. A longer one comes in pieces of a few million values at most, which
        go on where those before have ended: put together they are in the same order. A record
        without a number may be left out, and ``other`` be empty.
        """


class Store(Protocol):
    """One storage root. Thread-safe. Several stores, processes and hosts may use one root at the same time."""

    @property
    def root(self) -> Path: ...

    @property
    def backend(self) -> str: ...

    # --- Writing

    def create_run(self, meta: RunMeta) -> RunSession:
        """Make the run folder with its ``meta`` document.

        :raises RunExists: the project and name have a run of that id already.
        :raises StorageError: it could not be made; nothing remains of it.
        """

    def attach_run(self, ref: RunRef) -> RunSession:
        """The writing end of a run that exists: to resume it, or as one more process of it.

        :raises RunNotFound: there is none.
        """

    # --- Reading

    def list_runs(self, *, deleted: bool | None = False) -> Sequence[ExperimentRecord]:
        """All runs, newest first. What has not changed on disk is not read again.

        :param deleted: False = without the recycle bin, True = only it, None = both.
        """

    def find_runs(self, run_id: str) -> Sequence[ExperimentRecord]:
        """Runs that carry exactly this id, newest first, deleted ones included.

        Quick in a root of thousands of runs: ``init()`` asks when it is to continue one.
        """

    def open_run(self, ref: RunRef) -> RunReader:
        """:raises RunNotFound: the folder is gone."""

    def read_metrics(
        self,
        runs: Sequence[RunRef],
        keys: Sequence[str] | None = None,
        *,
        x: str = "step",
        range: tuple[float | None, float | None] = (None, None),
    ) -> Sequence[RecordTable]:
        """Every record of each run in columns.

        :param keys: None = all numeric keys.
        :param x: what ``range`` is measured in: ``step``, ``relative`` (seconds since the run started),
            ``wall`` (Unix seconds), or a key.
        :param range: inclusive bounds; None = open.
        """

    def read_buckets(
        self,
        runs: Sequence[RunRef],
        keys: Sequence[str] | None = None,
        *,
        x: str = "step",
        range: tuple[float | None, float | None] = (None, None),
        buckets: int = 1000,
        log_x: bool = False,
    ) -> BucketTable:
        """Equal-width buckets of the chosen x, on one grid for all runs. No extreme is lost.

        The grid's width is a power of two (of ``log10 x`` when ``log_x``), the smallest that covers the range in at
        most ``buckets`` buckets, and its edges are multiples of it: zooming and panning meet the same buckets again.

        :raises MissingDependency: numpy is not installed.
        """

    # --- Managing

    def update_user(self, ref: RunRef, change: Callable[[dict[str, JSON]], JSONObject]) -> None:
        """Read, change and replace what people wrote about a run (tags, note, pinned, archived, display_name)."""

    def soft_delete(self, ref: RunRef, reason: str = "") -> None:
        """Move the run to the recycle bin (a mark; no data moves)."""

    def restore(self, ref: RunRef) -> None: ...

    def purge(self, ref: RunRef) -> None:
        """Remove the folder of a soft-deleted run for good.

        :raises InvalidArgument: the run is not in the recycle bin.
        """

    def close(self) -> None: ...


class QueryStore(Protocol):
    """What a store that answers queries itself has beside ``Store``; its backend has the capability ``query``.

    For every other store ``runicorn.filters`` looks at all runs. Both give the same answers: the contract's tests
    compare them.
    """

    def query_runs(self, query: RunQuery) -> RunPage:
        """One page of the runs that match, with the columns asked for.

        Never waits for reading all of a root: what is not known yet is left out, and the page is ``partial``.
        """

    def known_fields(self, project: str | None = None, name: str | None = None) -> Sequence[FieldInfo]:
        """Params, summary values and metrics (figure ``last``) that runs have (those in the recycle bin not counted),
        ordered by (kind, key)."""


@runtime_checkable
class MovingStore(Protocol):
    """What the store of a backend with the capability ``move`` has, too."""

    def move(self, ref: RunRef, project: str, name: str) -> RunRef:
        """Move a run to another project and name, in one step; its id stays. Where it is already, nothing happens.

        :raises InvalidArgument: a process still writes the run, or it was written by an older version.
        :raises RunExists: a run of this id is there.
        :raises RunNotFound: the run is gone.
        :raises UnsafePath: a name that cannot be a folder everywhere.
        """


class StorageBackend(Protocol):
    """What ``register_storage_backends`` returns."""

    @property
    def name(self) -> str: ...

    @property
    def capabilities(self) -> frozenset[str]:
        """Of: ``write``, ``resume``, ``concurrent-writers``, ``soft-delete``, ``tail``, ``older-folders``, ``system``
        (the reader is a :class:`SystemReader`), ``move`` (the store is a
        :class:`MovingStore`), ``query``
        (the store is a :class:`QueryStore`)."""

    def probe(self, root: Path) -> float:
        """How well this backend fits what lies at ``root``, 0 (not at all) to 1. Cheap; a missing root is fine."""

    def open_store(self, root: Path, config: Mapping[str, object]) -> Store:
        """Open a root; it need not exist yet, and is not made before something is written.

        :param config: the configuration's ``[storage]`` section.
        """
