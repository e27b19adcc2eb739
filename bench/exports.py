"""Exporting many points of one run, beside DuckDB's own COPY of the same table. ``.venv/bin/python bench/exports.py``.

With ``--memory``: the most memory that ``runicorn export`` takes, each format in a process of its own.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

KEYS = 5


def make_run(root: Path, points: int) -> str:
    import runicorn as rn

    with rn.init(project="bench", storage=root, capture_env=False, capture_console=False) as run:
        for step in range(points // KEYS):
            run.log({f"metric/{key}": (step * 7919 % 100_003) / (key + 1) for key in range(KEYS)}, step=step)
    return run.id


def measured(work: Callable[[], object]) -> tuple[float, float]:
    """Seconds by the clock, and of all cores."""
    began, used = time.perf_counter(), _cpu()
    work()
    return time.perf_counter() - began, _cpu() - used


def _cpu() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


#: Formats and options; those of Excel take minutes for millions of rows.
FORMATS: tuple[tuple[str, dict[str, str]], ...] = (
    ("--list", {}),
    ("csv", {"layout": "long"}),
    ("csv", {"layout": "wide"}),
    ("jsonl", {}),
    ("json", {}),
    ("parquet", {"layout": "long"}),
    ("parquet", {"layout": "wide"}),
    ("tensorboard", {}),
    ("html", {}),
    ("markdown", {}),
    ("archive", {"kind": "tar.gz"}),
    ("excel", {}),
)


def memory(root: Path, run: str, work: Path, backend: str) -> None:
    """What the command takes at most, whole process."""
    environment = {**os.environ, "RUNICORN_BACKEND": backend}
    for name, options in FORMATS:
        command = [sys.executable, "-m", "runicorn", "export", "--list"]
        if name != "--list":
            out = work / f"out-{name}{'.zip' if name == 'tensorboard' else ''}"
            command = [*command[:-1], run, "--root", str(root), "--format", name, "-o", str(out)]
            command += [part for option, value in options.items() for part in ("--option", f"{option}={value}")]
        began = time.perf_counter()
        process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        what = " ".join([name, *(f"{option}={value}" for option, value in options.items())])
        print(
            f"{backend}: {what}: {usage.ru_maxrss / 1024:.0f} MB at most, {usage.ru_utime + usage.ru_stime:.1f} s CPU, "
            f"{time.perf_counter() - began:.1f} s, exit code {process.returncode}",
            flush=True,
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--points", type=int, default=10_000_000)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--work", type=Path, help="a folder on the disk that is to be measured")
    parser.add_argument("--memory", action="store_true", help="how much memory each format takes, and nothing else")
    arguments = parser.parse_args()
    import duckdb
    from runicorn.hooks import Selection, export_to_file, find_run, open_store

    with tempfile.TemporaryDirectory(dir=arguments.work) as folder:
        work = Path(folder)
        print(f"making a run of {arguments.points:,} points, {KEYS} a call", flush=True)
        run = make_run(work / "root", arguments.points)
        if arguments.memory:
            for backend in ("jsonl", "hybrid"):
                memory(work / "root", run, work, backend)
            return
        store = open_store(work / "root")
        ref = find_run(store, run).ref

        def ours(name: str, suffix: str, **options: str) -> None:
            export_to_file(name, Selection(store, [ref]), work / f"ours{suffix}", options)

        ours("parquet", ".parquet", layout="long")
        ours("parquet", "-wide.parquet", layout="wide")
        database = duckdb.connect()
        database.execute(f"create table long as from '{work}/ours.parquet'")
        database.execute(f"create table wide as from '{work}/ours-wide.parquet'")

        def theirs(table: str, suffix: str, how: str) -> None:
            database.execute(f"copy {table} to '{work}/theirs{suffix}' ({how})")

        cases = (
            ("CSV, a line for each value", "long", ".csv", "csv", "format csv, header"),
            ("CSV, a line for each call", "wide", ".csv", "csv", "format csv, header"),
            ("Parquet, a row for each value", "long", ".parquet", "parquet", "format parquet, compression zstd"),
            ("Parquet, a row for each call", "wide", ".parquet", "parquet", "format parquet, compression zstd"),
        )
        for title, layout, suffix, name, how in cases:
            best = [9e9] * 4
            for _ in range(arguments.rounds):
                floor = measured(lambda: theirs(layout, suffix, how))  # noqa: B023 (called at once)
                mine = measured(lambda: ours(name, suffix, layout=layout))  # noqa: B023
                best = [min(pair) for pair in zip(best, (*floor, *mine), strict=True)]
            rate = arguments.points / best[2] / 1e6
            print(
                f"{title}: {best[2]:.2f} s ({best[3]:.2f} s CPU, {rate:.1f} M points/s), DuckDB's COPY {best[0]:.2f} s "
                f"({best[1]:.2f} s CPU): {best[0] / best[2]:.0%} of its speed, {best[1] / best[3]:.0%} by CPU",
                flush=True,
            )
        began = measured(lambda: ours("tensorboard", ".zip"))
        print(f"TensorBoard: {began[0]:.2f} s ({began[1]:.2f} s CPU)")
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(f"peak memory {peak:.0f} MB")
        store.close()


if __name__ == "__main__":
    main()
