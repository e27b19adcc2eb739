"""From what a user types to a storage root and its runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..hooks import find_run, find_runs, open_store

if TYPE_CHECKING:
    from ..contracts import Store

__all__ = ["find_run", "find_runs", "store_at"]


def store_at(root: str | None) -> Store:
    return open_store(root)
