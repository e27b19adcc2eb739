"""Where files of a store are, which may have been moved since it was written."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote, urlsplit

_TOPS = ("mlruns", "mlartifacts")


class Places:
    """Folders that a store names. One that came from elsewhere may name any of this machine: what does not lie below
    its own folder is not read.

    :param base: the folder that a store and its files lie in.
    """

    def __init__(self, base: Path) -> None:
        self._base = base.resolve()

    def folder(self, uri: str, *below: str) -> Path | None:
        """The folder at an address, if it is there, or where it would be when the store has been moved with its files.

        :param below: further places, from the folder of all artifacts.
        """
        parts = urlsplit(uri)
        named = Path(unquote(parts.path))
        tails = [Path(tail) for tail in below]
        places = [named] if uri and parts.scheme in ("file", "") else []
        if parts.scheme == "mlflow-artifacts":
            tails.append(Path(unquote(parts.path).lstrip("/")))
        elif places:
            tails += [Path(*named.parts[named.parts.index(top) + 1 :]) for top in _TOPS if top in named.parts]
        for tail in tails:
            places += [self._base / top / tail for top in _TOPS] + [self._base / tail]
        for place in places:
            real = place.resolve()
            if self._base in real.parents and real.is_dir():
                return real
        return None
