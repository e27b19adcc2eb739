"""The entry point: monitors for losses and rules, ``run.alert``, sinks for alerts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from runicorn.hookspecs import hookimpl

if TYPE_CHECKING:
    from runicorn.config import Config
    from runicorn.contracts import AlertSink, Monitor, RunView

    from .settings import MonitorsSection

RUNICORN_API = 1


@hookimpl
def config_schema() -> type[MonitorsSection]:
    from .settings import MonitorsSection

    return MonitorsSection


@hookimpl
def register_api() -> Mapping[str, str]:
    return {
        "AlertRule": "runicorn_monitors.rule:AlertRule",
        "AnomalyDetector": "runicorn_monitors.anomalies:AnomalyDetector",
        "MetricMonitor": "runicorn_monitors.monitor:MetricMonitor",
        "Run.add_alert_rule": "runicorn_monitors.rules_of_runs:add_alert_rule",
        "Run.alert": "runicorn_monitors.alerting:alert",
    }


@hookimpl
def register_monitors(run: RunView, config: Config) -> Iterator[Monitor]:
    from .anomaly_monitor import Anomalies
    from .non_finite import NonFinite
    from .rules_of_runs import rules_of
    from .settings import MonitorsSection

    section = config.section("monitors", MonitorsSection)
    rules = rules_of(run, config)
    if section.loss:
        yield NonFinite(section.loss)
        if section.anomalies:
            yield Anomalies(section.loss, section.anomalies, section.spike)
    if section.failed and section.webhook and "webhook" in section.sinks:
        from .failing import Failing

        yield Failing(run)
    yield rules.monitor
    if rules.stalled is not None:
        yield rules.stalled
    yield rules.ticker


@hookimpl
def register_alert_sinks(run: RunView, config: Config) -> Iterator[AlertSink]:
    from .settings import MonitorsSection
    from .sinks import LogSink, TerminalSink

    section = config.section("monitors", MonitorsSection)
    if "log" in section.sinks:
        yield LogSink(run, section.sink_level)
    if "terminal" in section.sinks:
        yield TerminalSink(run, section.sink_level)
    if "webhook" in section.sinks and section.webhook:
        from .webhook import WebhookSink

        yield WebhookSink(run, section.webhook, section.sink_level)
