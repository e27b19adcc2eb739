"""Reading on where one stopped: what an index over runs needs. Optional for a reader."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    from ..model.increment import RecordBlock
    from ..types import JSON


class Increment(Protocol):
    """What became whole in a run's event files since a position. One reader, one thread, once."""

    @property
    def changed(self) -> bool:
        """Whether there may be anything to read; False is certain, and cheap to know."""

    @property
    def whole(self) -> bool:
        """These are all records from the first: what was told before no longer holds.

        So it is without a position, and where a file was cut, replaced or removed, or has come in between.
        """

    def blocks(self) -> Iterator[RecordBlock]:
        """The records, a bounded number at a time.

        :raises StorageError: a file cannot be read, or was replaced meanwhile: ask again.
        """

    def position(self) -> JSON:
        """Where the next increment begins, once all blocks were read. It may be kept on disk."""


@runtime_checkable
class IncrementalReader(Protocol):
    """A ``RunReader`` that can read on from a position that was kept, also by another process."""

    def increment(self, position: JSON = None) -> Increment:
        """What came since ``position``; everything for None, or for a position that fits no more."""
