"""Reading the layers: environment, project file, user file; and the sections made of them."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

from ..errors import ConfigError
from .address import scheme_of
from .dirs import config_dir
from .schema import OTHER_VARIABLES, SECTIONS, SHORT_VARIABLES, PluginsSection, RunSection, StorageSection
from .values import plain, structure

Section = TypeVar("Section")


class Config:
    """What holds in this process, in this folder.

    ``raw`` maps a section to its values, ``origins`` a dotted key to where the value was written. Sections of
    plugins are structured by the plugin's own schema, when :meth:`section` is first asked for them.
    """

    def __init__(self, raw: Mapping[str, Mapping[str, Any]], origins: Mapping[str, str]) -> None:
        self._raw, self._origins = raw, origins
        self.storage = self._make("storage", StorageSection)
        self.run = self._make("run", RunSection)
        self.plugins = self._make("plugins", PluginsSection)

    def _make(self, name: str, schema: type[Section]) -> Section:
        prefix = name + "."
        origins = {key[len(prefix) :]: at for key, at in self._origins.items() if key.startswith(prefix)}
        return structure(name, schema, self._raw.get(name, {}), origins)

    def section(self, name: str, schema: type[Section]) -> Section:
        """A plugin's section.

        :param name: the plugin's name, e.g. ``viewer-http``.
        :param schema: the attrs class that its ``config_schema`` returned.
        :raises ConfigError: an unknown key, or a value of the wrong type.
        """
        return self._make(name, schema)

    def origin(self, key: str) -> str:
        """Where a dotted key got its value: a variable, a file, or ``default``."""
        return self._origins.get(key, "default")

    def unknown_sections(self, known: set[str]) -> list[str]:
        """Sections that neither core nor one of the ``known`` plugins has."""
        return sorted(name for name in self._raw if name not in SECTIONS and name not in known)

    def items(self, schemas: Mapping[str, type[Any]] | None = None) -> Iterator[tuple[str, Any, str]]:
        """(dotted key, value in JSON types, origin) for every field of core and of the given plugin schemas."""
        import attrs

        for name, schema in {**SECTIONS, **(schemas or {})}.items():
            section: Any = self._make(name, schema)
            for attribute in attrs.fields(schema):
                key = f"{name}.{attribute.name}"
                yield key, plain(getattr(section, attribute.name)), self.origin(key)


def load_config(folder: Path | None = None) -> Config:
    """Read every layer afresh.

    :param folder: where the search for the project's file starts; the working folder by default.
    :raises ConfigError: a file is not TOML, a key is unknown, a value has the wrong type; the sentence names the file.
    """
    raw: dict[str, dict[str, Any]] = {}
    origins: dict[str, str] = {}
    for path in (config_dir() / "config.toml", project_file(folder)):
        if path is not None and path.is_file():
            _merge_file(path, raw, origins)
    _merge_environment(os.environ, raw, origins)
    return Config(raw, origins)


def project_file(folder: Path | None = None) -> Path | None:
    """The nearest ``runicorn.toml``, or ``pyproject.toml`` with ``[tool.runicorn]``, going up."""
    try:
        start = (folder or Path.cwd()).absolute()
    except FileNotFoundError:  # the working folder was removed
        return None
    for parent in (start, *start.parents):
        own = parent / "runicorn.toml"
        if own.is_file():
            return own
        shared = parent / "pyproject.toml"
        if shared.is_file() and b"[tool.runicorn" in shared.read_bytes():
            return shared
    return None


def read_toml(path: Path) -> dict[str, dict[str, Any]]:
    """The sections of one configuration file."""
    import tomllib

    try:
        content = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(path.name, f"is not valid TOML: {error}", str(path)) from error
    if path.name == "pyproject.toml":
        content = content.get("tool", {}).get("runicorn", {})
    for name, section in content.items():
        if not isinstance(section, dict):
            raise ConfigError(name, "must stand in a section such as [storage]", str(path))
    return content


def _merge_file(path: Path, raw: dict[str, dict[str, Any]], origins: dict[str, str]) -> None:
    for name, section in read_toml(path).items():
        for key, value in section.items():
            if name == "storage" and key == "root" and isinstance(value, str) and scheme_of(value) is None:
                # A relative root is relative to the file that says so, not to where one happens to stand.
                value = str(path.parent / Path(value).expanduser())
            raw.setdefault(name, {})[key] = value
            origins[f"{name}.{key}"] = str(path)


def _merge_environment(environ: Mapping[str, str], raw: dict[str, dict[str, Any]], origins: dict[str, str]) -> None:
    for variable, text in environ.items():
        if not variable.startswith("RUNICORN_") or variable in OTHER_VARIABLES or not text:
            continue
        key = SHORT_VARIABLES.get(variable) or _long_variable(variable)
        if key is not None:
            section, _, name = key.partition(".")
            raw.setdefault(section, {})[name] = text
            origins[key] = f"variable {variable}"


def _long_variable(variable: str) -> str | None:
    """``RUNICORN_RUN__FINISH_TIMEOUT`` -> ``run.finish_timeout``; two underscores part section and key."""
    section, parted, name = variable.removeprefix("RUNICORN_").lower().partition("__")
    return f"{section.replace('_', '-')}.{name}" if parted and section and name else None
