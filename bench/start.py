"""What ``import runicorn`` and ``init()`` cost a training script: CPU over a bare Python, then later calls.

.venv/bin/python bench/start.py
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile

PROGRAM = """
import json, os, time
began = time.process_time()
import runicorn as rn
imported = time.process_time()
run = rn.init("start", storage=os.environ["WHERE"])
first = time.process_time()
run.finish()
out = {"import": imported - began, "import+init": first - began}
later, ends, walls = [], [], []
for _ in range(20):
    c, w = time.process_time(), time.perf_counter()
    run = rn.init("start", storage=os.environ["WHERE"], capture_env=False)
    later.append(time.process_time() - c); walls.append(time.perf_counter() - w)
    run.log({"loss": 1.0})
    time.sleep(0.05)
    w = time.perf_counter()
    run.finish()
    ends.append(time.perf_counter() - w)
for name, values in {"later init (CPU)": later, "later init (wall)": walls, "finish (wall)": ends}.items():
    out[name] = sorted(values)[10]
print(json.dumps({k: v * 1000 for k, v in out.items()}))
"""


def main() -> None:
    rows = []
    for _ in range(9):
        with tempfile.TemporaryDirectory() as folder:
            environment = {"WHERE": folder, "RUNICORN_HOME": folder, "PATH": "/usr/bin:/bin"}
            out = subprocess.run(
                [sys.executable, "-c", PROGRAM], env=environment, check=True, capture_output=True
            ).stdout
            rows.append(json.loads(out))
    for name in rows[0]:
        values = [row[name] for row in rows]
        print(f"{name:20s} {statistics.median(values):7.2f} ms   ({min(values):.2f} .. {max(values):.2f})")


if __name__ == "__main__":
    main()
