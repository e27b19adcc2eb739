"""``register_media_types``: which type takes a value, found by class name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..plugins import Manager, manager
from .calling import by_name, each

if TYPE_CHECKING:
    from ..contracts import MediaType

_known: tuple[Manager, dict[str, tuple[str, MediaType]]] | None = None
_by_class: dict[type, tuple[str, MediaType] | None] = {}


def media_type_for(value: object) -> tuple[str, MediaType] | None:
    """(plugin name, media type) for a value, or None. Nothing is imported; the answer is remembered per class."""
    global _known
    current = manager()
    if _known is None or _known[0] is not current:
        offers = [
            (plugin, name, (plugin, kind))
            for plugin, kinds in each("register_media_types")
            for kind in kinds
            for name in kind.python_types
        ]
        _known = (current, by_name("media type for", offers))
        _by_class.clear()
    cls = type(value)
    if cls not in _by_class:
        names = (f"{base.__module__}.{base.__qualname__}" for base in cls.__mro__)
        _by_class[cls] = next((_known[1][name] for name in names if name in _known[1]), None)
    return _by_class[cls]
