"""Log 120 000 lines into the root given, as a run does that has been going for days."""

import sys
from pathlib import Path

import runicorn as rn

LINES = 120_000


def text(number: int) -> str:
    more = " needle" if number % 40_000 == 0 else ""
    return f"line {number} {'and on ' * (200 if number % 1000 == 0 else 3)}{more}"


with rn.init("logs", "long", storage=sys.argv[1], run_id="long") as run:
    run.log({"loss": 1.0})
folder = Path(sys.argv[1]) / "logs" / "long" / "runs" / "long"
with (folder / "logs.txt").open("a", encoding="utf-8") as file:
    file.writelines(f"2026-11-23T15:01:02.123Z stdout | {text(n)}\n" for n in range(1, LINES + 1))
