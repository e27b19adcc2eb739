"""What plugins cost: hook calls in ``log()``, observers per batch, discovery, ``plugins list``.

.venv/bin/python bench/plugins.py
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

COUNTING = """
import json, os, sys, time
import runicorn as rn
from runicorn.contracts import Batch
from runicorn.hooks import observers
from runicorn.hookspecs import hookimpl
from runicorn.model.sample import Sample
from runicorn.loader import manager

class Watching:
    @hookimpl
    def values_logged(self, batch):
        pass

manager().add("watching", Watching())
run = rn.init("bench", storage=os.environ["WHERE"], capture_env=False)
run.log({"a": 0.5})
calls = 0
def count(frame, event, argument):
    global calls
    file = frame.f_code.co_filename
    calls += event == "call" and any(part in file for part in ("/runicorn/hooks/", "/runicorn/loader/", "/pluggy/"))
sys.setprofile(count)
for step in range(20000):
    run.log({"a": 0.5, "b": 1.5, "c": 2.5, "d": 3.5, "e": 4.5}, step=step)
sys.setprofile(None)
watching = observers(run, print)
for observer in watching:
    observer.started()
samples = [Sample(f"key-{i % 5}", 0.5, i, 1.0) for i in range(4096)]
lines = Batch.of(samples)._lines
times = []
for _ in range(50):
    began = time.perf_counter()
    batch = Batch(lines)
    for observer in watching:
        observer.values(batch)
    times.append(time.perf_counter() - began)
run.finish()
print(json.dumps({"in_log": calls, "batch_us": sorted(times)[25] * 1e6}))
"""

DISCOVERY = """
import json, sys, time
import runicorn.loader.discovery as discovery
times = []
for _ in range(15):
    began = time.process_time()
    found = discovery.installed_plugins()
    times.append((time.process_time() - began) * 1000)
began = time.process_time()
import importlib.metadata
imported = (time.process_time() - began) * 1000
began = time.process_time()
listed = [e.name for e in importlib.metadata.entry_points(group="runicorn")]
print(json.dumps({"n": len(found), "first_ms": times[0], "ms": sorted(times)[7],
                  "library_ms": imported + (time.process_time() - began) * 1000}))
"""

LISTING = """
import json, sys, time
began = time.process_time()
from runicorn.cli.app import cli
cli.main(["plugins", "list"], standalone_mode=False)
spent = (time.process_time() - began) * 1000
loaded = sorted(name for name in sys.modules if name.endswith(".plugin"))
print(json.dumps({"ms": spent, "plugins imported": loaded}), file=sys.stderr)
"""


def run(program: str, folder: str, *site: str) -> dict[str, object]:
    environment = {"WHERE": folder, "RUNICORN_HOME": folder, "PATH": "/usr/bin:/bin", "PYTHONPATH": ":".join(site)}
    done = subprocess.run([sys.executable, "-c", program], env=environment, check=True, capture_output=True, text=True)
    said: dict[str, object] = json.loads((done.stderr if program is LISTING else done.stdout).splitlines()[-1])
    return said


def installed(folder: Path, count: int) -> str:
    """A folder with the metadata of so many plugins."""
    site = folder / f"site-{count}"
    for number in range(count):
        info = site / f"acme_{number}-1.0.dist-info"
        info.mkdir(parents=True)
        (info / "entry_points.txt").write_text(f"[runicorn]\nacme-{number} = acme_{number}.plugin\n")
        (info / "METADATA").write_text(f"Metadata-Version: 2.4\nName: acme-{number}\nVersion: 1.0\n\n" + "text\n" * 200)
    return str(site)


def median(program: str, key: str, folder: str, *site: str) -> tuple[float, dict[str, object]]:
    rows = [run(program, folder, *site) for _ in range(7)]
    return statistics.median(float(str(row[key])) for row in rows), rows[0]


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        counted = run(COUNTING, folder)
        print(f"hook calls in 20 000 log() calls       {counted['in_log']}")
        per_batch = float(str(counted["batch_us"]))
        print(f"one observer, one monitor of ours      {per_batch:.0f} us per batch of 4096 samples")
        for count in (0, 10, 100):
            site = [installed(Path(folder), count)] if count else []
            spent, row = median(DISCOVERY, "first_ms", folder, *site)
            print(
                f"discovery, {count:3d} more than ours          {spent:.2f} ms CPU "
                f"({row['n']} found; importlib.metadata: {float(str(row['library_ms'])):.1f} ms)"
            )
        for count in (0, 100):
            site = [str(Path(folder) / f"site-{count}")] if count else []
            spent, row = median(LISTING, "ms", folder, *site)
            imported = row["plugins imported"]
            print(f"plugins list, {count:3d} more than ours       {spent:.1f} ms CPU, imported: {imported}")


if __name__ == "__main__":
    main()
