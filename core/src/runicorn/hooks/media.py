"""``register_media_types``: which type takes a value, found by class name."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from ..loader import manager
from .calling import Offers, named, offers

if TYPE_CHECKING:
    from ..contracts import MediaType


def _by_python_type(kinds: Iterable[MediaType]) -> list[tuple[str, MediaType]]:
    members = ("python_types", "panel", "snapshot", "encode")
    return [(name, kind) for _, kind in named(kinds, *members) for name in kind.python_types]


def media_types() -> Offers[MediaType]:
    """Name of a Python class -> the media type that takes its objects."""
    return offers("register_media_types", "media type for", _by_python_type, lambda _, kind: f"media {kind.name}")


def media_type_for(value: object) -> tuple[str, MediaType] | None:
    """(plugin name, media type) for a value, or None. Nothing is imported; the answer is remembered per class.

    :raises PluginConflict: several plugins take this class, and nothing is preferred.
    """
    by_class = manager().once("media types by class", dict[type, "tuple[str, MediaType] | None"])
    cls = type(value)
    if cls not in by_class:
        known = media_types()
        by_class[cls] = None
        for base in cls.__mro__:
            name = f"{base.__module__}.{base.__qualname__}"
            kind = known.get(name)
            if kind is not None:
                by_class[cls] = known.owner(name), kind
                break
    return by_class[cls]
