"""From annotations to shapes."""

from __future__ import annotations

import types
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal, NotRequired, Union, get_args, get_origin, get_type_hints, is_typeddict

import attrs
from runicorn.contracts.http import About
from runicorn.types import JSON

from .objects import Member, Named
from .shapes import Choice, Either, Flag, Items, Null, Number, Shape, Table, Text


def shape_of(annotation: Any, about: About | None = None) -> Shape:
    """The shape of an annotation.

    :raises TypeError: it has none; a declaration with it is a programming error.
    """
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return shape_of(arguments[0], next((a for a in arguments[1:] if isinstance(a, About)), about))
    if annotation in (Any, object) or annotation == JSON:
        return Shape(about)
    if annotation is None or annotation is type(None):
        return Null()
    if annotation is Path:
        return Text(About(min_length=1, pattern=r"^[^\x00]+$"))
    if isinstance(annotation, type) and issubclass(annotation, str):  # an Address is one, too
        return Text(about)
    if annotation is bool:
        return Flag(about)
    if annotation in (int, float):
        return Number(about, whole=annotation is int)
    if origin is Literal:
        return Choice(arguments, about)
    if origin in (Union, types.UnionType):
        return Either(tuple(shape_of(option, about) for option in arguments), about)
    if origin in (list, tuple, Sequence):
        return Items(shape_of(arguments[0]), about)
    if origin in (dict, Mapping):
        return Table(shape_of(arguments[1]), about)
    if is_typeddict(annotation):
        return _typed_dict(annotation)
    if attrs.has(annotation):
        return named(annotation)
    raise TypeError(f"no shape for {annotation!r}")


@cache
def named(cls: type) -> Named:
    """The shape of an attrs class."""
    hints = _hints(cls)
    members = []
    for attribute in attrs.fields(cls):
        required = attribute.default is attrs.NOTHING
        name = attribute.metadata.get("name") or attribute.name.removesuffix("_")
        members.append(Member(name, attribute.name, shape_of(hints[attribute.name]), required, attribute.default))
    return Named(cls.__name__, _words(cls), members, cls)


@cache
def _typed_dict(cls: Any) -> Named:
    hints = _hints(cls)
    shape = Named(cls.__name__, _words(cls), [])
    for name, hint in hints.items():
        optional = get_origin(hint) is NotRequired
        shape.members.append(Member(name, name, shape_of(get_args(hint)[0] if optional else hint), not optional))
    return shape


def _hints(cls: type) -> dict[str, Any]:
    # JSON names itself, which would be unfolded without end.
    return get_type_hints(cls, localns={"JSON": Any}, include_extras=True)


def _words(cls: type) -> str:
    words = cls.__doc__ or ""
    return "" if words.startswith(f"{cls.__name__}(") or words.startswith("dict(") else " ".join(words.split())
