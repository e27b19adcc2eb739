"""The entry point: a monitor for values that must be finite, ``run.alert``, and a line in the terminal for alerts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from runicorn.hookspecs import hookimpl

if TYPE_CHECKING:
    from runicorn.config import Config
    from runicorn.contracts import Monitor, RunView
    from runicorn.model.alert import Alert

    from .settings import MonitorsSection

RUNICORN_API = 1


@hookimpl
def config_schema() -> type[MonitorsSection]:
    from .settings import MonitorsSection

    return MonitorsSection


@hookimpl
def register_api() -> Mapping[str, str]:
    return {"Run.alert": "runicorn_monitors.alerting:alert"}


@hookimpl
def register_monitors(config: Config) -> Iterator[Monitor]:
    from .non_finite import NonFinite
    from .settings import MonitorsSection

    yield NonFinite(config.section("monitors", MonitorsSection).non_finite)


@hookimpl
def alert_raised(run: RunView, alert: Alert) -> None:
    from .alerting import announce

    announce(run, alert)
