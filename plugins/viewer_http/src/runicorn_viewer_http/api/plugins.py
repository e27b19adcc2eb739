"""The installed plugins and what became of them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any, Literal, TypedDict

from attrs import frozen
from runicorn.contracts.http import About, Call, Endpoint, NoBody, NoQuery
from runicorn.hooks import plugin_infos, switch_plugin


class Plugin(TypedDict):
    """One plugin. `errors`: what its hooks raised since the viewer was started."""

    name: str
    distribution: str
    version: str
    state: Literal["active", "disabled", "incompatible", "broken", "conflicting"]
    reason: str
    hooks: list[str]
    load_ms: float | None
    errors: list[str]


class Switched(TypedDict):
    name: str
    enabled: bool
    takes_effect: Literal["next start"]


@frozen
class PluginQuery:
    name: Annotated[str, About("A plugin's name, e.g. `storage-jsonl`.", max_length=200)]


def endpoints() -> Iterable[Endpoint[Any, Any]]:
    def plugins(_: Call[NoQuery, NoBody]) -> list[Plugin]:
        """Every installed plugin with its state in this viewer."""
        return [
            {
                "name": info.name,
                "distribution": info.distribution,
                "version": info.version,
                "state": info.state,
                "reason": info.reason,
                "hooks": list(info.hooks),
                "load_ms": info.load_ms,
                "errors": list(info.errors),
            }
            for info in plugin_infos()
        ]

    def enable(call: Call[PluginQuery, NoBody]) -> Switched:
        """Switch a plugin on for this user, from the next start on."""
        switch_plugin(call.query.name, "enable")
        return {"name": call.query.name, "enabled": True, "takes_effect": "next start"}

    def disable(call: Call[PluginQuery, NoBody]) -> Switched:
        """Switch a plugin off for this user, from the next start on."""
        switch_plugin(call.query.name, "disable")
        return {"name": call.query.name, "enabled": False, "takes_effect": "next start"}

    yield Endpoint("GET", "/api/plugins", plugins, answer=list[Plugin])
    yield Endpoint("POST", "/api/plugins/{name}/enable", enable, answer=Switched, query=PluginQuery)
    yield Endpoint("POST", "/api/plugins/{name}/disable", disable, answer=Switched, query=PluginQuery)
