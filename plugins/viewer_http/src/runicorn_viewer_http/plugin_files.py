"""What plugins draw: their files under addresses that change with the content, and what the page must know of them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.parse import quote

from attrs import frozen
from runicorn.contracts.panels import ViewerPart
from runicorn.errors import UnsafePath
from runicorn.security import join

MOST_FILES = 2000  # of one folder, so that a folder given by mistake (a home, say) costs nothing


@frozen
class Served:
    """One folder of one plugin, as it was when its address was made."""

    part: ViewerPart
    base: str  # /plugins/acme-panels/0.3.0-1a2b3c4d5e6f
    sizes: Mapping[str, int]  # file -> bytes

    @property
    def module(self) -> str:
        return f"{self.base}/{self.part.static.module}"


class PluginFiles:
    """The folders of all plugins. Edits are seen at the next load of the page. Thread-safe: a race does work twice."""

    def __init__(self, parts: Sequence[ViewerPart]) -> None:
        self._folders = [_Folder(part) for part in parts]

    def served(self) -> list[Served]:
        """Every folder at its present address."""
        return [folder.served() for folder in self._folders]

    def scopes(self) -> dict[str, dict[str, str]]:
        """The import map's scopes: private names of each folder."""
        return {
            f"{served.base}/": {name: f"{served.base}/{file}" for name, file in served.part.static.imports.items()}
            for served in self.served()
            if served.part.static.imports
        }

    def find(self, distribution: str, version: str, name: str) -> tuple[Path, bool] | None:
        """The file, and whether the address is the present one; None when there is no such file.

        A page that was loaded before an update goes on working with what is there now.
        """
        for folder in self._folders:
            if folder.name != distribution:
                continue
            try:
                path = join(folder.root, name)
            except UnsafePath:
                return None
            if path.is_file():
                return path, folder.served().base.rpartition("/")[2] == version
        return None


class _Folder:
    def __init__(self, part: ViewerPart) -> None:
        self.root = part.static.folder
        self.name = part.distribution or part.plugin  # what is added to a process has no distribution
        self._part = part
        self._seen: tuple[tuple[str, int, int], ...] = ()
        self._served: Served | None = None

    def served(self) -> Served:
        found = sorted(_files(self.root))
        seen = tuple((str(path), stat.st_mtime_ns, stat.st_size) for path in found for stat in [path.stat()])
        if self._served is None or seen != self._seen:
            digest = hashlib.sha256()
            for path in found:
                digest.update(path.relative_to(self.root).as_posix().encode() + b"\0" + path.read_bytes())
            sizes = {
                path.relative_to(self.root).as_posix(): size for path, (_, _, size) in zip(found, seen, strict=True)
            }
            version = f"{self._part.version or '0'}-{digest.hexdigest()[:12]}"
            base = f"/plugins/{quote(self.name)}/{quote(version)}"
            self._served, self._seen = Served(self._part, base, sizes), seen
        return self._served


def _files(root: Path) -> list[Path]:
    found: list[Path] = []
    for path in root.rglob("*"):
        if path.is_file():
            found.append(path)
            if len(found) == MOST_FILES:
                break
    return found
