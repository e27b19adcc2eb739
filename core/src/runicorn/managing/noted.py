"""The versions of artifacts that a run's document names."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any


def joined(entries: Iterable[dict[str, Any]], more: Iterable[Any]) -> list[dict[str, Any]]:
    """Entries of the document, none of a version twice."""
    found = {(each["type"], each["name"], each["version"]): each for each in entries}
    for each in more:
        if isinstance(each, dict) and {"type", "name", "version"} <= each.keys():
            found.setdefault((each["type"], each["name"], each["version"]), each)
    return list(found.values())
