"""The configuration: what holds here, and changing the user's file."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, get_type_hints

import attrs
from runicorn.contracts.http import Call, Endpoint, NoBody, NoQuery
from runicorn.hooks import change_config, config_document, config_sections
from runicorn.types import JSON

from ..settings_form import SectionForm, section_forms

Document = dict[str, dict[str, JSON]]
_ABSENT: Any = object()


def endpoints() -> Iterable[Endpoint[Any, Any]]:
    def config(_: Call[NoQuery, NoBody]) -> Document:
        """The configuration as files and variables make it, by section. Secrets are left out."""
        return config_document()

    def change(call: Call[NoQuery, Any]) -> Document:
        """Change values in the user's file; null removes one. Takes effect at the next start. All or nothing."""
        change_config({name: _given(section) for name, section in _given(call.body).items()})
        return config_document()

    def schema(_: Call[NoQuery, NoBody]) -> dict[str, SectionForm]:
        """What can be set, by section: enough to draw a form."""
        return section_forms()

    yield Endpoint("GET", "/api/config/schema", schema, answer=dict[str, SectionForm])
    yield Endpoint("GET", "/api/config", config, answer=Document)
    yield Endpoint("PUT", "/api/config", change, answer=Document, body=partial_config())


def partial_config() -> type[Any]:
    """A body class made of all sections: every section and every key of it may be left out."""
    sections = {}
    for name, schema in config_sections().items():
        keys = {key: attrs.field(default=_ABSENT, type=hint | None) for key, hint in get_type_hints(schema).items()}
        title = "".join(part.title() for part in name.split("-"))
        section = attrs.make_class(f"{title}Change", keys, frozen=True)
        section.__doc__ = schema.__doc__
        sections[name.replace("-", "_")] = attrs.field(default=_ABSENT, type=section, metadata={"name": name})
    return attrs.make_class("ConfigChange", sections, frozen=True)


def _given(change: Any) -> dict[str, Any]:
    """What a client wrote, by the names that it used."""
    fields = attrs.fields(type(change))
    written = {field.metadata.get("name", field.name): getattr(change, field.name) for field in fields}
    return {name: value for name, value in written.items() if value is not _ABSENT}
