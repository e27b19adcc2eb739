"""Connections that the user has saved, without secrets: one document in the configuration folder."""

from __future__ import annotations

import threading
from typing import Any, cast

from attrs import evolve, frozen
from runicorn.config import config_dir
from runicorn.errors import InvalidArgument
from runicorn.serialize import read_object, write_json

from ..config import AUTHS, Auth, SSHConfig

_LOCK = threading.Lock()


@frozen
class Saved:
    """One of them. ``root`` is the storage root over there, ``python`` what starts the viewer; "" = the usual."""

    name: str
    config: SSHConfig
    root: str = ""
    python: str = ""

    def document(self) -> dict[str, Any]:
        config = self.config
        return {
            "name": self.name,
            "host": config.host,
            "port": config.port,
            "username": config.username,
            "auth": config.auth,
            "key_path": config.key_path,
            "jump": None if config.jump is None else list(config.jump),
            "root": self.root,
            "python": self.python,
        }


def saved_connections() -> list[Saved]:
    """By name. Entries that cannot be read are left out."""
    entries = read_object(_path()).get("connections", [])
    found = [_read(entry) for entry in entries if isinstance(entry, dict)]
    return sorted((one for one in found if one is not None), key=lambda one: one.name.lower())


def save(saved: Saved) -> None:
    """Keep one, in the place of another of its name. Secrets are dropped."""
    if not saved.name.strip() or len(saved.name) > 200:
        raise InvalidArgument("name", saved.name, "must be a text of at most 200 characters")
    clean = evolve(saved, config=evolve(saved.config, password=None, passphrase=None))
    with _LOCK:
        _write([*(one for one in saved_connections() if one.name != saved.name), clean])


def remove(name: str) -> bool:
    """Whether there was one."""
    with _LOCK:
        before = saved_connections()
        after = [one for one in before if one.name != name]
        if len(after) < len(before):
            _write(after)
        return len(after) < len(before)


def _write(all_of_them: list[Saved]) -> None:
    path = _path()
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    write_json(path, {"connections": [one.document() for one in all_of_them]})


def _read(entry: dict[str, Any]) -> Saved | None:
    auth = entry.get("auth")
    jump = entry.get("jump")
    try:
        config = SSHConfig(
            host=str(entry["host"]),
            port=entry.get("port"),
            username=entry.get("username"),
            auth=cast("Auth", auth) if auth in AUTHS else "auto",
            key_path=entry.get("key_path"),
            jump=None if jump is None else [str(hop) for hop in jump],
        )
        return Saved(str(entry["name"]), config, str(entry.get("root") or ""), str(entry.get("python") or ""))
    except (KeyError, TypeError, ValueError):
        return None


def _path() -> Any:
    return config_dir() / "remote" / "connections.json"
