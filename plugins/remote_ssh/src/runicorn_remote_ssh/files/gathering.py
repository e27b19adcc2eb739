"""Many small files in one answer. Asking for each of them takes several journeys there and back; a host with a shell
sends them all as one stream, and needs nothing but ``sh``, ``find`` and ``tar`` for it."""

from __future__ import annotations

import io
import tarfile
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from typing import Protocol, runtime_checkable

from attrs import frozen
from runicorn.contracts import FileEntry, FileTree
from runicorn.errors import StorageGone, UnsafePath
from runicorn.security import check_relative

#: Runs of one answer: what waits for it should not wait for all of them.
AT_ONCE = 250
_FEWEST = 8  # fewer are as quick one by one
#: Larger files are read by themselves, so that an answer fits in memory and a broken line costs little.
LARGEST = 256 << 10

# The folder is $1; "all" or names of files are $2 and on; standard input names folders below, one a line. `-T -` takes
# "-x" and "\n" in names for something else: every name begins with "./", and none holds a backslash.
_SAY = 'printf "%s\\n"'
_EACH = (
    f'for n in "$@"; do [ -f "$r/$n" ] && {_SAY} "$r/$n"; done; '
    f'for f in "$r"/writers/*; do [ -f "$f" ] && {_SAY} "$f"; done'
)
_ALL = f'find -L "$r" -name media -prune -o -type f -size -{LARGEST // 512 + 1} -print'
_SCRIPT = (
    'cd -- "${1:-.}" || exit 3; w=$2; shift; z=cat; command -v gzip >/dev/null 2>&1 && z="gzip -1"; '
    f'while IFS= read -r r; do if [ "$w" = all ]; then {_ALL}; else {_EACH}; fi; done 2>/dev/null '
    "| tar -chf - -T - 2>/dev/null | $z"
)


@runtime_checkable
class Gathers(Protocol):
    """A tree that can send many files at once."""

    def gather(self, folders: Sequence[str], names: Sequence[str] | None) -> Gathered | None:
        """Files of these names, and those in ``writers``, of each folder; with ``names`` None all that are not large,
        but for media. None: it cannot.

        :raises StorageUnreachable: the way there broke.
        """


def gathered(
    tree: FileTree, pool: Executor, runs: Sequence[FileEntry], names: Sequence[str] | None
) -> Iterator[Mapping[str, Gathered]]:
    """What came of some runs, then of more, by run; nothing where the place has no such way.

    :raises StorageUnreachable: the way there broke.
    """
    if not isinstance(tree, Gathers) or len(runs) < _FEWEST:
        return
    parts = [[run.path for run in runs[at : at + AT_ONCE]] for at in range(0, len(runs), AT_ONCE)]
    for part, came in zip(parts, pool.map(lambda part: tree.gather(part, names), parts), strict=True):
        if came is not None:
            yield came.by_folder(part)


@frozen
class Gathered:
    """What came, to be listed and read as if it were the place."""

    files: Mapping[str, tuple[FileEntry, bytes]]

    def list(self, path: str = "") -> Sequence[FileEntry]:
        found: dict[str, FileEntry] = {}
        for name, (entry, _) in self.files.items():
            if name.startswith(f"{path}/"):
                child, slash, _ = name[len(path) + 1 :].partition("/")
                found[child] = FileEntry(f"{path}/{child}", "folder") if slash else entry
        return [found[name] for name in sorted(found)]

    def stat(self, path: str) -> FileEntry | None:
        found = self.files.get(path)
        return None if found is None else found[0]

    def read(self, path: str, offset: int = 0, size: int | None = None) -> bytes:
        found = self.files.get(path)
        if found is None:
            raise StorageGone("reading", path, "there is no such file")
        return found[1][offset : None if size is None else offset + size]

    def by_folder(self, folders: Iterable[str]) -> dict[str, Gathered]:
        """Each folder's part; only those of which something came."""
        parts: dict[str, dict[str, tuple[FileEntry, bytes]]] = {folder: {} for folder in folders}
        for name, file in self.files.items():
            parts[next(above for above in _above(name) if above in parts)][name] = file
        return {folder: Gathered(files) for folder, files in parts.items() if files}


def command(base: str, names: Sequence[str] | None) -> list[str]:
    return ["sh", "-c", _SCRIPT, "sh", base, *(("all",) if names is None else names)]


def asked(folders: Iterable[str]) -> bytes:
    return "".join(f"./{folder}\n" for folder in folders if "\n" not in folder).encode()


def understood(answer: bytes, folders: Sequence[str]) -> Gathered | None:
    """The files in an answer; None where it is none. Only what lies in these folders counts."""
    wanted, files = set(folders), {}
    try:
        if answer[:2] == b"\x1f\x8b":
            answer = zlib.decompress(answer, 31)
        with tarfile.open(fileobj=io.BytesIO(answer), mode="r:", encoding="utf-8", errors="strict") as archive:
            for member in archive:
                path = member.name.removeprefix("./")
                content = archive.extractfile(member) if member.isreg() else None
                if content is None or not _lies_in(path, wanted):
                    continue
                files[path] = (FileEntry(path, "file", member.size, float(int(member.mtime))), content.read())
    except (tarfile.TarError, zlib.error, UnicodeDecodeError, EOFError):
        return None
    return Gathered(files)


def _lies_in(path: str, folders: set[str]) -> bool:
    try:
        check_relative(path)
    except UnsafePath:
        return False
    return any(above in folders for above in _above(path))


def _above(path: str) -> Iterator[str]:
    parts = path.split("/")
    return ("/".join(parts[:end]) for end in range(1, len(parts)))
