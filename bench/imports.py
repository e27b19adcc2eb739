"""Bringing runs in: a million scalars of TensorBoard beside reading them with its own package; archives beside copying.

.venv/bin/python bench/imports.py            with --points NUMBER for a quick look
"""

from __future__ import annotations

import argparse
import hashlib
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from runicorn.hooks import Selection, export_to_file, open_store
from runicorn.managing import ImportRequest, import_runs
from runicorn_exporters.exports.tensorboard.records import beginning, event
from runicorn_exporters.exports.tensorboard.wire import single

TAGS = ("train/loss", "train/accuracy", "val/loss", "val/accuracy", "lr")

READ = """
import sys
from tensorboard.backend.event_processing.event_file_loader import EventFileLoader
count = 0
for event in EventFileLoader(sys.argv[1]).Load():
    for value in event.summary.value:
        count += 1
print(count)
"""
ACCUMULATE = """
import sys
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
found = EventAccumulator(sys.argv[1], size_guidance={"scalars": 0})
found.Reload()
print(sum(len(found.Scalars(tag)) for tag in found.Tags()["scalars"]))
"""
IMPORT = """
import sys
from pathlib import Path
from runicorn.hooks import open_store
from runicorn.managing import ImportRequest, import_runs
(outcome,) = import_runs(open_store(sys.argv[2]), ImportRequest(Path(sys.argv[1]), "tensorboard"))
print(outcome.points)
"""


def write_events(path: Path, points: int) -> None:
    with path.open("wb") as file:
        file.write(beginning(1.79e9))
        for number in range(points):
            step, tag = divmod(number, len(TAGS))
            file.write(event(1.79e9 + number / 100, step, TAGS[tag], single(2, 1 / (step + 1))))


def run(program: str, *arguments: str) -> tuple[float, float, int]:
    """CPU and wall seconds of a program, and what it counted; the better of two."""
    best = (float("inf"), float("inf"), 0)
    for _ in range(2):
        before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        done = subprocess.run([sys.executable, "-c", program, *arguments], capture_output=True, text=True, check=True)
        wall, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
        cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        best = min(best, (cpu, wall, int(done.stdout.split()[-1])))
        for left in arguments[1:]:
            shutil.rmtree(left, ignore_errors=True)
    return best


def tensorboard(folder: Path, points: int) -> None:
    file = folder / "events.out.tfevents.1790000000.host"
    write_events(file, points)
    print(f"{points:,} scalars, {file.stat().st_size / 1e6:.0f} MB          CPU s   wall s   CPU ratio")
    floor = run(READ, str(file))
    for name, (cpu, wall, count) in {
        "tensorboard: EventFileLoader": floor,
        "tensorboard: EventAccumulator": run(ACCUMULATE, str(file)),
        "runicorn import (into a root)": run(IMPORT, str(file), str(folder / "root")),
    }.items():
        assert count == points, (name, count)
        print(f"  {name:<34}{cpu:>10.2f}{wall:>9.2f}{cpu / floor[0]:>12.2f}")


def archives(folder: Path, megabytes: int) -> None:
    """A run with files that do not shrink, as checkpoints and pictures do not."""
    import runicorn as rn

    with rn.init(project="p", storage=folder / "a", capture_env=False) as run:
        run.log({"x": 1})
    (run.dir / "media").mkdir()
    for number in range(megabytes // 10):
        (run.dir / "media" / f"{number}.bin").write_bytes(os.urandom(10_000_000))
    store = open_store(folder / "a")
    selection = Selection(store, [store.list_runs()[0].ref])

    def floor() -> None:
        """Read, hash and write every byte once."""
        for file in run.dir.rglob("*"):
            if file.is_file():
                data = file.read_bytes()
                hashlib.sha256(data).digest()
                with (folder / "copy").open("wb") as out:
                    out.write(data)
                    os.fsync(out.fileno())

    least = timed(floor)
    print(f"archives of {megabytes} MB            CPU s   ratio to hashing and copying it ({least:.2f} s)")
    for kind in ("zip", "tar.gz", "tar.zst"):
        path = folder / f"runs.{kind}"
        out = timed(lambda path=path, kind=kind: export_to_file("archive", selection, path, {"kind": kind}))  # type: ignore[misc]
        target = open_store(folder / f"b-{kind}")
        back = timed(lambda path=path, target=target: list(import_runs(target, ImportRequest(path))))  # type: ignore[misc]
        print(f"  {kind:<8} out {out:>8.2f} {out / least:>6.1f}     in {back:>8.2f} {back / least:>6.1f}")


def timed(work: Callable[[], object]) -> float:
    """CPU seconds."""
    began = time.process_time()
    work()
    return time.process_time() - began


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--points", type=int, default=1_000_000)
    parser.add_argument("--megabytes", type=int, default=200)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="runicorn-imports-") as folder:
        tensorboard(Path(folder), chosen.points)
    with tempfile.TemporaryDirectory(prefix="runicorn-imports-") as folder:
        archives(Path(folder), chosen.megabytes)


if __name__ == "__main__":
    main()
