"""``rn.Artifact``: what is to become a version."""

from __future__ import annotations

import logging
import shutil
import tempfile
import weakref
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import count
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO

from runicorn.errors import UnsafePath
from runicorn.serialize import dumps, loads
from runicorn.types import JSONObject, PathLike

from .errors import InvalidArtifact
from .ignore import DEFAULT_IGNORE, Found
from .ingest import Source
from .manifest import FileEntry, Reference
from .names import check_entry, check_name, check_type


class Artifact:
    """Files and references with a name, to be logged as a version. Nothing is read or copied before that.

    ::

        artifact = rn.Artifact("resnet", type="model", metadata={"layers": 50})
        artifact.add_file("model.pt")
        version = run.log_artifact(artifact, aliases=["best"])

    :param name: one name; of letters of any language, digits, spaces, ``-``, ``_``, ``.`` and the like.
    :param type: what kind of thing it is, e.g. ``model`` or ``dataset``. One name may exist in several types.
    :param metadata: small JSON.
    :raises UnsafePath: the name or type cannot be a folder everywhere.
    :raises InvalidArtifact: the metadata is no JSON.

    Not thread-safe while it is being filled.
    """

    def __init__(
        self,
        name: str,
        type: str = "model",
        description: str | None = None,
        metadata: Mapping[str, Any] | None = None,
        *,
        tags: Iterable[str] = (),
    ) -> None:
        self.name, self.type = check_name(name), check_type(type)
        self.description = description or ""
        self.tags = tuple(str(tag) for tag in tags)
        self.metadata: dict[str, Any] = dict(metadata or {})
        self._sources: dict[str, Path] = {}
        self._stored: dict[str, FileEntry] = {}
        self._folders: dict[str, str] = {}  # and a file in each
        self._references: dict[str, Reference] = {}
        self._written: Path | None = None
        self._numbers = count()  # of the files that are written in place: several may be open at once
        self.plain_metadata()

    def add_file(self, file: PathLike, name: str | None = None) -> Artifact:
        """Add one file.

        :param name: its place in the artifact, with ``/``; the file's own name by default.
        :raises InvalidArtifact: there is no such file, or the place is taken by another one.
        :raises UnsafePath: the place is absolute or leaves the artifact.
        """
        path = Path(file).expanduser().absolute()
        if not path.is_file():
            what = "is a folder; use add_dir" if path.is_dir() else "does not exist"
            raise InvalidArtifact(self.name, f"cannot hold {path}, which {what}")
        self._add(path.name if name is None else name, path)
        return self

    def add_dir(self, folder: PathLike, name: str | None = None, ignore: Sequence[str] | None = None) -> Artifact:
        """Add every file below a folder, also where links lead. What is neither a file nor a folder (a broken link, a
        pipe) is left out with a warning.

        :param name: where its content goes in the artifact; the top by default.
        :param ignore: patterns to leave out: ``*.tmp``, ``cache/``, ``raw/*.bin``. None leaves out what nobody wants
            (``__pycache__/``, ``.git/``, ...); ``[]`` leaves out nothing.
        :raises InvalidArtifact: there is no such folder, it holds no file that counts, or one in it cannot be read.
        """
        base = Path(folder).expanduser().absolute()
        if not base.is_dir():
            raise InvalidArtifact(self.name, f"cannot hold {base}, which is no folder")
        prefix = "" if name is None else f"{check_entry(name)}/"
        found = Found(base, DEFAULT_IGNORE if ignore is None else ignore)
        try:
            files = list(found.files())
        except OSError as error:
            raise InvalidArtifact(self.name, f"cannot read {error.filename}: {error.strerror or error}") from error
        for path, file in files:
            self._add(prefix + path, file)
        if left := found.left_out:
            what = f"{left[0]!r}" + (f" and {len(left) - 1} more" if len(left) > 1 else "")
            why = "a broken link or no file; name it in ignore if that is meant"
            logging.getLogger("runicorn").warning(
                "runicorn: artifact %r lacks %s of %s: %s", self.name, what, base, why
            )
        if not files:
            raise InvalidArtifact(self.name, f"finds no file in {base}")
        return self

    def add_reference(self, uri: str, checksum: str | None = None, size: int | None = None) -> Artifact:
        """Name something that is kept elsewhere: ``s3://bucket/data.parquet``, ``https://...``, ``file:///...``.

        It is recorded, not fetched; ``verify(references=True)`` compares it with what is stated here.

        :param checksum: ``sha256:<hex>``, ``sha1:<hex>``, ``md5:<hex>`` or ``etag:<text>``.
        :param size: bytes.
        """
        if "://" not in uri:
            raise InvalidArtifact(self.name, f"cannot refer to {uri!r}, which is no address such as s3://bucket/key")
        if _has_password(uri):
            raise InvalidArtifact(self.name, "cannot refer to an address that holds a password; leave it out")
        self._references[uri] = Reference(uri, checksum, size)
        return self

    @contextmanager
    def new_file(self, name: str) -> Iterator[BinaryIO]:
        """Write a file straight into the artifact: ``with artifact.new_file("labels.json") as file: ...``"""
        check_entry(name)
        if self._written is None:
            self._written = Path(tempfile.mkdtemp(prefix="runicorn-artifact-"))
            weakref.finalize(self, shutil.rmtree, self._written, True)
        path = self._written / str(next(self._numbers))
        with path.open("wb") as file:
            yield file
        self._add(name, path)

    # --- For whoever commits it

    @property
    def sources(self) -> list[Source]:
        return [Source(path, file) for path, file in self._sources.items()]

    @property
    def stored(self) -> list[FileEntry]:
        """Files that are in the store already: those of the version that this one was drafted from."""
        return [entry for path, entry in self._stored.items() if path not in self._sources]

    def hold(self, entries: Iterable[FileEntry]) -> None:
        """Files that are in the store already."""
        for entry in entries:
            self._stored[entry.path] = entry
            self._folders.update(dict.fromkeys(_above(entry.path), entry.path))

    @property
    def references(self) -> list[Reference]:
        return list(self._references.values())

    def plain_metadata(self) -> JSONObject:
        """:raises InvalidArtifact: it is no JSON."""
        try:
            plain: JSONObject = loads(dumps(self.metadata))
        except (TypeError, ValueError) as error:
            raise InvalidArtifact(self.name, f"has metadata that is no JSON: {error}") from error
        return plain

    def _add(self, name: str, file: Path) -> None:
        place = check_entry(name)
        known = self._sources.get(place)
        if known is not None and known != file:
            raise InvalidArtifact(self.name, f"holds {place!r} already; give the other file a name")
        above = _above(place)
        other = self._folders.get(place) or next((f for f in above if f in self._sources or f in self._stored), None)
        if other is not None:
            raise InvalidArtifact(self.name, f"cannot hold both {place!r} and {other!r}")
        self._sources[place] = file
        self._folders.update(dict.fromkeys(above, place))

    def __repr__(self) -> str:
        return f"<Artifact {self.type}/{self.name} {len(self._sources)} files>"


def _above(place: str) -> list[str]:
    """The folders that a file lies in, within the artifact."""
    return [str(folder) for folder in PurePosixPath(place).parents[:-1]]


def _has_password(uri: str) -> bool:
    from urllib.parse import urlsplit

    try:
        return urlsplit(uri).password is not None
    except ValueError as error:
        raise UnsafePath("reference", uri, "is no valid address") from error
