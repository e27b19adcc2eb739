"""The first line of standard output, for the program that started a viewer."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import orjson
from runicorn import __version__


def introduction(place: str | Path, port: int, root: Path, session: str | None) -> Mapping[str, object]:
    """Who this viewer is and where it listens: ``host`` and ``port``, or ``sock``."""
    where: dict[str, object] = {"sock": str(place)} if isinstance(place, Path) else {"host": place, "port": port}
    return {"ready": "runicorn-viewer", **where, "pid": os.getpid(), "version": __version__, "root": str(root)} | (
        {"session": session} if session else {}
    )


def say(said: Mapping[str, object]) -> None:
    """Print it. A program that has gone already is noticed elsewhere."""
    with suppress(OSError):
        sys.stdout.write(orjson.dumps(said).decode() + "\n")
        sys.stdout.flush()
