"""The entry point."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from runicorn.hookspecs import hookimpl

if TYPE_CHECKING:
    from runicorn.config import Config
    from runicorn.contracts import Check, Exporter, HealthCheck, Monitor, RunView, Viewer
    from runicorn.contracts.panels import Static
    from runicorn.model.alert import Alert
    from runicorn.types import JSON

    from .settings import AcmeSection

RUNICORN_API = 1


@hookimpl
def config_schema() -> type[AcmeSection]:
    from .settings import AcmeSection

    return AcmeSection


@hookimpl
def register_api() -> Mapping[str, str]:
    return {"Verdict": "acme_complete.verdict:Verdict", "Run.judge": "acme_complete.verdict:judge"}


@hookimpl
def register_commands() -> Mapping[str, str]:
    return {"acme": "acme_complete.command:acme"}


@hookimpl
def register_exporters() -> Iterator[Exporter]:
    from .exporter import YamlExporter

    yield YamlExporter()


@hookimpl
def register_monitors(config: Config) -> Iterator[Monitor]:
    from .monitor import Peak
    from .settings import AcmeSection

    yield Peak(config.section("acme", AcmeSection).limit)


@hookimpl
def alert_raised(run: RunView, alert: Alert) -> None:
    with (run.dir / "acme-alerts.txt").open("a") as file:
        file.write(f"{alert.level} {alert.title}\n")


@hookimpl
def collect_environment(run: RunView) -> Mapping[str, JSON]:
    return {"project": run.project}


@hookimpl
def health_checks() -> Iterable[HealthCheck]:
    return [Fine()]


@hookimpl
def viewer_panels() -> Iterator[Static]:
    from pathlib import Path

    from runicorn.contracts.panels import Panel, Static

    panel = Panel("acme.count", "Acme count", titles={"zh-CN": "数量"})
    yield Static(Path(__file__).parent / "static", panels=(panel,))


@hookimpl
def viewer_routes(viewer: Viewer) -> Iterable[Any]:
    from .routes import routes

    return routes(viewer)


class Fine:
    name = "acme-fine"

    def run(self) -> Check:
        from runicorn.contracts import Check

        return Check(self.name, True, "all is well")
