"""The JSON documents of a run, written when they have changed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ..contracts.storage import Document
    from .best import BestValue
    from .writing import Change, Writing

#: In the order in which they are written: the status last, so that it never promises what is not there.
ORDER: tuple[Document, ...] = ("params", "user", "environment", "artifacts", "summary", "status")


class Documents:
    """Which documents have changed, and how each is made from what is on disk."""

    def __init__(self, writing: Writing, changes: Mapping[Document, Change], wake: Callable[[], None]) -> None:
        """
        :param changes: for each document, what makes the new content from the present one.
        :param wake: called when there is something to write.
        """
        self._writing, self._changes, self._wake = writing, changes, wake
        self.forked()

    def forked(self) -> None:
        """What the parent has not written yet is the parent's."""
        # No lock: a signal handler may come while it is held and wait for the thread that writes. Adding to a set and
        # taking away from it is atomic.
        self._changed: set[Document] = set()
        self._touched: set[Document] = set()

    @property
    def changed(self) -> bool:
        return bool(self._changed)

    def touch(self, document: Document) -> None:
        """A document has changed; it is written soon, on the background thread. Any thread, and signal handlers."""
        self._touched.add(document)
        self._changed.add(document)
        self._wake()

    def touch_all(self) -> None:
        """Look again at everything that was written: the run comes back from a spool, or others write it too."""
        self._changed.update(self._touched)

    def write(self) -> None:
        """Write what has changed. Never raises."""
        for document in ORDER:
            if document in self._changed:
                self._changed.discard(document)  # first: what changes from here on is written the next time
                change = self._changes[document]
                self._writing.update(document, change)
                if isinstance(change, Merging):
                    change.written()


def merged(disk: Mapping[str, Any], before: Mapping[str, Any], mine: Mapping[str, Any]) -> dict[str, Any]:
    """What is on disk with my changes: other processes of the run write the same document.

    :param before: what I wrote last; a key that is missing in ``mine`` was removed by me, one that is the same in
        both is left as others may have changed it.
    """
    result = {key: value for key, value in disk.items() if key not in before or key in mine}
    for key, value in mine.items():
        old = before.get(key)
        if key in before and key in result and old == value:
            continue
        if isinstance(value, dict):
            there = result.get(key)
            value = merged(there if isinstance(there, dict) else {}, old if isinstance(old, dict) else {}, value)
        result[key] = value
    return result


class Merging:
    """The change for a document that several processes of a run may write."""

    def __init__(self, mine: Callable[[], dict[str, Any]], before: Mapping[str, Any] | None = None) -> None:
        self._mine, self._before = mine, dict(before or {})
        self._offered = self._before

    def __call__(self, disk: dict[str, Any]) -> dict[str, Any]:
        self._offered = self._mine()
        return merged(disk, self._before, self._offered)

    def written(self) -> None:
        """What was offered last is on disk."""
        self._before = self._offered


class UserMerging(Merging):
    """Like :class:`Merging`; tags are merged one by one."""

    def __call__(self, disk: dict[str, Any]) -> dict[str, Any]:
        result = super().__call__(disk)
        there, before, mine = (_tags(document) for document in (disk, self._before, self._offered))
        kept = [tag for tag in there if tag in mine or tag not in before]
        result["tags"] = kept + [tag for tag in mine if tag not in there and tag not in before]
        if there == before:
            result["tags"] = mine  # in my order
        return result


def _tags(document: Mapping[str, Any]) -> list[str]:
    tags = document.get("tags")
    return list(tags) if isinstance(tags, list) else []


class SummaryMerging(Merging):
    """Like :class:`Merging`; of the best values of all processes the best one stays."""

    def __init__(
        self, mine: Callable[[], dict[str, Any]], best: Callable[[], BestValue | None], before: Mapping[str, Any]
    ) -> None:
        super().__init__(mine, before)
        self._best = best

    def __call__(self, disk: dict[str, Any]) -> dict[str, Any]:
        result = super().__call__(disk)
        best = self._best()
        if best is not None:
            best.offer_stored(disk.get("best"))
            document = best.document()
            if document is not None:
                result["best"] = document
        return result
