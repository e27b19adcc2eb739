"""The JSON documents of one run folder, as today's keys whoever wrote them."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import orjson
from runicorn.serialize import loads, loads_exactly

from . import older

if TYPE_CHECKING:
    from runicorn.contracts.storage import Document
    from runicorn.types import JSON


#: What older versions kept about all runs of a root, in one file there.
PEOPLE = ".experiments_metadata.json"


def load(path: str, parse: Callable[[bytes], Any] = orjson.loads) -> dict[str, Any]:
    """A JSON object; an empty one for a file that is missing, empty, torn, unreadable or something else."""
    try:
        fd = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0))
    except OSError:
        return {}
    try:
        data = os.read(fd, 1 << 16)
        while more := os.read(fd, 1 << 20) if len(data) >= 1 << 16 else b"":
            data += more
    except OSError:
        return {}
    finally:
        os.close(fd)
    try:
        value = parse(data)
    except ValueError:
        try:
            value = loads(data)  # the older dialect: bare NaN
        except (ValueError, RecursionError):
            return {}
    return value if isinstance(value, dict) else {}


class Documents:
    """Reads documents of one folder. Short-lived: the entries of the folder are looked at once."""

    def __init__(self, path: str, people: Mapping[str, Any], *, exact: bool = False) -> None:
        """
        :param people: ``.experiments_metadata.json`` of the root.
        :param exact: integers beyond 64 bits keep their digits; takes longer, so lists do without.
        """
        self._path = path
        self._parse = loads_exactly if exact else orjson.loads
        self._people = people
        with os.scandir(path) as entries:
            self.names = frozenset(entry.name for entry in entries)

    def file(self, name: str) -> dict[str, Any]:
        return load(f"{self._path}{os.sep}{name}", self._parse) if name in self.names else {}

    def read(self, document: Document) -> dict[str, JSON]:
        match document:
            case "meta":
                return older.meta(self.file("meta.json"))
            case "status":
                return older.status(self.file("status.json"))
            case "summary":
                return older.summary(self.file("summary.json"))
            case "user" if "user.json" not in self.names:
                return self.people(self.file("meta.json"))
            case "params" if "params.json" not in self.names:
                return older.params(self.file("assets.json"))
            case "artifacts" if "artifacts.json" not in self.names:
                return older.artifacts(self.file("artifacts_created.json"), self.file("artifacts_used.json"))
            case "environment":
                found = self.file("environment.json")
                return {"environment": found} if "python_version" in found else found
            case _:
                return self.file(f"{document}.json")

    def people(self, meta: Mapping[str, JSON]) -> dict[str, JSON]:
        """What older versions knew from people, for a folder without ``user.json``."""
        entry = self._people.get(str(meta.get("id") or self._path.rpartition(os.sep)[2]))
        return older.user(meta, entry if isinstance(entry, Mapping) else {})
