"""Runs whose charts are easily drawn wrong: far steps, gaps of NaN, nothing positive, an explosion, a late log."""

import math
import sys
import time

import runicorn as rn

with rn.init("odd", "far", storage=sys.argv[1], run_id="far") as run:
    for step in range(1_000_000, 1_010_000, 5):
        run.log({"far/loss": 1 / (step - 999_999)}, step=step)
with rn.init("gap", "gap", storage=sys.argv[1], run_id="gap") as run:
    for step in range(1, 301):
        run.log({"a/gap": math.nan if 100 < step < 200 else -1.0, "a/sparse": step}, step=step)
with rn.init("exploded", "exploded", storage=sys.argv[1], run_id="exploded") as run:
    for step in range(1, 201):
        run.log({"a/norm": 10.0 ** min(step - 100, 300) if step > 100 else 1.0}, step=step)
with rn.init("late", "late", storage=sys.argv[1], run_id="late") as run:
    time.sleep(1.5)
    for step in range(5):
        run.log({"a/late": step}, step=step)
