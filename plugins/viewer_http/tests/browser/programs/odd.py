"""Runs whose charts are easily drawn wrong: far steps, gaps, nothing positive, an explosion, hours, a late log."""

import json
import math
import sys
import time
from pathlib import Path

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
with rn.init("hours", "hours", storage=sys.argv[1], run_id="hours") as run:
    run.log({"a/slow": 0}, step=0)
(events,) = (Path(sys.argv[1]) / "hours" / "hours" / "runs" / "hours").glob("events*.jsonl")
begin = json.loads(events.read_text("utf-8").splitlines()[0])["ts"]
with events.open("a", encoding="utf-8") as file:
    for minute in range(1, 101):
        line = {"ts": begin + 60 * minute, "type": "metrics", "step": minute, "data": {"a/slow": minute}}
        file.write(json.dumps(line) + "\n")
with rn.init("late", "late", storage=sys.argv[1], run_id="late") as run:
    time.sleep(1.5)
    for step in range(5):
        run.log({"a/late": step}, step=step)
