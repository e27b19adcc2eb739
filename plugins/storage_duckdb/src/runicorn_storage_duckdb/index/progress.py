"""How far an index is."""

from __future__ import annotations

from attrs import frozen


@frozen
class Progress:
    """``read`` of ``runs`` have been read since the last beginning; ``complete``: every run was, at least once."""

    runs: int = 0
    read: int = 0
    complete: bool = False
    where: str = "memory"  # the index file
    rebuilt: str = ""  # why an older one was thrown away
