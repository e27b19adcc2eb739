"""The interpreter and what it can import."""

from __future__ import annotations

import os
import platform
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from runicorn.distributions import distributions

if TYPE_CHECKING:
    from runicorn.types import JSON


def interpreter() -> dict[str, JSON]:
    return {
        "version": platform.python_version(),
        "implementation": platform.python_implementation(),
        "executable": sys.executable or None,
        "environment": _environment(),
    }


def _environment() -> dict[str, JSON]:
    if sys.prefix != sys.base_prefix:
        return {"kind": "uv" if _made_by_uv() else "venv", "name": Path(sys.prefix).name}
    if (Path(sys.prefix) / "conda-meta").is_dir():
        return {"kind": "conda", "name": os.environ.get("CONDA_DEFAULT_ENV") or Path(sys.prefix).name}
    return {"kind": "system", "name": None}


def conda_packages() -> dict[str, JSON]:
    """Name to version of what conda, mamba or pixi installed, CUDA and compilers among it, by name.

    Empty where the interpreter is none of theirs; of a virtual environment it is the one that it stands upon. The names
    of their records say it, so no file is read and nothing is started.
    """
    found = {}
    for record in (Path(sys.base_prefix) / "conda-meta").glob("*-*-*.json"):
        name, version, _ = record.stem.rsplit("-", 2)
        found[name] = version
    return dict(sorted(found.items()))


def _made_by_uv() -> bool:
    try:
        lines = (Path(sys.prefix) / "pyvenv.cfg").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return False
    return any(line.partition("=")[0].strip() == "uv" for line in lines)


def packages() -> dict[str, JSON]:
    """Name to version, by name. Of a distribution that is found twice the first one counts, as for import."""
    found: dict[str, str] = {}
    for distribution in distributions():
        name, version = distribution.identity()
        if name:
            found.setdefault(name, version)
    return dict(sorted(found.items(), key=lambda item: item[0].lower()))
