"""The best value of the primary metric: only finite values, and only the four keys that are ours."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest
import runicorn as rn


@pytest.mark.parametrize("huge", [10**400, -(10**400), 10**5000], ids=["max", "min", "unprintable"])
def test_an_integer_beyond_a_float_is_kept_and_never_the_best(root: Path, only_run: Any, huge: int) -> None:
    with rn.init("p") as run:
        run.set_primary_metric("a", "max" if huge > 0 else "min")
        run.log(a=huge)
        run.log(a=1.0)
        run.summary({"written": True})
    found = only_run()
    assert found.best is not None
    assert (found.best.value, found.best.step) == (1.0, 2)
    assert (found.status, found.summary["written"]) == ("finished", True)


@pytest.mark.parametrize(("mode", "infinite"), [("max", math.inf), ("min", -math.inf), ("max", -math.inf)])
def test_an_infinity_never_becomes_the_best(root: Path, only_run: Any, mode: str, infinite: float) -> None:
    with rn.init("p") as run:
        run.set_primary_metric("a", mode)
        run.log(a=infinite)
        run.log(a=2.0)
        run.log(a=infinite)
    best = only_run().best
    assert (best.value, best.step) == (2.0, 2)


@pytest.mark.parametrize("mine", [0.9, {"epoch": 3}, {"metric": "a", "value": 1}, "text"])
def test_best_in_the_summary_is_the_users_while_there_is_no_primary_metric(
    root: Path, only_run: Any, caplog: pytest.LogCaptureFixture, mine: Any
) -> None:
    with rn.init("p", run_id="r") as run:
        run.summary({"best": mine})
    assert (only_run().summary, only_run().best) == ({"best": mine}, None)
    with rn.init("p", run_id="r", resume="must") as run:
        assert run.summary == {"best": mine}
        run.summary(more=1)
    assert (only_run().summary, caplog.messages) == ({"best": mine, "more": 1}, [])


def test_best_in_the_summary_makes_room_for_the_best_value(
    root: Path, only_run: Any, caplog: pytest.LogCaptureFixture
) -> None:
    with rn.init("p", run_id="r") as run:
        run.summary({"best": 0.5})
        run.set_primary_metric("a")
        run.log(a=1.0)
        run.summary({"best": 0.75})
    assert (only_run().summary, only_run().best.value) == ({"best_": 0.75}, 1.0)
    assert len(caplog.messages) == 1
    with rn.init("p", run_id="r", resume="must") as run:
        run.summary(more=1)
    assert (only_run().summary, only_run().best.value) == ({"best_": 0.75, "more": 1}, 1.0)
