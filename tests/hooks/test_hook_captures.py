"""Captures of strangers: when they begin and end, and what their failures cost."""

from __future__ import annotations

import os
import threading

import runicorn as rn
from runicorn.config import Config
from runicorn.contracts import CapturedRun
from runicorn.hooks import open_store
from runicorn.hookspecs import hookimpl
from runicorn.loader import Manager, Rules, use_manager


class Ticker:
    """A plugin with one capture, which says what happens to it."""

    name = "ticker"

    def __init__(self) -> None:
        self.said: list[object] = []

    @hookimpl
    def register_captures(self, config: Config) -> list[object]:
        self.said.append(("asked", config.run.mode, threading.current_thread() is threading.main_thread()))
        return [self]

    def start(self, run: CapturedRun) -> None:
        self.run = run
        run.log_text("begin", stream="stdout")
        run.report("tick", "one was missed", 3)

    def stop(self) -> None:
        self.run.log_text("end")
        self.said.append("stopped")

    def forked(self) -> None:
        self.run.log_text("forked")


def log_of(run: rn.Run) -> list[tuple[str, str]]:
    (record,) = open_store().find_runs(run.id)
    return [(line.stream, line.text) for line in open_store().open_run(record.ref).logs().lines]


def test_hook_register_captures_begins_within_init_and_ends_with_the_run(plugins: Manager) -> None:
    ticker = Ticker()
    plugins.add("ticker", ticker)
    with rn.init(project="p", capture_console=True) as run:
        run.log_text("training")
    assert ticker.said == [("asked", "on", True), "stopped"]
    found = [line for line in log_of(run) if line[1] in ("begin", "training", "end")]
    assert found == [("stdout", "begin"), ("text", "training"), ("text", "end")]
    (record,) = open_store().find_runs(run.id)
    (trouble,) = [entry for entry in record.trouble if entry["plugin"] == "ticker"]
    assert (trouble["what"], trouble["count"]) == ("tick: one was missed", 3)


def test_captures_are_told_in_a_forked_child_before_it_goes_on(plugins: Manager) -> None:
    plugins.add("ticker", Ticker())
    with rn.init(project="p", capture_console=True) as run:
        pid = os.fork()
        if not pid:
            run.log_text("in the child")
            os._exit(0)
        os.waitpid(pid, 0)
    child = [path.read_text() for path in run.dir.glob("logs-*.txt")]
    assert [line.split("| ")[1] for line in child[0].splitlines()] == ["forked", "in the child"]


def test_nothing_is_captured_unless_somebody_says_so(plugins: Manager) -> None:
    ticker = Ticker()
    plugins.add("ticker", ticker)
    rn.init(project="p").finish()
    assert ticker.said == []


def test_a_capture_that_raises_costs_the_run_nothing_else() -> None:
    class Broken(Ticker):
        def start(self, run: CapturedRun) -> None:
            raise RuntimeError("no console here")

    with use_manager(Manager(rules=Rules(strict=False))) as plugins:
        plugins.add("broken", Broken())
        with rn.init(project="p", capture_console=True) as run:
            run.log(loss=1.0)
    (record,) = open_store().find_runs(run.id)
    assert any("no console here" in str(entry["what"]) for entry in record.trouble)
    assert record.status == "finished"
