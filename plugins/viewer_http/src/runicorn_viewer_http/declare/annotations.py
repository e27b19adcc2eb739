"""From annotations to shapes."""

from __future__ import annotations

import types
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints, is_typeddict

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
    if annotation is str:
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
    hints = get_type_hints(cls, include_extras=True)
    members = []
    for attribute in attrs.fields(cls):
        required = attribute.default is attrs.NOTHING
        name = attribute.name.removesuffix("_")
        members.append(Member(name, attribute.name, shape_of(hints[attribute.name]), required, attribute.default))
    return Named(cls.__name__, _words(cls), members, cls)


@cache
def _typed_dict(cls: Any) -> Named:
    hints = get_type_hints(cls, include_extras=True)
    shape = Named(cls.__name__, _words(cls), [])
    shape.members += [Member(n, n, shape_of(hint), n in cls.__required_keys__) for n, hint in hints.items()]
    return shape


def _words(cls: type) -> str:
    words = cls.__doc__ or ""
    return "" if words.startswith(f"{cls.__name__}(") or words.startswith("dict(") else " ".join(words.split())
