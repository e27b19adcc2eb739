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
_WHOLE = 32  # ... of which everything is asked for: an answer is held in memory
_FEWEST = 8  # fewer are as quick one by one
#: Larger files are read by themselves, so that an answer fits in memory and a broken line costs little.
LARGEST = 256 << 10

# The folder is $1; "all" or names of files are $2 and on; standard input names folders below, one a line. What is said
# is a list ("F" a file that comes, "L" what is left), a line "=", and the files. `-T -` takes "-x" and "\n" in names
# for something else: every name begins with "./", none holds a backslash, and a name with a line break is left.
_LEFT = f'-name media -o -name "*[[:cntrl:]]*" -o -type f -size +{LARGEST // 512}'
_EACH = (
    'for n in "$@"; do [ -f "$r/$n" ] && echo "F $r/$n"; done; '
    'for f in "$r"/writers/*; do [ -f "$f" ] && echo "F $f"; done'
)
_ALL = (
    rf'find -L "$r" \( {_LEFT} \) -prune -print | sed "s/^/L /"; '
    rf'find -L "$r" \( {_LEFT} \) -prune -o -type f -print | sed "s/^/F /"'
)
_SCRIPT = (
    'cd -- "${1:-.}" || exit 3; w=$2; shift; z=cat; command -v gzip >/dev/null 2>&1 && z="gzip -1"; '
    f'l=$(while IFS= read -r r; do if [ "$w" = all ]; then {_ALL}; else {_EACH}; fi; done 2>/dev/null); '
    r'{ printf "%s\n=\n" "$l"; printf "%s\n" "$l" | sed -n "s/^F //p" | tar -chf - -T - 2>/dev/null; } | $z'
)


@runtime_checkable
class Gathers(Protocol):
    """A tree that can send many files at once."""

    def gather(self, folders: Sequence[str], names: Sequence[str] | None) -> Gathered | None:
        """Files of these names, and those in ``writers``, of each folder; with ``names`` None all that are not large,
        but for media, and what is ``left``. None: it cannot, or not now.
        """


def gathered(
    tree: FileTree, pool: Executor, runs: Sequence[FileEntry], names: Sequence[str] | None
) -> Iterator[Mapping[str, Gathered]]:
    """What came of some runs, then of more, by run; nothing where the place has no such way."""
    if not isinstance(tree, Gathers) or len(runs) < _FEWEST:
        return
    size = AT_ONCE if names is not None else _WHOLE
    parts = [[run.path for run in runs[at : at + size]] for at in range(0, len(runs), size)]
    for part, came in zip(parts, pool.map(lambda part: tree.gather(part, names), parts), strict=True):
        if came is not None:
            yield came.by_folder(part)


@frozen
class Gathered:
    """What came, to be listed and read as if it were the place."""

    files: Mapping[str, tuple[FileEntry, bytes]]
    left: frozenset[str] = frozenset()  # what is there, too, and did not come

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
        files: dict[str, dict[str, tuple[FileEntry, bytes]]] = {folder: {} for folder in folders}
        left: dict[str, set[str]] = {folder: set() for folder in files}
        for name, file in self.files.items():
            files[next(above for above in _above(name) if above in files)][name] = file
        for name in self.left:
            for above in _above(name):
                left.get(above, set()).add(name)
        return {folder: Gathered(those, frozenset(left[folder])) for folder, those in files.items() if those}


def command(base: str, names: Sequence[str] | None) -> list[str]:
    return ["sh", "-c", _SCRIPT, "sh", base, *(("all",) if names is None else names)]


def asked(folders: Iterable[str]) -> bytes:
    return "".join(f"./{folder}\n" for folder in folders if "\n" not in folder).encode()


def understood(answer: bytes, folders: Sequence[str]) -> Gathered | None:
    """The files in an answer; None where it is none. Only what lies in these folders counts."""
    wanted, files = set(folders), {}
    try:
        said, _, packed = (zlib.decompress(answer, 31) if answer[:2] == b"\x1f\x8b" else answer).partition(b"=\n")
        with tarfile.open(fileobj=io.BytesIO(packed), mode="r:", encoding="utf-8", errors="surrogateescape") as archive:
            for member in archive:
                path = member.name.removeprefix("./")
                content = archive.extractfile(member) if member.isreg() else None
                if content is None or not _lies_in(path, wanted):
                    continue
                files[path] = (FileEntry(path, "file", member.size, float(int(member.mtime))), content.read())
    except (tarfile.TarError, zlib.error, EOFError):
        return None
    listed = said.decode("utf-8", "surrogateescape").splitlines()
    return Gathered(
        files, frozenset({line[2:].removeprefix("./") for line in listed if line[1:2] == " "} - files.keys())
    )


def _lies_in(path: str, folders: set[str]) -> bool:
    try:
        check_relative(path)
        path.encode()
    except (UnsafePath, UnicodeEncodeError):
        return False
    return any(above in folders for above in _above(path))


def _above(path: str) -> Iterator[str]:
    parts = path.split("/")
    return ("/".join(parts[:end]) for end in range(1, len(parts)))
