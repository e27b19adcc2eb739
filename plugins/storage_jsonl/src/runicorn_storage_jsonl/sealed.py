"""What was sealed of a run: files that Parquet segments stand for. ``segments.json`` decides what counts.

The format is described in docs/run-folder.md. Nothing here needs a library; reading the segments does.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

from runicorn.errors import StorageError
from runicorn.serialize import loads
from runicorn.types import PathLike

NAME = "segments.json"
_VERSION = 2


class Source(NamedTuple):
    """A file that was sealed."""

    stream: str
    bytes: int
    lines: int
    torn: int  # bytes behind the last newline
    tail: str  # the end of the last whole line, as Latin-1; empty where an older version sealed it


class Segment(NamedTuple):
    """Parquet files that hold some lines, by kind: ``records``, ``points``, ``logs``."""

    paths: dict[str, str]
    irregular: int


class Sealed(NamedTuple):
    sources: dict[str, Source]
    segments: tuple[Segment, ...]
    last_step: int | None

    def names(self, stream: str) -> list[str]:
        return [name for name, source in self.sources.items() if source.stream == stream]


NOTHING = Sealed({}, (), None)


class SealedFiles:
    """What is sealed of one run, read again when it was replaced. One thread at a time."""

    def __init__(self, folder: PathLike) -> None:
        self.folder = Path(folder)
        self._seen: tuple[int, ...] = ()
        self._now = NOTHING

    def look(self) -> Sealed:
        """
        :raises StorageError: ``segments.json`` cannot be read.
        """
        path = self.folder / NAME
        try:
            found = path.stat()
        except (FileNotFoundError, NotADirectoryError):
            self._seen, self._now = (), NOTHING
            return NOTHING
        seen = found.st_ino, found.st_mtime_ns, found.st_size
        if seen != self._seen:
            self._now = _sealed(path)
            self._seen = seen
        return self._now


def _sealed(path: Path) -> Sealed:
    try:
        document = loads(path.read_bytes())
        if document["runicorn_segments"] > _VERSION:
            raise StorageError("reading", str(path), "a newer Runicorn wrote it; bring this one up to date")
        segments = document["segments"]
        steps = [step for segment in segments if (step := segment["last_step"]) is not None]
        return Sealed(
            {
                source["name"]: Source(
                    source["stream"], source["bytes"], source["lines"], source["torn"], source.get("tail", "")
                )
                for source in document["sources"]
            },
            tuple(_segment(segment) for segment in segments),
            max(steps, default=None),
        )
    except FileNotFoundError:  # unsealed just now
        return NOTHING
    except (ValueError, KeyError, TypeError) as error:
        raise StorageError("reading", str(path), "it is damaged; put it back from a copy") from error


def _segment(document: Any) -> Segment:
    paths = {}
    for file in document["files"]:
        folder, _, name = str(file["path"]).partition("/")
        if folder not in ("metrics", "logs") or "/" in name or "\\" in name or name.startswith("."):
            raise ValueError("a segment outside of the run folder")
        paths["logs" if folder == "logs" else name.split(".")[-2]] = f"{folder}/{name}"
    return Segment(paths, int(document["irregular"]))
