"""The three kinds of files that an archive can be, written and read as streams."""

from __future__ import annotations

import gzip
import io
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, BinaryIO, Literal, Protocol, TypeAlias, cast

from attrs import frozen
from runicorn.errors import ImportProblem, MissingDependency

from ..exports.counted import Counted

if TYPE_CHECKING:
    from types import ModuleType

Kind: TypeAlias = Literal["zip", "tar.gz", "tar.zst"]
Packed: TypeAlias = Literal[Kind, "tar"]  # what is read: a page packs the files of a folder without compressing them
SUFFIXES: Mapping[str, Kind] = {".zip": "zip", ".tar.gz": "tar.gz", ".tgz": "tar.gz", ".tar.zst": "tar.zst"}
#: What the libraries raise for a file that is cut off or changed.
DAMAGED = (
    tarfile.TarError,
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    gzip.BadGzipFile,
    struct.error,
    NotImplementedError,
    UnicodeError,
    OverflowError,
    RuntimeError,
)
#: Files that do not become smaller.
_PACKED = (".png", ".jpg", ".gif", ".webp", ".mp4", ".webm", ".mp3", ".ogg", ".parquet", ".zst", ".gz", ".npz", ".zip")
#: Those of a ZIP that every program writes.
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
#: Against archives that are made to hurt: bytes of headers before a file, and of each file's own; the list of a ZIP,
#: and where its end is looked for; what a tar holds beside files.
_SLACK, _EACH, _MOST_LISTED, _TAIL, _MOST_OTHERS = 4 << 20, 8 << 10, 256 << 20, (64 << 10) + 150, 1_000_000
_EARLIEST, _LATEST = (1980, 1, 1, 0, 0, 0), (2107, 12, 31, 23, 59, 58)


@frozen
class Member:
    """One regular file in an archive."""

    name: str
    size: int
    content: IO[bytes]


class Writer(Protocol):
    def add(self, name: str, size: int, modified_at: float, content: IO[bytes]) -> None:
        """:raises OSError: the content is shorter than it was said to be."""


@contextmanager
def writing(kind: Kind, out: BinaryIO) -> Iterator[Writer]:
    """An archive of this kind, complete when the context has been left without an error."""
    counted = cast("BinaryIO", Counted(out))
    if kind == "zip":
        with zipfile.ZipFile(counted, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as zipped:
            yield _ZipWriter(zipped)
        return
    with (
        _compressing(kind, counted) as stream,
        tarfile.open(fileobj=stream, mode="w|", format=tarfile.PAX_FORMAT) as tar,
    ):
        yield _TarWriter(tar)


@contextmanager
def _compressing(kind: Kind, out: BinaryIO) -> Iterator[IO[bytes]]:
    if kind == "tar.gz":
        with gzip.GzipFile("", "wb", 6, out, mtime=0) as stream:
            yield cast("IO[bytes]", stream)
        return
    zstd = zstandard("writing .tar.zst")
    options = {zstd.CompressionParameter.checksum_flag: 1}
    with zstd.ZstdFile(out, "wb", options=options) as stream:
        yield stream


def zstandard(doing: str) -> ModuleType:
    """The standard library's ``compression.zstd`` (Python 3.14), or its backport.

    :raises MissingDependency: neither is there.
    """
    try:
        from compression import zstd  # type: ignore[import-not-found, unused-ignore]  # Python 3.14
    except ImportError:
        try:
            from backports import zstd
        except ImportError as error:
            raise MissingDependency(doing, "'runicorn-exporters[zstd]'") from error
    return cast("ModuleType", zstd)


class _ZipWriter:
    def __init__(self, zipped: zipfile.ZipFile) -> None:
        self._zip = zipped

    def add(self, name: str, size: int, modified_at: float, content: IO[bytes]) -> None:
        info = zipfile.ZipInfo(name, _zip_time(modified_at))
        packed = name.lower().endswith(_PACKED)
        info.compress_type, info.file_size = zipfile.ZIP_STORED if packed else zipfile.ZIP_DEFLATED, size
        info.external_attr = 0o100644 << 16
        with self._zip.open(info, "w", force_zip64=size >= 1 << 31) as into:
            _copy(content, into, size)


def _zip_time(at: float) -> tuple[int, int, int, int, int, int]:
    from datetime import UTC, datetime

    try:
        moment = datetime.fromtimestamp(at, UTC).timetuple()[:6]
    except (OverflowError, OSError, ValueError):
        return _EARLIEST
    return min(max(moment, _EARLIEST), _LATEST)


class _TarWriter:
    def __init__(self, tar: tarfile.TarFile) -> None:
        self._tar = tar

    def add(self, name: str, size: int, modified_at: float, content: IO[bytes]) -> None:
        info = tarfile.TarInfo(name)
        info.size, info.mtime, info.mode = size, int(modified_at), 0o644
        self._tar.addfile(info, cast("Any", content))


def _copy(source: IO[bytes], into: IO[bytes], size: int) -> None:
    left = size
    while left:
        piece = source.read(min(left, 1 << 20))
        if not piece:
            raise OSError(5, "became shorter while it was read")
        into.write(piece)
        left -= len(piece)


# --- Reading


def kind_of(path: Path) -> Packed | None:
    """By its first bytes, whatever it is called."""
    try:
        with path.open("rb") as file:
            head = file.read(263)
    except OSError:
        return None
    if head[257:262] == b"ustar":
        return "tar"
    if head[:4] in (b"PK\x03\x04", b"PK\x05\x06"):
        return "zip"
    return "tar.gz" if head[:2] == b"\x1f\x8b" else "tar.zst" if head[:4] == b"\x28\xb5\x2f\xfd" else None


class Members(Iterator[Member]):
    """The regular files of an archive in their order; each is to be read before the next is asked for.

    Links, devices and folders are no files: nothing is made of them.
    """

    def __init__(self, found: Iterator[Member], metered: Metered | None = None) -> None:
        self._found, self._metered = found, metered

    def __next__(self) -> Member:
        return next(self._found)

    def at_most(self, size: int, count: int) -> None:
        """From here on no more than files of this size in all come, and no more than this many; what else there is
        in a stream, passed over or not, counts. A ZIP is no stream: what nobody reads of it is not unpacked."""
        if self._metered is not None:
            self._metered.end = self._metered.at + size + count * _EACH + _SLACK


@contextmanager
def members(path: Path, kind: Packed) -> Iterator[Members]:
    """
    :raises DAMAGED: one of them, here or while they are drawn.
    :raises ImportProblem: a file is encrypted.
    """
    if kind == "zip":
        _check_directory(path)
        with zipfile.ZipFile(path) as zipped:
            yield Members(_zip_members(zipped))
        return
    with path.open("rb") as file, _decompressing(kind, file) as stream:
        metered = Metered(stream)
        with tarfile.open(fileobj=cast("Any", metered), mode="r|") as tar:
            yield Members(_tar_members(tar, metered), metered)


@contextmanager
def _decompressing(kind: Packed, file: BinaryIO) -> Iterator[IO[bytes]]:
    if kind == "tar":
        yield file
        return
    if kind == "tar.gz":
        with gzip.GzipFile("", "rb", fileobj=file) as stream:
            yield io.BufferedReader(stream, 1 << 20)
        return
    zstd = zstandard("reading .tar.zst")
    with zstd.ZstdFile(file, "rb") as stream:
        yield io.BufferedReader(_Mapped(stream, zstd.ZstdError), 1 << 20)


class _Mapped(io.RawIOBase):
    """A stream whose own error is told as one of those that every stream has."""

    def __init__(self, stream: IO[bytes], error: type[Exception]) -> None:
        self._stream, self._error = stream, error

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        try:
            piece = self._stream.read(len(buffer))
        except self._error as error:
            raise tarfile.ReadError(str(error)) from error
        buffer[: len(piece)] = piece
        return len(piece)


def _check_directory(path: Path) -> None:
    """The list of a ZIP's files is read as a whole, and may not be larger than a million names need.

    :raises BadZipFile: it is.
    """
    with path.open("rb") as file:
        size = file.seek(0, io.SEEK_END)
        file.seek(max(0, size - _TAIL))
        tail = file.read(_TAIL)
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or len(tail) < at + 22:
        return  # it is none; the library says so
    (listed,) = struct.unpack_from("<L", tail, at + 12)
    wide = tail.rfind(b"PK\x06\x06", 0, at)
    if listed == 0xFFFFFFFF and wide >= 0:
        (listed,) = struct.unpack_from("<Q", tail, wide + 40)
    if listed > _MOST_LISTED:
        raise zipfile.BadZipFile("its list of files is larger than a million files need")


def _zip_members(zipped: zipfile.ZipFile) -> Iterator[Member]:
    for info in zipped.infolist():
        if info.is_dir() or (info.external_attr >> 16) & 0o170000 == 0o120000:  # a symbolic link
            continue
        if info.flag_bits & 1:
            raise ImportProblem(Path(str(zipped.filename)).name, "asks for a password; unpack it with that first")
        if info.compress_type not in _METHODS:  # some of them ask for any amount of memory
            raise zipfile.BadZipFile(f"{info.filename!r} is packed with a method other than deflate")
        with zipped.open(info) as content:
            yield Member(info.filename, info.file_size, content)


def _tar_members(tar: tarfile.TarFile, metered: Metered) -> Iterator[Member]:
    others = 0
    while (info := tar.next()) is not None:
        cast("Any", tar).members.clear()  # it keeps every one
        metered.pause = (tar.offset if info.isreg() else info.offset_data) + _SLACK
        if info.isreg():
            content = tar.extractfile(info)
            assert content is not None
            yield Member(info.name, info.size, content)
            continue
        others += 1
        if others > _MOST_OTHERS:
            raise tarfile.ReadError(f"holds more than {_MOST_OTHERS:,} folders, links and devices")


class Metered:
    """What is unpacked of a stream, up to where it may go. Headers are read whole, and so are short."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self.at = 0
        self.pause = _SLACK  # how far it may go before the next member is known
        self.end = 1 << 62  # how far it may go at all

    def read(self, size: int) -> bytes:
        if self.at > min(self.pause, self.end):
            raise tarfile.ReadError("holds more than it says of its files")
        piece = self._stream.read(size)
        self.at += len(piece)
        return piece
