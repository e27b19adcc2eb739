"""What happens to an artifact after its versions are committed: aliases, stages, notes, deletion.

A change is one event: a blob whose name is the next number. Exactly one process can create it, so that changes have
one order everywhere without a lock, nothing is ever overwritten, and the history is simply all of them.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Literal, TypeAlias

from attrs import evolve, field, frozen
from runicorn.contracts.artifacts import BlobStore
from runicorn.serialize import dumps, loads
from runicorn.types import JSON, JSONObject

Kind: TypeAlias = Literal["alias", "unalias", "stage", "evaluation", "edit", "delete", "restore", "purge"]


@frozen
class Event:
    """One change of one version."""

    n: int
    at: float  # Unix seconds
    kind: Kind
    version: int
    data: JSONObject = field(factory=dict)


@frozen
class VersionState:
    """What events have made of a version."""

    stage: str | None = None
    description: str | None = None  # None: as committed
    metadata: JSONObject | None = None
    tags: tuple[str, ...] | None = None
    transitions: tuple[JSONObject, ...] = ()
    evaluations: tuple[JSONObject, ...] = ()
    deleted_at: float | None = None
    purged: bool = False


@frozen
class State:
    """What events have made of an artifact."""

    n: int = 0  # of the last event
    aliases: Mapping[str, int] = field(factory=dict)
    versions: Mapping[int, VersionState] = field(factory=dict)
    events: tuple[Event, ...] = ()

    def of(self, version: int) -> VersionState:
        return self.versions.get(version, VersionState())

    def aliases_of(self, version: int) -> list[str]:
        return sorted(alias for alias, number in self.aliases.items() if number == version)

    def in_stage(self, stage: str) -> int | None:
        """The version that came into a stage last and is still in it."""
        for event in reversed(self.events):
            state = self.of(event.version)
            if event.kind == "stage" and event.data.get("to") == stage == state.stage and not _gone(state):
                return event.version
        # Stages that an older Runicorn gave have no events here.
        there = [n for n, state in self.versions.items() if state.stage == stage and not _gone(state)]
        return max(there, default=None)

    def after(self, event: Event) -> State:
        """The state with one more event."""
        aliases, old = dict(self.aliases), self.of(event.version)
        data = event.data
        match event.kind:
            case "alias":
                aliases[str(data["alias"])] = event.version
            case "unalias":
                aliases.pop(str(data["alias"]), None)
            case "stage":
                step = {**data, "at": event.at}
                old = evolve(old, stage=str(data["to"]), transitions=(*old.transitions, step))
            case "evaluation":
                old = evolve(old, evaluations=(*old.evaluations, {**data, "at": event.at}))
            case "edit":
                old = evolve(old, **_edits(data))
            case "delete":
                old = evolve(old, deleted_at=event.at)
            case "restore":
                old = evolve(old, deleted_at=None)
            case "purge":
                old = evolve(old, purged=True)
                aliases = {alias: number for alias, number in aliases.items() if number != event.version}
        return State(event.n, aliases, {**self.versions, event.version: old}, (*self.events, event))


def _gone(state: VersionState) -> bool:
    return state.purged or state.deleted_at is not None


def _edits(data: JSONObject) -> dict[str, Any]:
    edits: dict[str, Any] = {name: data[name] for name in ("description", "metadata") if name in data}
    tags = data.get("tags")
    if isinstance(tags, (list, tuple)):
        edits["tags"] = tuple(str(tag) for tag in tags)
    return edits


#: From the present state to the change that is to be made: (kind, version, data), or None for no change.
Change: TypeAlias = Callable[[State], "tuple[Kind, int, Mapping[str, JSON]] | None"]


class History:
    """The events of one artifact in a store. Thread-safe: at worst an event is read twice."""

    def __init__(self, store: BlobStore, prefix: str, before: State | None = None) -> None:
        """
        :param prefix: of the events' keys, with ``/`` at its end.
        :param before: what was known before the first event: an older Runicorn's aliases and stages.
        """
        self._store, self._prefix = store, prefix
        self._state = before or State()

    def state(self) -> State:
        """The present state; only events that are new since the last call are read."""
        state = self._state
        while (data := self._read(state.n + 1)) is not None:
            state = state.after(_decoded(state.n + 1, data))
        self._state = state
        return state

    def change(self, make: Change) -> State:
        """Make a change on top of everything that has happened.

        :param make: called with the present state, and again with a newer one when another process was quicker. What
            it raises refuses the change.
        """
        while True:
            state = self.state()
            wanted = make(state)
            if wanted is None:
                return state
            kind, version, data = wanted
            event = Event(state.n + 1, time.time(), kind, version, dict(data))
            content = {"at": event.at, "kind": kind, "version": version, "data": event.data}
            if self._store.create(self._key(event.n), dumps(content)):
                self._state = state.after(event)
                return self._state

    def _read(self, n: int) -> bytes | None:
        try:
            return self._store.read(self._key(n))
        except KeyError:
            return None

    def keys(self) -> list[str]:
        """Of all events so far."""
        return [self._key(event.n) for event in self.state().events]

    def _key(self, n: int) -> str:
        return f"{self._prefix}{n:08d}.json"


def joined(events: Iterable[bytes]) -> State:
    """What these events, one after the other, make of an artifact.

    :raises ValueError: one is no event.
    """
    state = State()
    try:
        for n, data in enumerate(events, 1):
            state = state.after(_decoded(n, data))
    except (KeyError, TypeError) as error:
        raise ValueError(f"is no event: {error}") from error
    return state


def _decoded(n: int, data: bytes) -> Event:
    found = loads(data)
    return Event(n, float(found["at"]), found["kind"], int(found["version"]), found.get("data") or {})
