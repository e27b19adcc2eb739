"""``register_archive_parts``: what goes into an archive beside the runs, and back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .calling import Offers, named, offers

if TYPE_CHECKING:
    from ..contracts import ArchivePart


def archive_parts() -> Offers[ArchivePart]:
    """Every part of the active plugins, by name."""
    return offers(
        "register_archive_parts",
        "archive part",
        lambda parts: named(parts, "files", "place"),
        lambda name, _: f"archive part {name}",
    )
