"""Which plugins may run: decided from variables and state files, before anything is imported."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from attrs import field, frozen

from ..config import config_dir, load_config
from ..config.layers import project_file
from ..errors import ConfigError
from ..serialize import read_object


def _names(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


@frozen
class Rules:
    """The outcome of all switches. ``denied`` maps a plugin to where it was switched off."""

    load_none: bool = False
    only: tuple[str, ...] | None = None
    denied: Mapping[str, str] = field(factory=dict)
    prefer: Mapping[str, str] = field(factory=dict)
    strict: bool = False

    def reason_against(self, name: str) -> str:
        """Why this plugin may not run; empty when it may."""
        if self.load_none:
            return "disabled by RUNICORN_NO_PLUGINS"
        if self.only is not None and name not in self.only:
            return "disabled by RUNICORN_PLUGINS_ONLY"
        where = self.denied.get(name)
        return f"disabled by {where}" if where else ""


def current_rules() -> Rules:
    """Read the switches: variables first, then the project's, then the user's."""
    denied: dict[str, str] = {}
    prefer: Mapping[str, str] = {}
    config = None
    with suppress(ConfigError):  # the command or init() that needs the configuration says so; plugins still load
        config = load_config()
    user_state = config_dir() / "plugins.json"
    project = project_file()
    project_state = _project_state(project)
    for path, words in ((user_state, "the user's plugins.json"), (project_state, "plugins.json of this project")):
        if path is not None:
            disabled = read_object(path).get("disable", [])
            denied.update(dict.fromkeys((n for n in disabled if isinstance(n, str)), words))
    if config is not None:
        prefer = config.plugins.prefer
        origin = config.origin("plugins.disable")
        words = f"{Path(origin).name} of this project" if project and origin == str(project) else origin
        denied.update(dict.fromkeys(config.plugins.disable, words))
    denied.update(dict.fromkeys(_names(os.environ.get("RUNICORN_PLUGINS_DISABLE", "")), "RUNICORN_PLUGINS_DISABLE"))
    only = os.environ.get("RUNICORN_PLUGINS_ONLY")
    return Rules(
        load_none=os.environ.get("RUNICORN_NO_PLUGINS", "") not in ("", "0"),
        only=None if only is None else _names(only),
        denied=denied,
        prefer=prefer,
        strict=strict(),
    )


def strict() -> bool:
    """Whether errors of plugins are raised instead of contained (our tests run so)."""
    return os.environ.get("RUNICORN_PLUGINS_STRICT", "") not in ("", "0")


def _project_state(project: Path | None) -> Path | None:
    if project is None:
        return None
    beside = project.parent / ".runicorn" / "plugins.json"
    return beside if beside.is_file() else None
