"""Alerts in real runs: from a value or a call to the record that a reader finds, and to people."""

from __future__ import annotations

import logging
import math
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pluggy
import pytest
import runicorn as rn
from runicorn.contracts import Batch
from runicorn.hooks import config_schemas, open_store
from runicorn.model.sample import Sample
from runicorn_monitors.non_finite import NonFinite
from runicorn_monitors.stalled import Stalled


def alerts_of(run: rn.Run) -> list[dict[str, Any]]:
    (record,) = open_store().find_runs(run.id)
    return [dict(alert) for alert in open_store().open_run(record.ref).alerts()]


def titles(run: rn.Run) -> list[str]:
    return [alert["title"] for alert in alerts_of(run)]


def raised(patterns: Sequence[str], *values: tuple[str, float]) -> list[tuple[str, int | None]]:
    monitor = NonFinite(patterns)
    batch = [Sample(key, value, step, 0.0) for step, (key, value) in enumerate(values, 1)]
    return [(alert.title, alert.step) for part in (batch[:2], batch[2:]) for alert in monitor.observe(Batch.of(part))]


def until(true: Callable[[], object]) -> None:
    deadline = time.monotonic() + 60
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.01)


# --- Without any configuration


def test_hook_register_monitors_raises_an_alert_when_a_loss_is_nan() -> None:
    with rn.init(project="p") as run:
        run.log({"train/Loss": 0.5})
        run.log({"train/Loss": math.nan, "acc": math.nan})
        run.log({"train/Loss": math.nan})
    (alert,) = alerts_of(run)
    del alert["ts"]
    expected = {"step": 2, "title": "train/Loss is NaN", "text": "", "level": "error", "rule": "non-finite"}
    assert alert == expected


def test_one_alert_for_each_time_a_metric_stops_being_finite() -> None:
    values = [("loss", 1.0), ("loss", math.inf), ("loss", math.nan), ("loss", 1.0), ("loss", -math.inf)]
    assert raised(["*loss*"], *values) == [("loss is infinite", 2), ("loss is infinite", 5)]


def test_a_loss_that_diverges_is_told_with_its_step() -> None:
    with rn.init(project="p") as run:
        for step in range(1, 301):
            loss = 2 * math.exp(-step / 40) + 0.3 + 0.01 * (step % 5)
            run.log({"loss": loss if step < 200 else loss + 0.05 * (step - 199) ** 1.3, "acc": loss}, step=step)
    (alert,) = alerts_of(run)
    assert alert["title"].startswith("loss diverges: ")
    assert (alert["level"], alert["rule"]) == ("error", "anomaly/divergence")
    assert 210 <= alert["step"] < 260


def test_a_spike_is_told_with_the_step_at_which_it_was() -> None:
    with rn.init(project="p") as run:
        for step in range(1, 101):
            run.log({"loss": 9.0 if step == 80 else 1.0 + 0.01 * (step % 5)}, step=step * 10)
    (alert,) = alerts_of(run)
    assert alert["title"] == "loss spikes: 9 where about 1.02 was expected"
    assert (alert["level"], alert["rule"], alert["step"]) == ("warning", "anomaly/spike", 800)


def test_a_rule_of_half_a_second_is_told_in_time() -> None:
    with rn.init(project="p") as run:
        run.add_alert_rule("val/acc missing 0.5")
        run.log(loss=1.0)
        began = time.monotonic()
        while not alerts_of(run) and time.monotonic() - began < 60:
            run.log(loss=1.0)
            time.sleep(0.1)
    (alert,) = alerts_of(run)
    assert alert["rule"] == "val/acc missing 0.5"


def test_a_run_that_logs_nothing_for_long_is_stalled_once() -> None:
    now = 0.0
    stalled = Stalled(60, clock=lambda: now)
    now = 1000.0
    assert stalled.tick() == []  # nothing was logged yet
    sample = Batch.of([Sample("loss", 1.0, 7, 0.0)])
    stalled.observe(sample)
    now += 59
    assert stalled.tick() == []
    now += 2
    (alert,) = stalled.tick()
    assert (alert.title, alert.step) == ("nothing was logged for 61 s", 7)
    assert stalled.tick() == []


def test_pauses_that_are_usual_are_no_stall() -> None:
    now = 0.0
    stalled = Stalled(60, clock=lambda: now)
    sample = Batch.of([Sample("loss", 1.0, 7, 0.0)])
    for _ in range(3):  # a value every 50 seconds
        stalled.observe(sample)
        now += 50
    now += 190
    assert stalled.tick() == []
    now += 20
    assert len(stalled.tick()) == 1


# --- Rules


def test_patterns_say_what_is_watched() -> None:
    values = [("loss", math.nan), ("grad_norm", math.nan), ("x/GRAD_NORM", math.nan)]
    assert raised(["grad_*"], *values) == [("grad_norm is NaN", 2)]
    assert raised([], *values) == []


def test_hook_config_schema_lets_the_configuration_say_what_is_watched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "monitors" in config_schemas()
    (tmp_path / "runicorn.toml").write_text('[monitors]\nloss = ["norm"]\nrules = ["acc lt 0.5 for 2 level info"]\n')
    monkeypatch.chdir(tmp_path)
    with rn.init(project="p") as run:
        run.log({"loss": math.nan, "norm": math.nan, "acc": 0.1})
        run.log({"acc": 0.2})
    assert titles(run) == ["norm is NaN", "acc is 0.2, below 0.5, 2 times in a row"]
    assert alerts_of(run)[1]["rule"] == "acc lt 0.5 for 2 level info"


def test_a_rule_of_the_configuration_that_is_none_is_refused_with_its_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "runicorn.toml").write_text('[monitors]\nrules = ["acc below 0.5"]\n')
    monkeypatch.chdir(tmp_path)
    command = [sys.executable, "-m", "runicorn", "config", "show"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "'below' is none of gt, lt" in done.stderr
    assert "runicorn.toml" in done.stderr


def test_everything_can_be_switched_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "runicorn.toml").write_text("[monitors]\nloss = []\nstalled = 0\n")
    monkeypatch.chdir(tmp_path)
    with rn.init(project="p") as run:
        run.log({"loss": math.nan})
    assert alerts_of(run) == []


def test_training_code_adds_rules_and_may_be_asked_to_stop() -> None:
    with rn.init(project="p") as run:
        run.add_alert_rule(rn.AlertRule("grad_norm", "gt", 100, stop=True))
        run.add_alert_rule("acc missing 3600")
        for step in range(1, 10_000):
            run.log({"grad_norm": 512.0 if step > 3 else 1.0}, step=step)
            if run.should_stop:
                break
            time.sleep(0.002)
        assert run.stop_reason == "grad_norm is 512, above 100"
    assert titles(run) == ["grad_norm is 512, above 100"]


def test_a_rule_that_is_none_does_not_stop_the_training() -> None:
    with rn.init(project="p") as run:
        run.add_alert_rule("acc below 0.5")
        run.add_alert_rule(None)
    first, second = alerts_of(run)
    assert first["title"] == second["title"] == "an alert rule cannot be used"
    assert "'below' is none of gt, lt" in first["text"]


def test_a_metric_that_never_comes_is_told_while_the_run_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("runicorn_monitors.ticking.TICK_S", 0.02)
    with rn.init(project="p") as run:
        run.add_alert_rule("val/acc missing 0.1")
        until(lambda: titles(run))
    assert titles(run)[0].startswith("val/acc has had no value in the first")


def test_a_run_leaves_no_thread_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("runicorn_monitors.ticking.TICK_S", 0.02)
    with rn.init(project="p", capture_system=False) as run:
        run.log(loss=1.0)
        run.add_alert_rule("loss stalled 100")
        until(lambda: "runicorn-monitors" in {thread.name for thread in threading.enumerate()})
    until(lambda: "runicorn-monitors" not in {thread.name for thread in threading.enumerate()})


def test_monitors_add_no_hook_call_to_log(monkeypatch: pytest.MonkeyPatch) -> None:
    called: list[str] = []
    inner = pluggy.HookCaller.__call__
    me = threading.get_ident()

    def counting(self: Any, **arguments: Any) -> Any:
        if threading.get_ident() == me:
            called.append(self.name)
        return inner(self, **arguments)

    with rn.init(project="p") as run:
        run.add_alert_rule("loss gt 10")
        run.log(loss=1.0)
        monkeypatch.setattr(pluggy.HookCaller, "__call__", counting)
        seen = _calls_below(lambda: _log(run, 200))
    assert called == []
    assert not [file for file in seen if "runicorn_monitors" in file or "/hooks/" in file or "pluggy" in file]


def _log(run: rn.Run, times: int) -> None:
    for step in range(times):
        run.log({"loss": 0.5, "acc": 0.5}, step=step)


def _calls_below(work: Callable[[], object]) -> set[str]:
    """The files whose functions are called on this thread."""
    seen: set[str] = set()

    def note(frame: Any, event: str, _: object) -> None:
        if event == "call":
            seen.add(frame.f_code.co_filename)

    sys.setprofile(note)
    try:
        work()
    finally:
        sys.setprofile(None)
    return seen


# --- Saying it


def test_hook_register_api_gives_run_alert() -> None:
    with rn.init(project="p") as run:
        run.log({"acc": 1.0}, step=7)
        run.alert("Look", "at this", level="info")
        run.alert("odd level", level="loud")
        run.alert(object(), step="x")
        rn.alert("from the module", step=3)
    found = [(alert["title"][:7], alert["text"], alert["level"], alert["step"]) for alert in alerts_of(run)]
    assert found == [
        ("Look", "at this", "info", 7),
        ("odd lev", "", "warning", 7),
        ("<object", "", "warning", 7),
        ("from th", "", "warning", 3),
    ]


def test_hook_register_alert_sinks_says_alerts_through_logging(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "runicorn.alerts"), rn.init(project="p") as run:
        run.alert("Look", "at this\x1b[2J", level="error", step=7)
    assert [(r.levelname, r.getMessage()) for r in caplog.records if r.name == "runicorn.alerts"] == [
        ("ERROR", f"Look at step 7 in run {run.id}: at this\\x1b[2J")
    ]


def test_the_terminal_is_told_whatever_logging_does() -> None:
    program = (
        "import logging, runicorn as rn; logging.disable();"
        "run = rn.init('p'); run.alert('Look', level='error'); run.alert('quiet', level='info'); run.finish()"
    )
    more = {"RUNICORN_MONITORS__SINKS": "log,terminal", "RUNICORN_MONITORS__SINK_LEVEL": "warning"}
    command = [sys.executable, "-c", program]
    said = subprocess.run(command, capture_output=True, text=True, check=True, env={**os.environ, **more}).stderr
    assert said.startswith("[error] Look at step 0 in run ")
    assert "quiet" not in said


def test_saying_can_be_switched_off(
    caplog: pytest.LogCaptureFixture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "runicorn.toml").write_text("[monitors]\nsinks = []\n")
    monkeypatch.chdir(tmp_path)
    with rn.init(project="p") as run:
        run.alert("Look")
    assert [record for record in caplog.records if record.name == "runicorn.alerts"] == []
    assert len(alerts_of(run)) == 1


def test_a_flood_of_alerts_is_cut_and_the_run_says_so() -> None:
    with rn.init(project="p") as run:
        for number in range(1005):
            run.alert(str(number))
    assert len(alerts_of(run)) == 1000
    (record,) = open_store().find_runs(run.id)
    assert [entry["count"] for entry in record.trouble if "are more than" in str(entry["what"])] == [5]


def test_a_run_that_is_off_takes_alerts_and_keeps_none() -> None:
    with rn.init(project="p", mode="off") as run:
        run.alert("nobody sees this")
        run.add_alert_rule("loss gt 1")
    assert list(open_store().find_runs(run.id)) == []
