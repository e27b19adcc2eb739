"""Annotations as shapes: each reads what a client sent, and writes the JSON Schema that describes it.

Reading and describing are methods of one object, so that the document and the behaviour cannot differ.
"""

# ruff: noqa: ARG002 (all shapes have one signature, not all need every argument)
from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from runicorn.contracts.http import About

_WHOLE = re.compile(r"[+-]?[0-9]{1,18}")
_DECIMAL = re.compile(r"[+-]?([0-9]{1,320}(\.[0-9]{0,320})?|\.[0-9]{1,320})([eE][+-]?[0-9]{1,3})?")

MAX_DEPTH = 64
SAFE_INTEGER = 2**53 - 1

#: Schemas of named objects, by name.
Components = dict[str, dict[str, Any]]


class Unfit(Exception):
    """A value that does not fit; ``where`` is its place, e.g. ``run_ids[3]``."""

    def __init__(self, where: str, reason: str, code: str = "invalid", **parameters: Any) -> None:
        super().__init__(f"{where or 'the body'} {reason}")
        self.where, self.reason, self.code, self.parameters = where, reason, code, parameters


class Shape:
    """Anything JSON. Subclasses narrow it."""

    def __init__(self, about: About | None = None) -> None:
        self.about = about or About()

    def schema(self, components: Components) -> dict[str, Any]:
        return {}

    def described(self, components: Components) -> dict[str, Any]:
        """The schema with the words for people."""
        schema = self.schema(components)
        return {**schema, "description": self.about.text} if self.about.text else schema

    def read(self, value: Any, where: str) -> Any:
        """A JSON value.

        :raises Unfit: it is not of this shape.
        """
        if _deeper_than(value, MAX_DEPTH):
            raise Unfit(where, f"is nested more than {MAX_DEPTH} deep")
        return value

    def read_text(self, text: str, where: str) -> Any:
        """The text of a parameter."""
        return self.read(text, where)


def _deeper_than(value: Any, depth: int) -> bool:
    if isinstance(value, (dict, list)):
        inside = value.values() if isinstance(value, dict) else value
        return depth == 0 or any(_deeper_than(item, depth - 1) for item in inside)
    return False


class Text(Shape):
    def schema(self, components: Components) -> dict[str, Any]:
        about = self.about
        bounds = {"minLength": about.min_length, "maxLength": about.max_length, "pattern": about.pattern}
        return {"type": "string", **{name: bound for name, bound in bounds.items() if bound is not None}}

    def read(self, value: Any, where: str) -> Any:
        if not isinstance(value, str):
            raise Unfit(where, "must be text")
        about = self.about
        if about.min_length is not None and len(value) < about.min_length:
            raise Unfit(where, f"must have at least {about.min_length} characters")
        if about.max_length is not None and len(value) > about.max_length:
            raise Unfit(where, f"may have at most {about.max_length} characters")
        if about.pattern is not None and not re.search(about.pattern, value):
            raise Unfit(where, f"must match {about.pattern}")
        return value


class Number(Shape):
    def __init__(self, about: About | None = None, *, whole: bool = False) -> None:
        super().__init__(about)
        self._whole = whole

    def schema(self, components: Components) -> dict[str, Any]:
        low, high = self._bounds()
        known = {name: bound for name, bound in (("minimum", low), ("maximum", high)) if bound is not None}
        return {"type": "integer" if self._whole else "number", **known}

    def _bounds(self) -> tuple[float | None, float | None]:
        low, high = self.about.minimum, self.about.maximum
        if self._whole:  # JavaScript and most JSON readers know no larger whole numbers
            return -SAFE_INTEGER if low is None else low, SAFE_INTEGER if high is None else high
        return low, high

    def read(self, value: Any, where: str) -> Any:
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise Unfit(where, "must be a whole number" if self._whole else "must be a number")
        if self._whole:
            if isinstance(value, float) and not value.is_integer():
                raise Unfit(where, "must be a whole number")
            value = int(value)
        elif not math.isfinite(value):
            raise Unfit(where, "must be finite")
        low, high = self._bounds()
        if low is not None and value < low:
            raise Unfit(where, f"must be at least {low:.16g}")
        if high is not None and value > high:
            raise Unfit(where, f"may be at most {high:.16g}")
        return value

    def read_text(self, text: str, where: str) -> Any:
        if not (_WHOLE if self._whole else _DECIMAL).fullmatch(text):
            raise Unfit(where, "must be a whole number" if self._whole else "must be a number")
        return self.read(int(text) if self._whole else float(text), where)


class Flag(Shape):
    def schema(self, components: Components) -> dict[str, Any]:
        return {"type": "boolean"}

    def read(self, value: Any, where: str) -> Any:
        if not isinstance(value, bool):
            raise Unfit(where, "must be true or false")
        return value

    def read_text(self, text: str, where: str) -> Any:
        if text not in ("true", "false"):
            raise Unfit(where, "must be true or false")
        return text == "true"


class Null(Shape):
    def schema(self, components: Components) -> dict[str, Any]:
        return {"type": "null"}

    def read(self, value: Any, where: str) -> Any:
        if value is not None:
            raise Unfit(where, "must be null")


class Choice(Shape):
    def __init__(self, choices: tuple[Any, ...], about: About | None = None) -> None:
        super().__init__(about)
        self._choices = choices

    def schema(self, components: Components) -> dict[str, Any]:
        return {"enum": list(self._choices)}

    def read(self, value: Any, where: str) -> Any:
        # True == 1 in Python, not in JSON.
        if not any(value == choice and isinstance(value, bool) == isinstance(choice, bool) for choice in self._choices):
            raise Unfit(where, f"must be one of {', '.join(map(str, self._choices))}", choices=list(self._choices))
        return value


class Items(Shape):
    def __init__(self, item: Shape, about: About | None = None) -> None:
        super().__init__(about)
        self.item = item

    def schema(self, components: Components) -> dict[str, Any]:
        bounds = {"minItems": self.about.min_items, "maxItems": self.about.max_items}
        known = {name: bound for name, bound in bounds.items() if bound is not None}
        return {"type": "array", "items": self.item.described(components), **known}

    def read(self, value: Any, where: str) -> Any:
        if not isinstance(value, list):
            raise Unfit(where, "must be a list")
        if self.about.min_items is not None and len(value) < self.about.min_items:
            raise Unfit(where, f"must have at least {self.about.min_items} items")
        if self.about.max_items is not None and len(value) > self.about.max_items:
            raise Unfit(where, f"may have at most {self.about.max_items} items", maximum=self.about.max_items)
        return tuple(self.item.read(item, f"{where}[{position}]") for position, item in enumerate(value))


class Table(Shape):
    """An object with free keys."""

    def __init__(self, value: Shape, about: About | None = None) -> None:
        super().__init__(about)
        self._value = value

    def schema(self, components: Components) -> dict[str, Any]:
        return {"type": "object", "additionalProperties": self._value.described(components)}

    def read(self, value: Any, where: str) -> Any:
        if not isinstance(value, Mapping):
            raise Unfit(where, "must be an object")
        return {key: self._value.read(item, f"{where}.{key}" if where else key) for key, item in value.items()}


class Either(Shape):
    def __init__(self, options: tuple[Shape, ...], about: About | None = None) -> None:
        super().__init__(about)
        self._options = options

    def schema(self, components: Components) -> dict[str, Any]:
        return {"anyOf": [option.described(components) for option in self._options]}

    def without_null(self) -> Shape:
        """What is left for a parameter, which is left out rather than null."""
        options = tuple(option for option in self._options if not isinstance(option, Null))
        return options[0] if len(options) == 1 else Either(options, self.about)

    def read(self, value: Any, where: str) -> Any:
        return _first(self._options, lambda option: option.read(value, where))

    def read_text(self, text: str, where: str) -> Any:
        options = [option for option in self._options if not isinstance(option, Null)]
        return _first(options, lambda option: option.read_text(text, where))


def _first(options: Sequence[Shape], read: Callable[[Shape], Any]) -> Any:
    failed: Unfit | None = None
    for option in options:
        try:
            return read(option)
        except Unfit as error:
            failed = failed or error
    assert failed is not None
    raise failed
