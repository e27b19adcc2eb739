"""Alert sinks of strangers: what reaches them, and what their failures cost."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterator

import pytest
import runicorn as rn
from runicorn.config import Config
from runicorn.contracts import RunView
from runicorn.hooks import open_store
from runicorn.hookspecs import hookimpl
from runicorn.loader import Manager
from runicorn.model.alert import Alert, Level


class Pager:
    name = "pager"
    min_level: Level = "info"

    def __init__(self, send: Callable[[Alert], None] = lambda alert: None) -> None:
        self._send = send
        self.sent: list[str] = []

    def send(self, alert: Alert) -> None:
        self._send(alert)
        self.sent.append(alert.title)


class Plugin:
    def __init__(self, *sinks: object) -> None:
        self.sinks = sinks
        self.asked: list[str] = []

    @hookimpl
    def register_alert_sinks(self, run: RunView, config: Config) -> Iterator[object]:
        self.asked.append(f"{run.project} {config.run.mode}")
        yield from self.sinks


def trouble(run: rn.Run) -> list[str]:
    (record,) = open_store().find_runs(run.id)
    return [f"{entry['plugin']}: {entry['what']}" for entry in record.trouble]


def test_hook_register_alert_sinks_gets_alerts_in_order_and_before_the_end(plugins: Manager) -> None:
    pager, quiet = Pager(), Pager()
    quiet.min_level = "error"
    plugin = Plugin(pager, quiet)
    plugins.add("pager", plugin)
    with rn.init(project="p") as run:
        for number in range(50):
            run.raise_alert(Alert(str(number), level="error" if number == 7 else "info"))
    assert pager.sent == [str(number) for number in range(50)]
    assert quiet.sent == ["7"]
    assert plugin.asked == ["p on"]
    assert trouble(run) == []


def test_a_run_without_alerts_asks_for_no_sink(plugins: Manager) -> None:
    plugin = Plugin(Pager())
    plugins.add("pager", plugin)
    with rn.init(project="p") as run:
        run.log(loss=1.0)
    assert plugin.asked == []


def test_a_sink_that_raises_gets_the_next_alert_and_stands_in_the_status(plugins: Manager) -> None:
    def refuse(alert: Alert) -> None:
        if alert.title == "first":
            raise ConnectionError("no line")

    pager = Pager(refuse)
    plugins.add("pager", Plugin(pager))
    with rn.init(project="p") as run:
        run.raise_alert(Alert("first"))
        run.raise_alert(Alert("second"))
    assert pager.sent == ["second"]
    assert trouble(run) == ["pager: alert sink pager: ConnectionError: no line"]


def test_alerts_that_are_sent_at_once_are_none_that_were_not_sent(plugins: Manager) -> None:
    """Threads take turns at every chance: a sink may be done with an alert before its run has put it down."""
    sinks = [Pager() for _ in range(100)]
    for number, sink in enumerate(sinks):
        sink.name = f"pager-{number}"
    plugins.add("pager", Plugin(*sinks))
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        for _ in range(5):
            with rn.init(project="p") as run:
                run.raise_alert(Alert("first"))
                run.raise_alert(Alert("second"))
            assert trouble(run) == []
    finally:
        sys.setswitchinterval(interval)
    assert [sink.sent for sink in sinks] == [["first", "second"] * 5] * 100


def test_a_sink_that_hangs_hurts_neither_the_run_nor_other_sinks(
    plugins: Manager, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RUNICORN_RUN__ALERT_TIMEOUT", "0.3")
    monkeypatch.setattr("runicorn.hooks.alert_sinks.MOST", 5)
    release = threading.Event()

    def hang(alert: Alert) -> None:
        release.wait(250)

    hanging, fine = Pager(hang), Pager()
    hanging.name = "hanging"
    plugins.add("pager", Plugin(hanging, fine))
    try:
        with rn.init(project="p") as run:
            for number in range(20):
                run.raise_alert(Alert(str(number)))
                deadline = time.monotonic() + 60
                while len(fine.sent) <= number and time.monotonic() < deadline:
                    time.sleep(0.005)
    finally:
        release.set()
    assert [line for line in trouble(run) if "behind" in line and "hanging" in line]
    assert [line for line in trouble(run) if "6 alerts not sent when the run ended: '0', '1', '2', ..." in line]
    assert not [line for line in trouble(run) if "sink pager" in line]


@pytest.mark.parametrize("wrong", [object(), type("Loud", (Pager,), {"min_level": "loud"})()])
def test_a_plugin_that_offers_what_is_no_sink_stands_in_the_status(plugins: Manager, wrong: object) -> None:
    plugins.add("pager", Plugin(wrong))
    with rn.init(project="p") as run:
        run.raise_alert(Alert("first"))
    assert trouble(run)[0].startswith("pager: register_alert_sinks: TypeError: returned")


def test_a_run_can_be_asked_to_stop_and_says_so(plugins: Manager) -> None:
    with rn.init(project="p") as run:
        assert (run.should_stop, run.stop_reason) == (False, None)
        run.request_stop("loss is NaN")
        run.request_stop("something else")
        assert (run.should_stop, run.stop_reason) == (True, "loss is NaN")
    (record,) = open_store().find_runs(run.id)
    assert [line.text for line in open_store().open_run(record.ref).logs().lines] == ["asked to stop: loss is NaN"]
    with rn.init(project="p", mode="off") as off:
        off.request_stop("x")
        assert off.should_stop
