"""Changing the user's ``config.toml``; comments and order in it stay."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ..errors import ConfigError
from ..serialize import write_bytes
from .dirs import config_dir
from .values import plain


def user_file() -> Path:
    return config_dir() / "config.toml"


def set_user_value(key: str, value: Any) -> Path:
    """Write one dotted key into the user's file and return its path.

    The caller has checked the value against the schema. The file is replaced atomically.
    """
    document, section, name = _open(key)
    if section not in document:
        document.add(section, _tomlkit().table())
    document[section][name] = plain(value)
    return _save(document)


def unset_user_value(key: str) -> bool:
    """Remove one dotted key from the user's file; False when it does not stand there."""
    document, section, name = _open(key)
    if name not in document.get(section, {}):
        return False
    del document[section][name]
    if not document[section]:
        del document[section]
    _save(document)
    return True


def _open(key: str) -> tuple[Any, str, str]:
    section, _, name = key.partition(".")
    if not section or not name:
        raise ConfigError(key, "must look like section.key, e.g. storage.root")
    path = user_file()
    text = path.read_text(encoding="utf-8-sig") if path.is_file() else ""
    return _tomlkit().parse(text), section, name


def _save(document: Any) -> Path:
    path = user_file()
    path.parent.mkdir(parents=True, exist_ok=True)
    write_bytes(path, _tomlkit().dumps(document).encode())
    return path


def _tomlkit() -> Any:
    import tomlkit  # only where a file is edited

    return tomlkit
