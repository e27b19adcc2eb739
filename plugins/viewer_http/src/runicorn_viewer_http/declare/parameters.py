"""Path and query parameters of an endpoint: read from a request, described for the document."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from .annotations import named
from .objects import Member
from .shapes import Components, Either, Items, Unfit

_PLACEHOLDER = re.compile(r"{(\w+)(:path)?}")


class Parameters:
    """The parameters that an attrs class declares for a path."""

    def __init__(self, path: str, cls: type) -> None:
        self._cls = cls
        self._members = {member.name: member for member in named(cls).members}
        self._in_path = [name for name, _ in _PLACEHOLDER.findall(path)]
        missing = [name for name in self._in_path if name not in self._members]
        if missing:
            raise TypeError(f"{cls.__name__} lacks the path parameters {missing} of {path}")

    def read(self, path: Mapping[str, Any], query: Iterable[tuple[str, str]]) -> Any:
        """:raises Unfit: one is unknown, missing, given twice or unusable; ``where`` is its name."""
        texts: dict[str, list[str]] = {name: [str(path[name])] for name in self._in_path}
        for name, text in query:
            if name not in self._members or name in self._in_path:
                known = sorted(set(self._members) - set(self._in_path))
                words = f"known are: {', '.join(known)}" if known else "there are none here"
                raise Unfit(name, f"is an unknown parameter; {words}", "parameter-unknown", known=known)
            texts.setdefault(name, []).append(text)
        made = {}
        for name, member in self._members.items():
            if name in texts:
                made[member.attribute] = self._value(member, texts[name])
            elif member.required:
                raise Unfit(name, "is a required parameter", "parameter-missing")
        return self._cls(**made)

    @staticmethod
    def _value(member: Member, texts: list[str]) -> Any:
        shape = member.shape
        if isinstance(shape, Items):
            items = [shape.item.read_text(text, member.name) for text in texts]
            return shape.read(items, member.name)
        if len(texts) > 1:
            raise Unfit(member.name, "may be given only once", "parameter-repeated")
        return shape.read_text(texts[0], member.name)

    def describe(self, components: Components) -> list[dict[str, Any]]:
        return [self._describe(member, components) for member in self._members.values()]

    def _describe(self, member: Member, components: Components) -> dict[str, Any]:
        in_path = member.name in self._in_path
        described: dict[str, Any] = {"name": member.name, "in": "path" if in_path else "query"}
        if in_path or member.required:
            described["required"] = True
        if member.shape.about.text:
            described["description"] = member.shape.about.text
        shape = member.shape.without_null() if isinstance(member.shape, Either) else member.shape
        schema = shape.schema(components)
        if isinstance(member.default, (bool, int, float, str)):
            schema = {**schema, "default": member.default}
        if isinstance(shape, Items):
            described |= {"style": "form", "explode": True}
        return {**described, "schema": schema}


def document_path(path: str) -> str:
    """The path as OpenAPI writes it: ``/media/{path}``."""
    return _PLACEHOLDER.sub(r"{\1}", path)
