"""What capturing the console costs the thread that prints, beside the same ``print`` without it.

    .venv/bin/python bench/console.py        50 000 lines each, floor and ours in turn, five rounds

Each round is a fresh process whose stdout is a file. CPU time of the printing thread for each line; the least wall
time of ``init()``, which includes waiting for the disk.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time

LINES = 50_000
KINDS = ("floor", "captured", "bar")
LIMIT_US = 5.0


def measure(kind: str, folder: str) -> dict[str, float]:
    import runicorn as rn

    captured = kind != "floor"
    rn.init("bench", "warm", storage=folder, capture_env=False, capture_console=captured).finish()
    before = time.perf_counter()
    run = rn.init("bench", storage=folder, capture_env=False, capture_console=captured)
    init_ms = (time.perf_counter() - before) * 1000
    out = sys.stdout
    began, cpu = time.perf_counter(), time.thread_time()
    if kind == "bar":
        for n in range(LINES):
            out.write(f"\r{n:8d}/{LINES} loss 0.12345 acc 0.98")
        out.write("\n")
    else:
        for n in range(LINES):
            print("epoch 3 step", n, "loss 0.12345 acc 0.98")
    out.flush()
    result = {"us": (time.thread_time() - cpu) / LINES * 1e6, "wall_us": (time.perf_counter() - began) / LINES * 1e6}
    run.finish()
    return result | {"init_ms": init_ms}


def main() -> int:
    if len(sys.argv) > 1:
        result = measure(*sys.argv[1:])
        sys.stderr.write(json.dumps(result))
        return 0
    found: dict[str, list[dict[str, float]]] = {kind: [] for kind in KINDS}
    for _ in range(5):
        for kind in KINDS:
            with tempfile.TemporaryDirectory() as folder, open(os.path.join(folder, "out"), "w") as out:
                variables = {**os.environ, "RUNICORN_HOME": folder, "RUNICORN_CONSOLE__LINES_PER_SECOND": "0"}
                command = [sys.executable, __file__, kind, os.path.join(folder, "root")]
                done = subprocess.run(command, stdout=out, stderr=subprocess.PIPE, check=True, env=variables)
                found[kind].append(json.loads(done.stderr.splitlines()[-1]))
    median = {
        kind: {key: statistics.median(r[key] for r in rounds) for key in rounds[0]} for kind, rounds in found.items()
    }
    for kind, rounds in found.items():
        median[kind]["init_ms"] = min(r["init_ms"] for r in rounds)
    for kind, figures in median.items():
        us, wall, init = figures["us"], figures["wall_us"], figures["init_ms"]
        print(f"{kind:9} {us:6.2f} us CPU a line, {wall:6.2f} us wall, init() {init:6.2f} ms")
    added = median["captured"]["us"] - median["floor"]["us"]
    init = median["captured"]["init_ms"] - median["floor"]["init_ms"]
    print(f"capturing adds {added:.2f} us a line (limit {LIMIT_US:g}), {init:.2f} ms to init() (limit 5)")
    return int(added > LIMIT_US)


if __name__ == "__main__":
    sys.exit(main())
