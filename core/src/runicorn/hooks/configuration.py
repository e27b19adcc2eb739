"""``config_schema``: the sections of plugins."""

from __future__ import annotations

from typing import Any, TypeVar

from ..config import Config, load_config
from .calling import each

Section = TypeVar("Section")


def config_schemas() -> dict[str, type[Any]]:
    """Section name (the plugin's name) -> its attrs class."""
    return dict(each("config_schema"))


def plugin_section(name: str, schema: type[Section], config: Config | None = None) -> Section:
    """A plugin's own section as it holds here.

    :raises ConfigError: an unknown key, or a value of the wrong type.
    """
    return (config or load_config()).section(name, schema)
