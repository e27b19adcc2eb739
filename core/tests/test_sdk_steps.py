"""The step of a record: counted, set, unusable."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import runicorn as rn
from runicorn.sdk.steps import usable_step

Records = Callable[[rn.Run], list[tuple[int, dict[str, Any]]]]


def test_the_first_automatic_step_is_1_and_an_explicit_one_is_counted_on(root: Path, records: Records) -> None:
    with rn.init("p") as run:
        run.log(a=1)
        run.log(a=2)
        run.log({"a": 3}, step=10)
        run.log(a=4)
    assert [step for step, _ in records(run)] == [1, 2, 10, 11]


def test_steps_may_go_back_and_several_records_of_a_step_are_kept(root: Path, records: Records) -> None:
    with rn.init("p") as run:
        for step in (5, 3, 3, -1, 5):
            run.log({"a": step}, step=step)
    assert [step for step, _ in records(run)] == [5, 3, 3, -1, 5]


@pytest.mark.parametrize(("key", "step"), [("step", 7), ("global_step", 7), ("step", 7.9), ("step", np.int64(7))])
def test_a_step_in_the_data_is_the_step_and_no_value(root: Path, records: Records, key: str, step: Any) -> None:
    with rn.init("p") as run:
        run.log({"a": 1.0, key: step})
    assert records(run) == [(7, {"a": 1.0})]


def test_the_argument_counts_before_the_data_and_step_before_global_step(root: Path, records: Records) -> None:
    with rn.init("p") as run:
        run.log({"a": 1, "step": 2, "global_step": 3}, step=1)
        run.log({"a": 1, "step": 2, "global_step": 3})
    assert records(run) == [(1, {"a": 1}), (2, {"a": 1})]


def test_time_and_ts_are_the_users_keys(root: Path, records: Records) -> None:
    with rn.init("p") as run:
        run.log({"time": 1.5, "ts": 2.5, "type": 3, "data": 4})
    assert records(run) == [(1, {"time": 1.5, "ts": 2.5, "type": 3, "data": 4})]


def test_a_stage_is_kept_with_the_record(root: Path, read_back: Any) -> None:
    with rn.init("p") as run:
        run.log({"a": 1}, stage="train")
        run.log({"a": 1, "stage": "val"})
        run.log({"a": 1, "stage": 3, "t": "x"})
        run.log({"a": 1})
    assert [record.stage for record in read_back().records()] == ["train", "val", "3", None]


def test_an_unusable_step_is_one_warning_and_counted_on(
    root: Path, records: Records, caplog: pytest.LogCaptureFixture
) -> None:
    with rn.init("p") as run:
        run.log({"a": 0}, step=4)
        for step in (math.inf, math.nan, "7", object(), 2**70, True, [1]):
            run.log({"a": 1}, step=step)
    assert [step for step, _ in records(run)] == [4, 5, 6, 7, 8, 9, 10, 11]
    assert sum("cannot be a step" in message for message in caplog.messages) == 1


def test_a_step_beyond_64_bits_is_one_warning_and_counted_on(
    root: Path, records: Records, read_back: Any, caplog: pytest.LogCaptureFixture
) -> None:
    with rn.init("p") as run:
        for step in (5, 2**63, -(2**63) - 1, 2**64 - 1, 2**64):
            run.log({"a": 1.0}, step=step)
    assert [step for step, _ in records(run)] == [5, 6, 7, 8, 9]
    assert len(caplog.messages) == 1


def test_counting_on_stays_at_the_last_step(
    root: Path, records: Records, read_back: Any, caplog: pytest.LogCaptureFixture
) -> None:
    last = 2**63 - 1
    with rn.init("p", run_id="r") as run:
        run.log({"a": 1.0}, step=last)
        run.log(a=2.0)
        run.log(a=3.0, b="text")
    assert [step for step, _ in records(run)] == [last] * 3
    assert [record.step for record in read_back().records()] == [last] * 3
    with rn.init("p", run_id="r", resume="must") as run:
        run.log(a=4.0)
        assert run.step == last
        run.log({"a": 5.0}, step=1)
        run.log(a=6.0)
        assert run.step == 2
    assert len(caplog.messages) == 2  # one for each time that the run was opened


def test_a_log_of_nothing_takes_no_step(root: Path, records: Records) -> None:
    with rn.init("p") as run:
        run.log({})
        run.log()
        run.log(None)
        run.log(a=1)
    assert records(run) == [(1, {"a": 1})]


@pytest.mark.parametrize(
    ("given", "step"),
    [(3, 3), (3.99, 3), (-0.5, 0), (np.float32(2.5), 2), (np.array(4), 4), (2**63 - 1, 2**63 - 1), (2**63, None)],
)
def test_what_is_a_step(given: Any, step: int | None) -> None:
    assert usable_step(given) == step
