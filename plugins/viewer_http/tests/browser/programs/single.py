"""Log three metrics of three sections into the root given."""

import sys

import runicorn as rn

with rn.init("single", "panels", storage=sys.argv[1], run_id="three") as run:
    for step in range(20):
        run.log({"a/x": step, "b/y": -step, "c/z": step * step}, step=step)
