"""Objects with named members: bodies (attrs classes, read strictly) and answers (TypedDicts, described only)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import frozen

from .shapes import Components, Shape, Unfit


@frozen
class Member:
    """One field of an object. ``name`` is what clients write, ``attribute`` what Python calls it."""

    name: str
    attribute: str
    shape: Shape
    required: bool
    default: Any = None


class Named(Shape):
    """An object whose schema stands under its name in the document."""

    def __init__(self, name: str, words: str, members: list[Member], make: Any = None) -> None:
        super().__init__()
        self.name, self.members, self._words, self._make = name, members, words, make

    def schema(self, components: Components) -> dict[str, Any]:
        if self.name not in components:
            described: dict[str, Any] = {"type": "object"}
            components[self.name] = described  # first, because an object may hold its own kind
            if self._words:
                described["description"] = self._words
            described["properties"] = {m.name: m.shape.described(components) for m in self.members}
            required = [m.name for m in self.members if m.required]
            if required:
                described["required"] = required
            if self._make is not None:
                described["additionalProperties"] = False
        return {"$ref": f"#/components/schemas/{self.name}"}

    def read(self, value: Any, where: str) -> Any:
        if not isinstance(value, Mapping):
            raise Unfit(where, "must be an object")
        known = {member.name: member for member in self.members}
        unknown = sorted(set(value) - set(known))
        if unknown:
            listed = ", ".join(map(repr, unknown))
            raise Unfit(where, f"has unknown members: {listed}", "member-unknown", members=unknown, known=sorted(known))
        missing = [member.name for member in self.members if member.required and member.name not in value]
        if missing:
            raise Unfit(where, f"lacks {', '.join(map(repr, missing))}", "member-missing", members=missing)
        prefix = f"{where}." if where else ""
        return self._make(
            **{known[name].attribute: known[name].shape.read(item, prefix + name) for name, item in value.items()}
        )
