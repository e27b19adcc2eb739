"""``config_schema``: the sections of plugins."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

import attrs

from ..config import Config, config_dir, load_config, set_user_value, unset_user_value
from ..config.schema import SECTIONS
from ..config.values import plain, structure
from ..errors import ConfigError, StorageError
from ..loader import manager
from ..types import JSON
from .calling import each

Section = TypeVar("Section")


def config_schemas() -> dict[str, type[Any]]:
    """Section name (the plugin's name) -> its attrs class."""
    current = manager()

    def ask() -> dict[str, type[Any]]:
        found = dict(each("config_schema", _checked))
        for plugin in found:
            current.record_offer(plugin, "settings")
        return found

    return current.once("config_schema", ask)


def _checked(schema: type[Any]) -> type[Any]:
    """:raises TypeError: it is no attrs class, or one of its fields has no default."""
    if not isinstance(schema, type) or not attrs.has(schema):
        raise TypeError(f"returned {schema!r}, which is no attrs class")
    for field in attrs.fields(schema):
        if field.default is attrs.NOTHING:
            raise TypeError(f"returned {schema.__name__}, whose {field.name} has no default")
    return schema


def plugin_section(name: str, schema: type[Section], config: Config | None = None) -> Section:
    """A plugin's own section as it holds here.

    :raises ConfigError: an unknown key, or a value of the wrong type.
    """
    return (config or load_config()).section(name, schema)


def config_document(config: Config | None = None) -> dict[str, dict[str, JSON]]:
    """Section -> key -> value, of core and all active plugins.

    Fields with ``metadata={"secret": True}`` are left out.

    :raises ConfigError: a file or variable holds something unusable.
    """
    current = config or load_config()
    document: dict[str, dict[str, JSON]] = {}
    for name, schema in config_sections().items():
        section: Any = current.section(name, schema)
        public = [field.name for field in attrs.fields(schema) if not field.metadata.get("secret")]
        document[name] = {field: plain(getattr(section, field)) for field in public}
    return document


def change_config(changes: Mapping[str, Mapping[str, JSON]]) -> None:
    """Write some values into the user's file; all are checked first, so that nothing is half written.

    :param changes: section -> key -> value; None removes the key from the file.
    :raises ConfigError: an unknown section or key, or a value of the wrong type.
    :raises StorageError: the file could not be written.
    """
    schemas = config_sections()
    checked: dict[str, Any] = {}
    for name, values in changes.items():
        if name not in schemas:
            raise ConfigError(name, f"is no section (known: {', '.join(schemas)})")
        wanted = {key: value for key, value in values.items() if value is not None}
        section: Any = structure(name, schemas[name], wanted, {})
        checked.update({f"{name}.{key}": plain(getattr(section, key)) for key in wanted})
        removed = dict.fromkeys(values.keys() - wanted.keys())
        for key in removed.keys() - {field.name for field in attrs.fields(schemas[name])}:
            raise ConfigError(f"{name}.{key}", "is unknown")
        checked.update({f"{name}.{key}": None for key in removed})
    try:
        for key, value in checked.items():
            if value is None:
                unset_user_value(key)
            else:
                set_user_value(key, value)
    except OSError as error:
        raise StorageError("writing config.toml", str(config_dir()), error.strerror or str(error)) from error


def config_sections() -> dict[str, type[Any]]:
    """Section name -> its attrs class: core's own, then those of active plugins."""
    return {**SECTIONS, **config_schemas()}
