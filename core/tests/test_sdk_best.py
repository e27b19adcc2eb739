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
