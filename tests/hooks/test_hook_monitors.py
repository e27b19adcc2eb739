"""Monitors of strangers: what they see, what they may raise, and what their failures cost."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence

import runicorn as rn
from runicorn.config import Config
from runicorn.contracts import RunView
from runicorn.hooks import open_store
from runicorn.hookspecs import hookimpl
from runicorn.loader import Manager
from runicorn.model.alert import Alert
from runicorn.model.sample import Sample


class Watching:
    """A plugin with one monitor, which also watches alerts."""

    name = "peak"

    def __init__(self) -> None:
        self.order: list[str] = []
        self.batches = threading.Semaphore(0)

    @hookimpl
    def register_monitors(self, run: RunView, config: Config) -> Iterator[object]:
        self.order.append(f"register_monitors {run.project} {config.run.mode}")
        yield self

    @hookimpl
    def alert_raised(self, run: RunView, alert: Alert) -> None:
        self.order.append(f"alert_raised {alert.title} by {alert.rule}")

    @hookimpl
    def run_finished(self) -> None:
        self.order.append("run_finished")

    def observe(self, batch: Sequence[Sample]) -> Iterator[Alert]:
        for sample in batch:
            if sample.value > 9:
                yield Alert(f"{sample.key} is {sample.value:g}", step=sample.step)

    def finish(self) -> list[Alert]:
        return [Alert("the end", rule="own")]


def alerts_of(run: rn.Run) -> list[tuple[object, object, object]]:
    (record,) = open_store().find_runs(run.id)
    found = open_store().open_run(record.ref).alerts()
    return [(alert["step"], alert["title"], alert["rule"]) for alert in found]


def test_hook_alert_raised_comes_after_the_values_and_before_the_end(plugins: Manager) -> None:
    watching = Watching()
    plugins.add("watching", watching)
    with rn.init(project="p") as run:
        run.log({"x": 1.0})
        run.log({"x": 10.0})
    assert watching.order == [
        "register_monitors p on",
        "alert_raised x is 10 by peak",
        "alert_raised the end by own",
        "run_finished",
    ]
    assert alerts_of(run) == [(2, "x is 10", "peak"), (2, "the end", "own")]


def test_hook_register_monitors_that_raises_stands_in_the_status(plugins: Manager) -> None:
    class Broken:
        @hookimpl
        def register_monitors(self) -> list[object]:
            raise RuntimeError("no rules today")

    plugins.add("broken", Broken())
    with rn.init(project="p") as run:
        run.log({"x": 1.0})
    (record,) = open_store().find_runs(run.id)
    assert [entry["plugin"] for entry in record.trouble if "no rules today" in str(entry["what"])] == ["broken"]
    assert record.status == "finished"


def test_a_monitor_that_fails_three_times_is_switched_off_alone(plugins: Manager) -> None:
    seen: list[str] = []
    told = threading.Semaphore(0)

    class Failing:
        name = "failing"

        def observe(self, batch: Sequence[Sample]) -> list[Alert]:
            seen.append("failing")
            raise RuntimeError("cannot count")

        def finish(self) -> list[Alert]:
            seen.append("end of failing")
            return []

    class Fine:
        name = "fine"

        def observe(self, batch: Sequence[Sample]) -> list[Alert]:
            seen.append("fine")
            told.release()
            return []

        def finish(self) -> list[Alert]:
            seen.append("end of fine")
            return []

    class Both:
        @hookimpl
        def register_monitors(self) -> list[object]:
            return [Failing(), Fine()]

    plugins.add("both", Both())
    with rn.init(project="p") as run:
        for step in range(1, 6):
            run.log({"x": 1.0}, step=step)
            assert told.acquire(timeout=60)
    assert (seen.count("failing"), seen.count("fine")) == (3, 5)
    assert seen[-1] == "end of fine"
    assert "end of failing" not in seen
    (record,) = open_store().find_runs(run.id)
    assert any("monitor failing again: SwitchedOff" in str(entry["what"]) for entry in record.trouble)
