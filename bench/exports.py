"""Exporting many points of one run, beside DuckDB's own COPY. ``.venv/bin/python bench/exports.py``.

Twice: from the index (hybrid), where DuckDB has the same table in memory; and from the event files alone (jsonl),
where DuckDB reads them too.

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
from typing import Any

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
    from runicorn.hooks import find_run, open_store

    with tempfile.TemporaryDirectory(dir=arguments.work) as folder:
        work = Path(folder)
        print(f"making a run of {arguments.points:,} points, {KEYS} a call", flush=True)
        run = make_run(work / "root", arguments.points)
        if arguments.memory:
            for backend in ("jsonl", "hybrid"):
                memory(work / "root", run, work, backend)
            return
        for backend in ("hybrid", "jsonl"):
            os.environ["RUNICORN_BACKEND"] = backend
            store = open_store(work / "root")
            ref = find_run(store, run).ref
            began = measured(store.open_run(ref).series)
            print(f"{backend}: its figures at first: {began[0]:.2f} s ({began[1]:.2f} s CPU)", flush=True)
            compare(store, ref, work, arguments)
            store.close()
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(f"peak memory, DuckDB's included, {peak:.0f} MB")


def compare(store: Any, ref: Any, work: Path, arguments: argparse.Namespace) -> None:
    """Each layout beside COPY of what the store has it from: columns (a table in memory), or lines of JSON."""
    import duckdb
    from runicorn.hooks import Selection, export_to_file

    def ours(name: str, suffix: str, **options: str) -> None:
        export_to_file(name, Selection(store, [ref]), work / f"ours{suffix}", options)

    database = duckdb.connect()
    if store.backend == "hybrid":
        ours("parquet", ".parquet", layout="long")
        ours("parquet", "-wide.parquet", layout="wide")
        database.execute(f"create table long as from '{work}/ours.parquet'")
        database.execute(f"create table wide as from '{work}/ours-wide.parquet'")
    else:
        data = ", ".join(f'"metric/{key}" double' for key in range(KEYS))
        columns = f"{{ts: 'double', type: 'varchar', step: 'bigint', data: 'struct({data})'}}"
        lines = f"read_json('{store.root}/{ref.folder}/events.jsonl', format = 'nd', columns = {columns})"
        wide = f"select '{ref.id}' as run, step, ts, null::varchar as stage, data.* from {lines} where type = 'metrics'"
        database.execute(f"create view wide as {wide}")
        database.execute("create view long as unpivot wide on columns('^metric/') into name key value value")

    def theirs(layout: str, suffix: str, how: str) -> None:
        database.execute(f"copy (from {layout}) to '{work}/theirs{suffix}' ({how})")

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
            mine = measured(lambda: ours(name, suffix, layout=layout))  # noqa: B023 (called at once)
            best = [min(pair) for pair in zip(best, (*floor, *mine), strict=True)]
        rate = arguments.points / best[2] / 1e6
        print(
            f"{store.backend}: {title}: {best[2]:.2f} s ({best[3]:.2f} s CPU, {rate:.1f} M points/s), "
            f"DuckDB's COPY {best[0]:.2f} s ({best[1]:.2f} s CPU): {best[0] / best[2]:.0%} of its speed, "
            f"{best[1] / best[3]:.0%} by CPU",
            flush=True,
        )
    began = measured(lambda: ours("tensorboard", ".zip"))
    print(f"{store.backend}: TensorBoard: {began[0]:.2f} s ({began[1]:.2f} s CPU)", flush=True)


if __name__ == "__main__":
    main()
