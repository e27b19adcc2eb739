"""What happens to an artifact after its versions are committed: aliases, stages, notes, deletion.

A change is one event: a blob of its own, never changed, whose name is its place in time and the hash of its content.
The history is all of them in the order of their names. So there is no lock, nothing is ever overwritten, and the
histories of two roots are joined by copying what either has: both then say the same.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Mapping
from hashlib import sha256
from typing import Any, Literal, TypeAlias

from attrs import evolve, field, frozen
from runicorn.contracts.artifacts import BlobStore
from runicorn.serialize import dumps, loads
from runicorn.types import JSON, JSONObject

Kind: TypeAlias = Literal["alias", "unalias", "stage", "evaluation", "edit", "delete", "restore", "purge"]


@frozen
class Event:
    """One change of one version."""

    order: int  # microseconds since 1970, and always later than what its maker knew
    at: float  # Unix seconds, by the clock of its maker
    kind: Kind
    version: int
    data: JSONObject = field(factory=dict)
    content: str = ""  # how the digest of the version's manifest begins; "" = whatever has the number

    def means(self, contents: Mapping[int, str]) -> bool:
        """Whether the version that has the number here is the one that was meant, and not another root's."""
        return contents.get(self.version, "").startswith(self.content) or self.version not in contents

    def encode(self) -> bytes:
        return dumps(
            {"at": self.at, "kind": self.kind, "version": self.version, "content": self.content, "data": self.data}
        )

    @property
    def name(self) -> str:
        """Of the blob."""
        return f"{self.order:016d}-{_mark(self.encode())}.json"

    @staticmethod
    def decode(name: str, data: bytes) -> Event:
        """:raises ValueError: that is no event, or not the one that its name says."""
        found = _NAME.fullmatch(name)
        if found is None or found[2] not in (None, _mark(data)):
            raise ValueError(f"is no event: {name}")
        try:
            document = loads(data)
            kind, version = document["kind"], int(document["version"])
            more, content = document.get("data") or {}, str(document.get("content") or "")
            return Event(int(found[1]), float(document["at"]), kind, version, more, content)
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"is no event: {error}") from error


#: Before 0.1 an event had only a number.
_NAME = re.compile(r"(\d+)(?:-([0-9a-f]{16}))?\.json")
_CONTENT = 16  # digits of a manifest's digest that an event keeps


def _mark(data: bytes) -> str:
    return sha256(data).hexdigest()[:16]


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
            case "alias" if not old.purged:
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
        return State(aliases, {**self.versions, event.version: old}, self.events)


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


def folded(events: Iterable[Event], contents: Mapping[int, str], before: State | None = None) -> State:
    """What these events, one after the other, make of an artifact.

    :param contents: the digests of the versions' manifests; what was meant for another version changes nothing.
    """
    counted = tuple(event for event in events if event.means(contents))
    state = before or State()
    for event in counted:
        state = state.after(event)
    return evolve(state, events=counted)


class History:
    """The events of one artifact in a store. Thread-safe: at worst an event is read twice."""

    def __init__(self, store: BlobStore, prefix: str, before: State | None = None) -> None:
        """
        :param prefix: of the events' keys, with ``/`` at its end.
        :param before: what was known before the first event: an older Runicorn's aliases and stages.
        """
        self._store, self._prefix, self._before = store, prefix, before or State()
        self._events: dict[str, Event] = {}
        self._folded: tuple[list[Event], Mapping[int, str], State] = ([], {}, self._before)

    def state(self, contents: Mapping[int, str]) -> State:
        """The present state; only events that are new since the last call are read.

        :param contents: the digest of each version's manifest, by its number here.
        """
        events = self._all()
        known = self._folded
        if known[0] != events or known[1] != contents:
            known = self._folded = events, dict(contents), folded(events, contents, self._before)
        return known[2]

    def change(self, make: Change, contents: Mapping[int, str]) -> None:
        """Make a change on top of everything that has happened. Of two at the same time, either may come first.

        :param make: called with the present state. What it raises refuses the change.
        """
        wanted = make(self.state(contents))
        if wanted is not None:
            kind, version, data = wanted
            now, last = time.time(), max((event.order for event in self._all()), default=0)
            order = max(round(now * 1e6), last + 1)
            self.bring(Event(order, now, kind, version, dict(data), contents.get(version, "")[:_CONTENT]))

    def bring(self, event: Event) -> None:
        """Add an event that happened, here or in another root."""
        self._store.create(self._prefix + event.name, event.encode())

    def keys(self) -> list[str]:
        """Of all events so far."""
        self._all()
        return sorted(self._prefix + name for name in self._events)

    def _all(self) -> list[Event]:
        """In their order; without those that are being written, or are damaged, which fsck names."""
        names = sorted(
            (int(found[1]), name)
            for entry in self._store.list(self._prefix)
            if (found := _NAME.fullmatch(name := entry.key.removeprefix(self._prefix)))
        )
        events = []
        for _, name in names:
            event = self._events.get(name)
            if event is None:
                try:
                    event = self._events[name] = Event.decode(name, self._store.read(self._prefix + name))
                except (KeyError, ValueError):
                    continue
            events.append(event)
        return events
