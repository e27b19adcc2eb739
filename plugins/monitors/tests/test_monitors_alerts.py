"""Alerts in real runs: from a value or a call to the record that a reader finds, and to the terminal."""

from __future__ import annotations

import logging
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import runicorn as rn
from runicorn.hooks import config_schemas, open_store
from runicorn.model.metric import Sample
from runicorn_monitors.non_finite import NonFinite


def alerts_of(run: rn.Run) -> list[dict[str, Any]]:
    (record,) = open_store().find_runs(run.id)
    return [dict(alert) for alert in open_store().open_run(record.ref).alerts()]


def raised(patterns: Sequence[str], *values: tuple[str, float]) -> list[tuple[str, int | None]]:
    monitor = NonFinite(patterns)
    batch = [Sample(key, value, step, 0.0) for step, (key, value) in enumerate(values, 1)]
    return [(alert.title, alert.step) for part in (batch[:2], batch[2:]) for alert in monitor.observe(part)]


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


def test_patterns_say_what_is_watched() -> None:
    values = [("loss", math.nan), ("grad_norm", math.nan), ("x/GRAD_NORM", math.nan)]
    assert raised(["grad_*"], *values) == [("grad_norm is NaN", 2)]
    assert raised([], *values) == []


def test_hook_config_schema_lets_the_configuration_say_what_is_watched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "monitors" in config_schemas()
    (tmp_path / "runicorn.toml").write_text('[monitors]\nnon_finite = ["norm"]\n')
    monkeypatch.chdir(tmp_path)
    with rn.init(project="p") as run:
        run.log({"loss": math.nan, "norm": math.nan})
    assert [alert["title"] for alert in alerts_of(run)] == ["norm is NaN"]


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


def test_hook_alert_raised_says_alerts_in_the_terminal(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "runicorn.alerts"), rn.init(project="p") as run:
        run.alert("Look", "at this", level="error", step=7)
    assert [(r.levelname, r.getMessage()) for r in caplog.records if r.name == "runicorn.alerts"] == [
        ("ERROR", f"Look at step 7 in run {run.id}: at this")
    ]


def test_announcing_can_be_switched_off(caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RUNICORN_MONITORS__ANNOUNCE", "false")
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
    assert [entry["count"] for entry in record.trouble if "alerts" in str(entry["what"])] == [5]


def test_a_run_that_is_off_takes_alerts_and_keeps_none() -> None:
    with rn.init(project="p", mode="off") as run:
        run.alert("nobody sees this")
    assert list(open_store().find_runs(run.id)) == []
