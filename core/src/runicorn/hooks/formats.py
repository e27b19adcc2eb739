"""What exporters and importers have in common: a name, options of their own, and how both are asked for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

import attrs

from ..config.values import structure
from ..errors import ConfigError, InvalidArgument
from .calling import named

if TYPE_CHECKING:
    from ..contracts import Exporter, Importer

Format = TypeVar("Format", bound="Exporter | Importer")


def with_options(result: Iterable[Format], *members: str) -> list[tuple[str, Format]]:
    """(``name``, format) for every one of a result.

    :param members: what each must have beside its name and its ``options``.
    :raises TypeError: one lacks a member, or its options are no attrs class.
    """
    pairs = named(result, "options", *members)
    for name, each in pairs:
        if not attrs.has(each.options):
            raise TypeError(f"returned {name!r}, whose options are no attrs class")
    return pairs


def chosen_options(of: Exporter | Importer, options: Mapping[str, Any] | None) -> Any:
    """An object of the format's class of options.

    :param options: field name -> value, or its text.
    :raises InvalidArgument: one is unknown or unusable.
    """
    try:
        return structure(of.name, of.options, dict(options or {}), {})
    except ConfigError as error:
        raise InvalidArgument("option", error.key, error.reason) from error


def no_such_format(argument: str, name: str, kind: str, known: Iterable[str]) -> InvalidArgument:
    """An error that names those which are there.

    :param kind: as the error says it: ``exporter``.
    """
    there = ", ".join(sorted(known)) or "none"
    return InvalidArgument(argument, name, f"is no {kind} of an active plugin (there are: {there})")
