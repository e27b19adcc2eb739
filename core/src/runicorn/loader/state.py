"""The switches that tools write: ``plugins.json`` beside the user's ``config.toml``, or beside ``runicorn.toml``.

``{"disable": [...], "enable": [...]}``; a project's ``enable`` wins over the user's ``disable``.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Literal, TypeAlias

from ..config import config_dir
from ..config.layers import project_file
from ..serialize import read_object, write_json

Switch: TypeAlias = Literal["enable", "disable"]
NAME = "plugins.json"


def user_state() -> Path:
    return config_dir() / NAME


def project_state() -> Path | None:
    """The project's file; None outside a project."""
    project = project_file()
    return None if project is None else project.parent / NAME


def switched(path: Path | None, switch: Switch) -> list[str]:
    """The names that a file switches this way."""
    names = read_object(path).get(switch, []) if path is not None else []
    return [name for name in names if isinstance(name, str)] if isinstance(names, list) else []


def switch_plugins(names: Iterable[str], switch: Switch, *, project: bool = False) -> Path:
    """Switch plugins on or off from the next start on, and return the file that says so.

    :param project: for this project only; where there is none, the working folder becomes one (``runicorn.toml``).
    """
    path = (project_state() or _begin_project()) if project else user_state()
    other: Switch = "enable" if switch == "disable" else "disable"
    wanted = set(names)
    # The user's file needs no "enable": nothing below it could be disabled.
    chosen = sorted({*switched(path, switch), *wanted}) if project or switch == "disable" else []
    path.parent.mkdir(parents=True, exist_ok=True)
    write_json(path, {switch: chosen, other: [name for name in switched(path, other) if name not in wanted]})
    return path


def _begin_project() -> Path:
    folder = Path.cwd()
    (folder / "runicorn.toml").write_text("# Settings of Runicorn for this project; see: runicorn config show\n")
    return folder / NAME
