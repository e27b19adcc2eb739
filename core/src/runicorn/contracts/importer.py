"""Importers: runs that another tool, or another root, has written, read into runs of ours."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from attrs import field, frozen

from ..types import JSON, JSONObject

if TYPE_CHECKING:
    from .archive import IncomingArtifact
    from .storage import Document


@frozen
class RunHead:
    """What is known of a run before it is read. Names need not be storable: they are spelled so that they are."""

    source: str  # the same for the same run at every import: by it a second import finds what the first one made
    project: str
    id: str  # as the run is to be called
    name: str = "default"
    created_at: float = 0.0  # Unix seconds
    size: int = 0  # what ``RunSink.advance`` adds up to, for progress; bytes
    meta: JSONObject = field(factory=dict)  # further members of the meta document: hostname, group, job_type, command
    origin: JSONObject = field(factory=dict)  # what is worth knowing of where it was; kept in the meta document
    #: Another text whenever the source holds more, or other things, than it did: sizes of files, counts. By it a second
    #: import knows that a run has grown where it came from. Cheap; "" = cannot be told.
    state: str = ""
    part: str = ""  # not a run, but files of the archive part of this name (``register_archive_parts``)
    #: Not a run, but what belongs to none: artifacts that no run has made, and counts of what is left out.
    runless: bool = False
    digests: Mapping[str, str] | None = None  # of a run that is handed over file by file: path -> SHA-256


class RunSink(Protocol):
    """Where a run goes. It becomes a run once everything has been given; when reading raises, nothing remains.

    One thread at a time. Every method may raise, e.g. because the import was cancelled: let it.
    """

    def metrics(self, data: Mapping[str, JSON], *, step: int, ts: float, stage: str | None = None) -> None:
        """One ``log()`` call: numbers, and what else was logged with them. NaN and infinities are numbers."""

    def text(self, text: str, *, ts: float, stream: str = "text") -> None:
        """Lines of the log. ``stream``: ``stdout``, ``stderr``, ``text``, ``log/<level>``."""

    def media(
        self, key: str, kind: str, data: bytes, suffix: str, *, step: int | None, ts: float, **fields: JSON
    ) -> None:
        """One file that was logged, with the fields that the panel of its kind needs.

        :param kind: ``image``, ``text``, ``histogram``, ... as plugins of media types name them.
        :param suffix: with the dot, e.g. ``.png``.
        """

    def put(self, data: bytes, suffix: str) -> str:
        """A file that a medium names beside its own: a mask of a picture, a picture in a cell of a table.

        :returns: the path to name it by; the same for the same content.
        """

    def alert(self, title: str, text: str = "", *, level: str = "warning", step: int | None, ts: float) -> None: ...

    def system(self, data: Mapping[str, float], *, ts: float) -> None:
        """What was measured of the machine."""

    def document(self, name: Document, value: JSONObject) -> None:
        """Members of a document, beside those given before. ``meta`` is made from the head, and what is
        given here beside it.

        ``status`` has ``status`` (``finished``, ``failed``, ``interrupted``; ``finished`` unless given), ``started_at``
        and ``ended_at``; ``user`` has ``display_name``, ``tags``, ``note``.
        """

    def file(self, path: str, content: Iterable[bytes]) -> None:
        """A file of the run folder as it is. ``path`` is relative and uses ``/``.

        :raises UnsafePath: it would lie elsewhere.
        """

    def artifact(self, artifact: IncomingArtifact) -> None:
        """A version of an artifact that the run has made or used. Its files are read later, and must stay until the
        next source is asked for; where no active plugin keeps artifacts, it is left out and counted."""

    def left_out(self, what: str, count: int = 1) -> None:
        """Count what has no place here; people are told. ``what`` in the plural: ``audio files``."""

    def advance(self, done: int) -> None:
        """So much more of ``RunHead.size`` is read."""


class RunSource(Protocol):
    """One run, ready to be read."""

    @property
    def head(self) -> RunHead: ...

    def read(self, sink: RunSink) -> None:
        """Give everything, in the order in which it was logged. Called at most once, before the next source is asked
        for. Never changes the source."""


class Importer(Protocol):
    """What ``register_importers`` returns."""

    @property
    def name(self) -> str:
        """How it is asked for: ``runicorn import PATH --from wandb``."""

    @property
    def title(self) -> str:
        """What it reads, for people: ``offline runs of Weights & Biases``."""

    @property
    def options(self) -> type[Any]:
        """An attrs class with a default for every field."""

    def sniff(self, path: Path) -> float:
        """Whether this file or folder is one to read: 0 (no) to 1 (certainly). Quick: looks at names, first bytes."""

    def read(self, path: Path, options: Any) -> Iterator[RunSource]:
        """The runs in it, one after the other.

        :param options: an object of the class ``options``.
        :raises ImportProblem: it is damaged, or no such thing.
        :raises MissingDependency: a library that this needs is not installed.
        """
