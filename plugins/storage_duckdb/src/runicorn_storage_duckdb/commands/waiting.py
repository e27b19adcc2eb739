"""Waiting for an index, with a bar where it takes long."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from .telling import progress

if TYPE_CHECKING:
    from ..hybrid_store import HybridStore
    from ..index.looking import LookIndex

_AT_ONCE_S = 0.5
_LOOK_S = 0.05


def show_waiting(store: HybridStore, index: LookIndex) -> None:
    """Until the index has read every run, or ended; a bar is shown after half a second, in a terminal."""
    following = index.following
    if not sys.stderr.isatty() or following.wait(_AT_ONCE_S):
        following.wait()
        return
    with progress("indexing", len(store.list_runs(deleted=None)), "runs") as tick:
        read = 0
        while not following.wait(_LOOK_S) and index.broken is None:
            now = index.progress.read
            tick(now - read)
            read = now
