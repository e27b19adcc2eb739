"""The configuration as forms: what can be set, of which kind, and what holds now."""

from __future__ import annotations

import types
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, TypedDict, Union, get_args, get_origin, get_type_hints

import attrs
from runicorn.config import Config, load_config
from runicorn.hooks import config_document, config_sections
from runicorn.types import JSON

Kind = Literal["switch", "whole", "number", "text", "choice", "several", "list", "other"]


class FieldForm(TypedDict):
    """One value. `help`: what it means, by language; `origin`: where it was set, `default` when nowhere; `fixed`: what
    is saved for the user loses against that. `several`: any of the choices; `other` cannot be set in a form."""

    key: str
    kind: Kind
    choices: list[str]
    optional: bool
    secret: bool
    help: dict[str, str]
    value: JSON
    origin: str
    fixed: bool


class SectionForm(TypedDict):
    title: str
    fields: list[FieldForm]


def section_forms(config: Config | None = None) -> dict[str, SectionForm]:
    """Every section of core and of active plugins.

    :raises ConfigError: a file or variable holds something unusable.
    """
    current = config or load_config()
    document = config_document(current)
    return {
        name: {
            "title": (schema.__doc__ or "").strip().partition("\n")[0],
            "fields": [_field(current, name, schema, field, document[name]) for field in attrs.fields(schema)],
        }
        for name, schema in config_sections().items()
    }


def _field(
    config: Config, section: str, schema: type[Any], field: attrs.Attribute[Any], values: Mapping[str, JSON]
) -> FieldForm:
    hint, optional = _required(get_type_hints(schema)[field.name])
    kind = _kind(hint)
    origin = config.origin(f"{section}.{field.name}")
    return {
        "key": field.name,
        "kind": kind,
        "choices": _choices(hint),
        "optional": optional,
        "secret": bool(field.metadata.get("secret")),
        "help": _words(field.metadata.get("help")),
        "value": values.get(field.name),
        "origin": origin,
        "fixed": origin != "default" and not origin.endswith("config.toml"),
    }


def _words(said: object) -> dict[str, str]:
    if isinstance(said, Mapping):
        return {str(language): str(text) for language, text in said.items()}
    return {"en": str(said)} if said else {}


def _required(hint: Any) -> tuple[Any, bool]:
    """The hint without None, and whether None was in it."""
    if get_origin(hint) not in (Union, types.UnionType):
        return hint, False
    rest = [part for part in get_args(hint) if part is not type(None)]
    return (rest[0] if len(rest) == 1 else object), len(rest) < len(get_args(hint))


def _kind(hint: Any) -> Kind:
    plain: dict[Any, Kind] = {bool: "switch", int: "whole", float: "number", str: "text", Path: "text"}
    if hint in plain:
        return plain[hint]
    if get_origin(hint) is Literal and _choices(hint):
        return "choice"
    if get_origin(hint) in (tuple, list):
        if get_args(hint)[0] is str:
            return "list"
        if _choices(hint):
            return "several"
    return "other"


def _choices(hint: Any) -> list[str]:
    """The texts that a literal, or a list of them, may be."""
    if get_origin(hint) in (tuple, list):
        hint = get_args(hint)[0]
    texts = get_args(hint) if get_origin(hint) is Literal else ()
    return [text for text in texts if isinstance(text, str)] if all(isinstance(text, str) for text in texts) else []
