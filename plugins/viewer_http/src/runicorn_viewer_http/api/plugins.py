"""The installed plugins and what became of them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any, Literal, TypedDict

import runicorn
from attrs import frozen
from runicorn.contracts.http import About, Call, Endpoint, NoBody
from runicorn.hooks import runs_at_next_start, survey, switch_plugin
from runicorn.hookspecs import API_VERSION


class Plugin(TypedDict):
    """One plugin. `errors`: what its hooks raised since the viewer was started; `adds`: what they offered."""

    name: str
    distribution: str
    version: str
    state: Literal["active", "disabled", "incompatible", "broken", "conflicting"]
    reason: str
    api: int | None
    hooks: list[str]
    adds: list[str]
    load_ms: float | None
    runs_at_next_start: bool
    errors: list[str]
    warnings: list[str]


class Switched(TypedDict):
    name: str
    enabled: bool
    takes_effect: Literal["next start"]


@frozen
class PluginsQuery:
    check: Annotated[bool, About("Ask every plugin for all that it offers; takes a moment.")] = False


@frozen
class PluginQuery:
    name: Annotated[str, About("A plugin's name, e.g. `storage-jsonl`.", max_length=200)]


def endpoints() -> Iterable[Endpoint[Any, Any]]:
    def plugins(call: Call[PluginsQuery, NoBody]) -> list[Plugin]:
        """Every installed plugin with its state in this viewer."""
        return [
            {
                "name": info.name,
                "distribution": info.distribution,
                "version": info.version,
                "state": info.state,
                "reason": info.reason,
                # What another version was written for stands in the reason.
                "api": API_VERSION if info.state in ("active", "conflicting") else None,
                "hooks": list(info.hooks),
                "adds": list(info.adds),
                "load_ms": info.load_ms,
                "runs_at_next_start": runs_at_next_start(info.name),
                "errors": list(info.errors),
                "warnings": list(info.warnings),
            }
            for info in (survey() if call.query.check else runicorn.plugins())
        ]

    def enable(call: Call[PluginQuery, NoBody]) -> Switched:
        """Switch a plugin on for this user, from the next start on."""
        switch_plugin(call.query.name, "enable")
        return {"name": call.query.name, "enabled": True, "takes_effect": "next start"}

    def disable(call: Call[PluginQuery, NoBody]) -> Switched:
        """Switch a plugin off for this user, from the next start on."""
        switch_plugin(call.query.name, "disable")
        return {"name": call.query.name, "enabled": False, "takes_effect": "next start"}

    yield Endpoint("GET", "/api/plugins", plugins, answer=list[Plugin], query=PluginsQuery)
    yield Endpoint("POST", "/api/plugins/{name}/enable", enable, answer=Switched, query=PluginQuery)
    yield Endpoint("POST", "/api/plugins/{name}/disable", disable, answer=Switched, query=PluginQuery)
