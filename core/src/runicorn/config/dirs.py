"""Where this user's files live, as platformdirs names them, or all below ``RUNICORN_HOME``."""

from __future__ import annotations

import os
from pathlib import Path


def _dir(kind: str) -> Path:
    home = os.environ.get("RUNICORN_HOME")
    if home:
        return Path(home).expanduser().absolute() / kind
    import platformdirs

    # Without an author: on Windows the folder is not doubled.
    path: Path = getattr(platformdirs, f"user_{kind}_path")("runicorn", appauthor=False)
    return path


def config_dir() -> Path:
    """Holds ``config.toml`` (people write it) and ``plugins.json`` (tools write it)."""
    return _dir("config")


def data_dir() -> Path:
    """Holds the default storage root."""
    return _dir("data")


def state_dir() -> Path:
    """Holds spools: records that could not be brought to their run."""
    return _dir("state")


def cache_dir() -> Path:
    """Holds what may be deleted at any time."""
    return _dir("cache")
