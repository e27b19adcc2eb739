"""The configuration: what holds here, and changing the user's file."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from runicorn.contracts.http import Call, Endpoint, NoBody, NoQuery
from runicorn.hooks import change_config, config_document
from runicorn.types import JSON

Document = dict[str, dict[str, JSON]]


def endpoints() -> Iterable[Endpoint[Any, Any]]:
    def config(_: Call[NoQuery, NoBody]) -> Document:
        """The configuration as files and variables make it, by section. Secrets are left out."""
        return config_document()

    def change(call: Call[NoQuery, Document]) -> Document:
        """Change values in the user's file; null removes one. Takes effect at the next start. All or nothing."""
        change_config(call.body)
        return config_document()

    yield Endpoint("GET", "/api/config", config, answer=Document)
    yield Endpoint("PUT", "/api/config", change, answer=Document, body=Document)
