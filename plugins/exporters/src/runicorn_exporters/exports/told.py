"""How far an export is, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from runicorn.hooks import ExportProgress


def told_of(at: ExportProgress) -> str:
    """What was written and, where exporters count them, the values that were read."""
    written = f"{at.bytes / 1e6:.1f} MB"
    return f"{at.values:,} values, {written}" if at.values else written
