"""A reader that brings a run's media when somebody asks for its folder, for they lie nowhere else."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from operator import attrgetter
from pathlib import Path
from typing import Any

from runicorn.contracts import RunReader


class RemoteReader:
    """Everything but the folder is the inner reader's: curves, logs and lists of media wait for no media."""

    def __init__(self, inner: RunReader, bring_media: Callable[[], None]) -> None:
        self._inner, self._bring_media = inner, bring_media

    @property
    def folder(self) -> Path:
        self._bring_media()
        return self._inner.folder

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)


def remote_reader(inner: RunReader, bring_media: Callable[[], None]) -> RunReader:
    """``inner``, with all that it can do, whose folder is whole."""
    found: Any = _standing_in_for(type(inner))(inner, bring_media)
    return found  # type: ignore[no-any-return]


@cache
def _standing_in_for(kind: type) -> type[RemoteReader]:
    """What the inner one can do, in the class: ``isinstance`` with a protocol looks there from Python 3.12 on."""
    names = [name for name in dir(kind) if not name.startswith("_") and name != "folder"]
    return type("RemoteReader", (RemoteReader,), {name: property(attrgetter(f"_inner.{name}")) for name in names})
