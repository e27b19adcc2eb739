"""What people changed lately, so that it can be undone: one file for each storage root, in the user's state folder."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from itertools import takewhile
from pathlib import Path
from time import time
from typing import Any

from attrs import frozen

from ..config import state_dir
from ..errors import NothingToUndo
from ..serialize import dumps, loads, write_bytes
from ..types import JSON

#: The kind of a change that took runs away for good.
REMOVAL = "removal"
_KEPT = 200  # changes
_MOST = 4 << 20  # bytes of the file before old changes are dropped


@frozen
class Change:
    """One change. ``steps`` holds what undoing needs, one object for each run."""

    id: str
    time: float
    what: str  # for people: "tag 3 runs"
    kind: str  # user, delete, restore, move, removal
    steps: Sequence[Mapping[str, JSON]]


class Journal:
    """Appended to by every process of this user; a change is one line, an undo another."""

    def __init__(self, root: Path) -> None:
        from hashlib import sha256

        name = sha256(os.fsencode(root.absolute())).hexdigest()[:16]
        self._path = state_dir() / "changes" / f"{name}.jsonl"

    def add(self, what: str, kind: str, steps: Sequence[Mapping[str, JSON]]) -> str | None:
        """Remember a change; its id, or None where the state folder cannot be written."""
        change = os.urandom(4).hex()
        line: dict[str, JSON] = {"id": change, "time": time(), "what": what, "kind": kind, "steps": steps}
        return change if self._append(line) else None

    def undone(self, change: str) -> None:
        """It was undone: it is not offered again."""
        self._append({"undone": change})

    def changes(self) -> list[Change]:
        """What can be undone, newest first; not where all of its runs are gone for good."""
        return [change for change in self._known() if change.kind != REMOVAL]

    def _known(self) -> list[Change]:
        """What was not undone, newest first: removals, too, until somebody was told that they stay."""
        lines = self._lines()
        told = {line.get("undone") for line in lines}
        found: list[Change] = []
        removed: set[object] = set()
        for line in reversed(lines):
            if "steps" not in line:
                continue
            change = Change(line["id"], line["time"], line["what"], line["kind"], line["steps"])
            runs = {step["folder"] for step in change.steps}
            if change.kind == REMOVAL:
                removed |= runs
            elif runs <= removed:
                continue
            if change.id not in told:
                found.append(change)
        return found[:_KEPT]

    def find(self, change: str | None) -> Change:
        """A change; None = the newest.

        :raises NothingToUndo: there is none, or it is a removal, which the next call passes over.
        """
        known = self._known()
        if change is None and known and known[0].kind == REMOVAL:
            for removal in takewhile(lambda one: one.kind == REMOVAL, known):
                self.undone(removal.id)
            earlier = next((one.what for one in known if one.kind != REMOVAL), None)
            raise NothingToUndo(None, known[0].what, earlier)
        for one in known:
            if change in (None, one.id) and one.kind != REMOVAL:
                return one
        raise NothingToUndo(change)

    def _append(self, line: Mapping[str, JSON]) -> bool:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            if self._path.exists() and self._path.stat().st_size > _MOST:
                kept = self._lines()[-_KEPT:]
                write_bytes(self._path, b"".join(dumps(one) + b"\n" for one in kept))
            descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            try:
                os.write(descriptor, dumps(line) + b"\n")
            finally:
                os.close(descriptor)
        except OSError:
            return False
        return True

    def _lines(self) -> list[Any]:
        try:
            data = self._path.read_bytes()
        except OSError:
            return []
        found = []
        for line in data.splitlines():
            try:
                value = loads(line)
            except ValueError:
                continue  # torn by a killed process
            if isinstance(value, dict):
                found.append(value)
        return found
