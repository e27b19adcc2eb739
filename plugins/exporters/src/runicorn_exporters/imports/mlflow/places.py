"""Where files of a store are, which may have been moved since it was written."""

from __future__ import annotations

import re
from pathlib import Path, PureWindowsPath
from urllib.parse import unquote

_TOPS = ("mlruns", "mlartifacts")
#: One letter before the colon is a drive.
_ADDRESS = re.compile(r"(?P<scheme>[a-z][a-z0-9+.-]+):(//[^/]*)?(?P<path>.*)", re.IGNORECASE | re.DOTALL)
_DRIVE = re.compile(r"/*(?=[a-z]:[\\/])", re.IGNORECASE)


class Places:
    """Folders that a store names. One that came from elsewhere may name any of this machine: what does not lie below
    its own folder is not read.

    :param base: the folder that a store and its files lie in.
    """

    def __init__(self, base: Path) -> None:
        self._base = base.resolve()

    def folder(self, uri: str, *below: str, inner: str = "") -> Path | None:
        """The folder at an address, if it is there, or where it would be when the store has been moved with its files.

        :param uri: or a path; "" = what is known is in ``below``.
        :param below: further places, from the folder of all artifacts.
        :param inner: a path in each of them.
        """
        address = _ADDRESS.fullmatch(uri)
        scheme = address["scheme"].lower() if address is not None else "file"
        # MLflow appends paths to addresses as they are: what looks quoted may not be.
        names = [uri] if address is None else [*dict.fromkeys((unquote(address["path"]), address["path"]))]
        tails = [Path(tail) for tail in below]
        places: list[Path] = []
        if scheme == "mlflow-artifacts":
            tails += [Path(name.lstrip("/")) for name in names]
        elif scheme == "file" and uri:
            places = [_path(name) for name in names]
            tails += [
                Path(*place.parts[place.parts.index(top) + 1 :])
                for place in places
                for top in _TOPS
                if top in place.parts
            ]
        for tail in tails:
            places += [self._base / top / tail for top in _TOPS] + [self._base / tail]
        for place in places:
            real = (place / inner).resolve()
            if self._base in real.parents and real.is_dir():
                return real
        return None


def _path(name: str) -> Path:
    """Also one of Windows, which its address has after a slash."""
    drive = _DRIVE.match(name)
    return Path(name) if drive is None else Path(*PureWindowsPath(name[drive.end() :]).parts)
