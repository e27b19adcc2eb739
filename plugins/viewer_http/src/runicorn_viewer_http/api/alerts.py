"""``GET /api/runs/{id}/alerts``: what monitors and people said of a run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, TypedDict

from runicorn.contracts import Store
from runicorn.contracts.http import About, Call, Endpoint, NoBody
from runicorn.serialize import number

from .lookup import RunQuery, find_run


class AlertRow(TypedDict):
    """One alert; ``rule`` is what raised it, empty for ``run.alert()``."""

    time: float
    step: int | None
    level: Annotated[str, About("info, warning or error.")]
    title: str
    text: str
    rule: str


def endpoints(store: Store) -> Iterable[Endpoint[Any, Any]]:
    def alerts(call: Call[RunQuery, NoBody]) -> list[AlertRow]:
        """The alerts of one run, oldest first."""
        reader = store.open_run(find_run(store, call.query.id, call.query.path).ref)
        return [alert_row(alert) for alert in reader.alerts()]

    yield Endpoint("GET", "/api/runs/{id}/alerts", alerts, answer=list[AlertRow], query=RunQuery)


def alert_row(alert: Mapping[str, Any]) -> AlertRow:
    def text(name: str) -> str:
        return str(alert.get(name) or "")

    step = alert.get("step")
    return {
        "time": number(alert.get("ts")) or 0.0,
        "step": step if isinstance(step, int) else None,
        "level": text("level"),
        "title": text("title"),
        "text": text("text"),
        "rule": text("rule"),
    }
