"""A run of a million steps, one of which stands out; written as a log file is, since logging it would take longer."""

import shutil
import sys
import tempfile
from pathlib import Path

import runicorn as rn

LINE = '{{"ts":{ts},"type":"metrics","step":{step},"data":{{"value":{value}}}}}\n'

with tempfile.TemporaryDirectory() as short:
    with rn.init("long", storage=short, run_id="long", capture_env=False) as run:
        run.log({"value": 0.0}, step=0)
    # another root, which nothing is remembered of
    place = Path(sys.argv[1]) / Path(run.dir).relative_to(short)
    shutil.copytree(run.dir, place)
(events,) = place.glob("events*.jsonl")
with events.open("a", encoding="utf-8") as file:
    for step in range(1, 1_000_000):
        file.write(LINE.format(ts=1_900_000_000 + step, step=step, value=1.0 if step == 654_321 else 0.0))
