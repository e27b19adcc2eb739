"""Latency of ``run.log`` on the caller's thread, beside the floor: orjson.dumps and one os.write.

    .venv/bin/python bench/log.py            both sizes, five rounds, floor and ours in turn

Each round is a fresh process. ``observed`` has an observer attached, so every value is queued for it too.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

CALLS = {5: 20_000, 100: 20_000}


def pool(keys: int) -> list[dict[str, float]]:
    generator = random.Random(7)
    return [{f"m{k}": generator.random() for k in range(keys)} for _ in range(997)]


def floor(folder: Path) -> tuple[Callable[..., None], Callable[[], None]]:
    import orjson

    descriptor = os.open(folder / "floor.jsonl", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    dumps, write, now = orjson.dumps, os.write, time.time

    def log(data: dict[str, float], step: int) -> None:
        write(descriptor, dumps({"t": now(), "s": step, "m": data}, option=orjson.OPT_APPEND_NEWLINE))

    return log, lambda: os.close(descriptor)


def ours(folder: Path, observed: bool) -> tuple[Callable[..., None], Callable[[], None]]:
    import runicorn as rn
    from runicorn.hookspecs import hookimpl
    from runicorn.loader import manager

    class Observer:
        seen = 0

        @hookimpl
        def values_logged(self, batch: list[object]) -> None:
            self.seen += len(batch)

    if observed:
        manager().add("bench-observer", Observer())
    run = rn.init("bench", storage=folder, capture_env=False)
    run.set_primary_metric("m0", "min")
    return run.log, run.finish


def measure(kind: str, keys: int) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder:
        os.environ["RUNICORN_HOME"] = folder
        log, stop = floor(Path(folder)) if kind == "floor" else ours(Path(folder), kind == "observed")
        data = pool(keys)
        calls = CALLS[keys]
        took = [0] * calls
        now = time.perf_counter_ns
        began, cpu = time.perf_counter(), time.process_time()
        for i in range(calls):
            payload = dict(data[i % 997])
            before = now()
            log(payload, step=i)
            took[i] = now() - before
        burst = time.perf_counter() - began
        stop()
        cpu = time.process_time() - cpu
    took.sort()
    return {
        "p50": took[calls // 2] / 1e3,
        "p99": took[calls * 99 // 100] / 1e3,
        "mean": burst / calls * 1e6,
        "cpu": cpu / calls * 1e6,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--one", nargs=2, metavar=("KIND", "KEYS"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.one:
        print(json.dumps(measure(arguments.one[0], int(arguments.one[1]))))
        return
    for keys in CALLS:
        results: dict[str, list[dict[str, float]]] = {"floor": [], "ours": [], "observed": []}
        for _ in range(arguments.rounds):
            for kind, found in results.items():
                command = [sys.executable, __file__, "--one", kind, str(keys)]
                found.append(json.loads(subprocess.run(command, check=True, capture_output=True).stdout))
        middle = {k: {f: statistics.median(r[f] for r in rows) for f in rows[0]} for k, rows in results.items()}
        print(f"\n{keys} floats a call, {CALLS[keys]} calls, us (ratio to the floor of the same run)")
        for kind, row in middle.items():
            cells = "  ".join(f"{f} {v:7.2f} ({v / middle['floor'][f]:.2f}x)" for f, v in row.items())
            print(f"  {kind:9s} {cells}")


if __name__ == "__main__":
    main()
