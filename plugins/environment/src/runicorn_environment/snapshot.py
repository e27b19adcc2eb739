"""The code of a run as one file: what git would not ignore, in a zip that depends on nothing but its content."""

from __future__ import annotations

import hashlib
import io
import os
import zipfile
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from attrs import frozen
from runicorn.errors import InvalidArgument

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec
    from runicorn.contracts import MediaSink, RunView
    from runicorn.types import JSON

MOST_FILES = 5000
MOST_BYTES = 50 << 20  # of all files together
MOST_FILE = 5 << 20  # larger files are no code
_ALWAYS = (".git/", ".hg/", ".svn/", "__pycache__/", ".venv/", "venv/", "node_modules/", ".mypy_cache/", ".ruff_cache/")
_SECRETS = (".env", ".env.*", ".netrc", ".pypirc", "*.pem", "id_rsa", "id_ed25519", "credentials.json")
_IGNORES = (".gitignore", ".rnignore")


@frozen
class Code:
    """A folder whose code is to be kept. What is read is read later, in the background."""

    root: Path


class CodeType:
    """Makes a zip of a folder; the same code gives the same file."""

    name = "code"
    python_types = (f"{__name__}.Code",)
    panel = "code"

    def snapshot(self, value: object) -> object:
        return value

    def encode(self, snapshot: object, sink: MediaSink) -> dict[str, JSON]:
        assert isinstance(snapshot, Code)
        files, left_out = chosen(snapshot.root)
        held: list[JSON] = []
        whole = io.BytesIO()
        with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, path in files:
                try:
                    data = path.read_bytes()
                except OSError:
                    left_out += 1  # it is gone, or nobody may read it
                    continue
                # One time for all files and no rights: the zip depends on names and content alone.
                entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
                entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
                archive.writestr(entry, data)
                held.append({"path": name, "size": len(data), "sha256": hashlib.sha256(data).hexdigest()})
        content = whole.getvalue()
        return {
            "path": sink.put_shared(content, ".zip"),
            "sha256": hashlib.sha256(content).hexdigest(),
            "root": snapshot.root.name,
            "files": held,
            "left_out": left_out,
        }


def snapshot_code(run: RunView, root: str | Path | None = None) -> None:
    """Keep the code of a folder with the run: ``run.snapshot_code()``. Read and packed in the background; never raises.

    Left out is what ``.gitignore`` and ``.rnignore`` files say (in any folder, the same syntax), version control,
    virtual environments, caches, what looks like a file of secrets, files above 5 MiB and symbolic links.

    :param root: the folder; by default the one of the script that runs, or the top of its Git repository.
    """
    folder = Path(root).expanduser().absolute() if root is not None else default_root()
    log_media = getattr(run, "log_media", None)
    if folder is not None and log_media is not None:
        log_media("code", Code(folder))


def default_root() -> Path | None:
    """The top of the repository that holds the script, else the script's folder."""
    from .capture import script_folder

    folder = script_folder()
    if folder is None:
        return None
    return next((place for place in (folder, *folder.parents) if (place / ".git").exists()), folder)


def chosen(root: Path) -> tuple[list[tuple[str, Path]], int]:
    """(name below the root, path) of the files to keep, sorted; and how many were left out for being too large or many.

    :raises InvalidArgument: it is no folder, or one that nobody means (the root of the disk, the home).
    """
    if not root.is_dir():
        raise InvalidArgument("root", str(root), "is no folder")
    if root == Path(root.anchor) or root == Path.home():
        raise InvalidArgument("root", str(root), "is no folder of code")
    found: list[tuple[str, Path]] = []
    total = left_out = 0
    for name, path, size in _walk(root):
        if size > MOST_FILE or total + size > MOST_BYTES or len(found) >= MOST_FILES:
            left_out += 1
            continue
        total += size
        found.append((name, path))
    return sorted(found), left_out


def _walk(root: Path) -> Iterator[tuple[str, Path, int]]:
    """Files that nothing ignores, with their names and sizes: those of a folder before those of the folders in it, so
    that the limits take what lies deepest. Ignored folders are not entered."""
    from pathspec import GitIgnoreSpec

    always = ("", GitIgnoreSpec.from_lines([*_ALWAYS, *_SECRETS]))
    folders: deque[tuple[Path, str, tuple[tuple[str, GitIgnoreSpec], ...]]] = deque([(root, "", (always,))])
    while folders:
        folder, prefix, rules = folders.popleft()
        for ignore in _IGNORES:
            try:
                lines = (folder / ignore).read_text(encoding="utf-8", errors="replace").splitlines()
            except OSError:
                continue
            rules = (*rules, (prefix, GitIgnoreSpec.from_lines(lines)))
        try:
            with os.scandir(folder) as entries:
                there = sorted(entries, key=lambda entry: entry.name)
        except OSError:
            continue
        for entry in there:
            name = prefix + entry.name
            try:
                if entry.is_symlink():
                    continue
                if entry.is_dir():
                    if not _ignored(name + "/", rules):
                        folders.append((folder / entry.name, name + "/", rules))
                elif entry.is_file() and not _ignored(name, rules):
                    yield name, folder / entry.name, entry.stat().st_size
            except OSError:
                continue


def _ignored(name: str, rules: tuple[tuple[str, GitIgnoreSpec], ...]) -> bool:
    """As git does: of all files that say something about a name, the innermost decides. What is always left out stays
    so, whatever they say."""
    for place, (prefix, spec) in reversed(list(enumerate(rules))):
        said = spec.check_file(name[len(prefix) :]).include
        if place == 0 or said is not None:
            if said is False and place:
                return rules[0][1].match_file(name)
            return bool(said)
    return False
