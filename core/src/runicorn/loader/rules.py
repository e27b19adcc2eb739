"""Which plugins may run: decided from variables and state files, before anything is imported."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress

from attrs import field, frozen

from ..config import load_config
from ..config.layers import project_file
from ..config.schema import PluginsSection
from ..errors import ConfigError
from .state import project_state, switched, user_state


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
    load_limit_s: float = PluginsSection().load_timeout
    hook_limit_s: float = PluginsSection().hook_timeout

    def reason_against(self, name: str) -> str:
        """Why this plugin may not run; empty when it may."""
        if self.load_none:
            return "disabled by RUNICORN_NO_PLUGINS"
        if self.only is not None and name not in self.only:
            return "disabled by RUNICORN_PLUGINS_ONLY"
        where = self.denied.get(name)
        return f"disabled by {where}" if where else ""


def current_rules() -> Rules:
    """Read the switches: variables, then the project's, then the user's."""
    denied: dict[str, str] = {}
    section = PluginsSection()
    project = project_state()
    denied.update(dict.fromkeys(switched(user_state(), "disable"), "the user (runicorn plugins enable NAME)"))
    for name in switched(project, "enable"):
        denied.pop(name, None)
    denied.update(dict.fromkeys(switched(project, "disable"), "plugins.json of this project"))
    with suppress(ConfigError):  # the command or init() that needs the configuration says so; plugins still load
        config = load_config()
        section = config.plugins
        denied.update(dict.fromkeys(config.plugins.disable, _words(config.origin("plugins.disable"))))
    denied.update(dict.fromkeys(_names(os.environ.get("RUNICORN_PLUGINS_DISABLE", "")), "RUNICORN_PLUGINS_DISABLE"))
    only = os.environ.get("RUNICORN_PLUGINS_ONLY")
    return Rules(
        load_none=os.environ.get("RUNICORN_NO_PLUGINS", "") not in ("", "0"),
        only=None if only is None else _names(only),
        denied=denied,
        prefer=section.prefer,
        strict=strict(),
        load_limit_s=section.load_timeout,
        hook_limit_s=section.hook_timeout,
    )


def _words(origin: str) -> str:
    """Where a value was written, short: ``runicorn.toml of this project``."""
    project = project_file()
    return f"{project.name} of this project" if project is not None and origin == str(project) else origin


def strict() -> bool:
    """Whether errors of plugins are raised instead of contained (our tests run so)."""
    return os.environ.get("RUNICORN_PLUGINS_STRICT", "") not in ("", "0")
