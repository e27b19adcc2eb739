"""Many runs, many points: what the index of storage-duckdb takes to make and to answer, against DuckDB alone.

    python -m bench.scale --scale 0.1            # a tenth of 10 000 runs and 100 M points
    python -m bench.scale --only many            # 75 000 runs of 100 keys

``floor`` is DuckDB's own time for the plain query over Parquet with the same points, in the same run; ``ratio`` is
ours to it. The data sets are kept below ``--work`` for the next time.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import shutil
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench.scale", description=__doc__.splitlines()[0])
    parser.add_argument("--scale", type=float, default=0.05, help="1 = 10 000 runs, 100 M points")
    parser.add_argument("--work", type=Path, default=Path("/tmp/runicorn-scale"))
    parser.add_argument("--only", choices=["points", "build", "many"], action="append")
    parser.add_argument("--clean", action="store_true", help="make the data sets and indexes again")
    arguments = parser.parse_args()
    work: Path = arguments.work / f"{arguments.scale:g}"
    if arguments.clean:
        shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True, exist_ok=True)
    os.environ["RUNICORN_HOME"] = str(work / "home")
    only = arguments.only or ["points", "build"]
    print(f"{'what':58} {'ms':>9} {'cpu ms':>9} {'floor ms':>9} {'ratio':>6}")
    if "build" in only:
        build(work, arguments.scale)
    if "points" in only:
        points(work, arguments.scale)
    if "many" in only:
        many(work, arguments.scale)
    print(f"memory of this process at its peak: {peak_mb():.0f} MB")


# --- Data ------------------------------------------------------------------------------------------


def write_run(root: Path, name: str, steps: int, keys: list[str], seed: int, *, running: bool = False) -> int:
    """A run folder with one event file, written in bulk; returns its points."""
    folder = root / "scale" / "set" / "runs" / name
    folder.mkdir(parents=True, exist_ok=True)
    now = time.time()
    rng = np.random.default_rng(seed)
    meta = {"runicorn_format": 1, "id": name, "project": "scale", "name": "set", "created_at": 1.7e9 + seed}
    (folder / "meta.json").write_text(json.dumps({**meta, "hostname": "h", "pid": 1}))
    params = {f"p{n}": round(float(rng.random()), 6) for n in range(20)}
    (folder / "params.json").write_text(json.dumps({**params, "opt": ["adam", "sgd"][seed % 2]}))
    status = {"status": "running" if running else "finished", "started_at": 1.7e9 + seed}
    (folder / "status.json").write_text(json.dumps(status if running else {**status, "ended_at": 1.7e9 + seed + steps}))
    if running:
        (folder / "writers").mkdir(exist_ok=True)
        beat = {"host": "elsewhere", "boot_id": "b", "pid": 1, "started_at": now, "heartbeat_at": now + 1e5}
        (folder / "writers" / "00000000.json").write_text(json.dumps(beat))
    with (folder / "events.jsonl").open("w") as file:
        for begin in range(0, steps, 50_000):
            size = min(50_000, steps - begin)
            values = np.abs(rng.normal(size=(size, len(keys)))).astype(np.float32).tolist()
            names = [f'"{key}":' for key in keys]
            lines = []
            for step, row in enumerate(values, begin + 1):
                data = ",".join([f"{one}{value:.7g}" for one, value in zip(names, row, strict=True)])
                lines.append(f'{{"ts":{1.7e9 + seed + step:.3f},"type":"metrics","step":{step},"data":{{{data}}}}}\n')
            file.writelines(lines)
    return steps * len(keys)


def make_points(work: Path, scale: float) -> tuple[Path, list[tuple[str, int, list[str]]]]:
    """One series of 1 M points, 50 runs of 100 k, the rest small: 10 000 runs and 100 M points at scale 1."""
    long, wide = int(1_000_000 * min(1.0, scale * 10)), int(100_000 * min(1.0, scale * 10))
    plan = [("long", long, ["loss"])]
    plan += [(f"wide-{n:02}", wide, ["loss", "acc"]) for n in range(50)]
    plan += [(f"panel-{n:02}", 500, [f"k{key:02}" for key in range(24)]) for n in range(20)]
    rest = max(10, int(10_000 * scale) - len(plan))
    left = max(1_000_000 * scale, 100_000_000 * scale - sum(steps * len(keys) for _, steps, keys in plan))
    steps = max(10, int(left / rest / 10))
    small = ["loss", "acc", "lr", "grad", *(f"m{n}" for n in range(6))]
    plan += [(f"small-{n:05}", steps, small) for n in range(rest)]
    root = work / "points"
    if not (work / "points.done").exists():
        shutil.rmtree(root, ignore_errors=True)
        begun, total = time.time(), 0
        for seed, (name, count, keys) in enumerate(plan):
            total += write_run(root, name, count, keys, seed)
        (work / "points.done").write_text(str(total))
        print(f"made {len(plan)} runs, {total:,} points in {time.time() - begun:.0f} s", file=sys.stderr)
    return root, plan


# --- Measuring -------------------------------------------------------------------------------------


def measured(act: Callable[[], object], times: int = 7) -> tuple[float, float]:
    """Median milliseconds of wall time and CPU time, the first time left out."""
    act()
    walls, cpus = [], []
    for _ in range(times):
        wall, cpu = time.perf_counter(), time.process_time()
        act()
        walls.append((time.perf_counter() - wall) * 1e3)
        cpus.append((time.process_time() - cpu) * 1e3)
    return statistics.median(walls), statistics.median(cpus)


def row(what: str, ours: tuple[float, float], floor: tuple[float, float] | None = None) -> None:
    against = f"{floor[0]:9.1f} {ours[0] / floor[0]:6.2f}" if floor else f"{'':9} {'':6}"
    print(f"{what:58} {ours[0]:9.1f} {ours[1]:9.1f} {against}", flush=True)


def once(act: Callable[[], object]) -> tuple[float, float]:
    wall, cpu = time.perf_counter(), time.process_time()
    act()
    return (time.perf_counter() - wall) * 1e3, (time.process_time() - cpu) * 1e3


def peak_mb() -> float:
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def store_of(root: Path):
    from runicorn.hooks import open_store

    return open_store(root, "hybrid")


# --- What is measured ------------------------------------------------------------------------------


def build(work: Path, scale: float) -> None:
    """1 000 JSONL runs of 1 000 steps of 5 metrics from nothing, then 10 new lines in 50 running runs."""
    root, runs = work / "build", max(50, int(1000 * min(1.0, scale * 10)))
    keys = ["loss", "acc", "lr", "grad", "time"]
    if not root.exists():
        for seed in range(runs):
            write_run(root, f"run-{seed:04}", 1000, keys, seed, running=seed < 50)
    shutil.rmtree(work / "home" / "cache", ignore_errors=True)
    store = store_of(root)
    row(f"index of {runs} runs x 1000 steps x 5 metrics from nothing", once(lambda: store.index().following.wait(600)))
    refs = [record.ref for record in store.list_runs() if record.ref.id < "run-0050"]
    index = store.index()

    def grow() -> None:
        now = time.time()
        for ref in refs:
            line = f'{{"ts":{now},"type":"metrics","step":1001,"data":{{"loss":1,"acc":1,"lr":1,"grad":1,"time":1}}}}\n'
            with (root / ref.folder / "events.jsonl").open("a") as file:
                file.write(line * 10)

    import duckdb

    (work / "alone.duckdb").unlink(missing_ok=True)
    alone = duckdb.connect(str(work / "alone.duckdb"), config={"threads": 2})
    alone.execute("create table points (run integer, key integer, rec bigint, step bigint, ts double, value double)")

    def bring_in() -> None:
        with index.fresh(refs):
            pass

    taken, floors = [], []
    for _ in range(15):
        grow()
        taken.append(once(bring_in))
        floors.append(once(lambda: insert_alone(alone)))
    row("10 new lines in 50 running runs", sorted(taken)[len(taken) // 2], sorted(floors)[len(floors) // 2])
    alone.close()
    store.close()


def insert_alone(alone) -> None:
    """The floor: as many points into one table of DuckDB, in one transaction."""
    size = 50 * 10 * 5
    whole = np.arange(size)
    alone.register("rows", dict.fromkeys(("run", "key", "rec", "step", "ts", "value"), whole))
    alone.execute("insert into points select * from rows")
    alone.unregister("rows")


def points(work: Path, scale: float) -> None:
    import duckdb
    from runicorn.filters import parse, parse_columns, parse_order
    from runicorn.model.query import RunQuery

    root, plan = make_points(work, scale)
    store = store_of(root)
    begun = time.perf_counter()
    store.index()
    page = store.query_runs(RunQuery(limit=100))
    row(
        f"first list after start (indexed: {page.indexed}, partial: {page.partial})",
        ((time.perf_counter() - begun) * 1e3, 0),
    )
    row("until every run has been looked at", once(lambda: store.index().following.wait(3600)))
    parquet = make_parquet(work, store)
    alone = duckdb.connect(config={"threads": 2})
    refs = {record.ref.id: record.ref for record in store.list_runs()}
    fields = parse_columns(
        "run,status,created_at,duration_s,project,name,"
        + ",".join(f"params.p{n}" for n in range(20))
        + ","
        + ",".join(
            f"metrics.{key}.{figure}"
            for key in ("loss", "acc", "lr", "grad", "m0", "m1")
            for figure in ("last", "min", "max", "mean")
        )
    )
    query = RunQuery(
        parse("params.p1 < 0.5 and status = finished"), parse_order("-metrics.loss.max"), fields, limit=100
    )
    cursor = store.index().database.cursor()
    plain = (
        "select r.id, s.max from runs r join params p on p.run = r.id and p.key = 'p1' join series s on s.run = r.id"
        " join keys k on k.id = s.key and k.name = 'loss' where p.number < 0.5 and r.status = 'finished'"
        " and not r.deleted order by s.max desc limit 100"
    )
    row(
        f"list: {len(fields)} columns, sorted by a metric's max, filtered",
        measured(lambda: store.query_runs(query)),
        measured(lambda: cursor.execute(plain).fetchall()),  # which runs, without any of their columns
    )
    cursor.close()
    length, wide = plan[0][1], plan[1][1]

    def floor(
        runs: list[str], keys: list[str], width: float, low: float = 0.0, high: float = math.inf
    ) -> tuple[float, float]:
        sql = (
            f"select run, key, floor(step / {width}) as b, min(value) filter (isfinite(value)),"
            f" max(value) filter (isfinite(value)), avg(value) filter (isfinite(value)) from '{parquet}'"
            f" where run in ({', '.join(map(repr, runs))}) and key in ({', '.join(map(repr, keys))})"
            f" and step >= {int(low)} and step <= {int(min(high, 2**62))} group by all"
        )
        return measured(lambda: alone.execute(sql).fetchnumpy(), 5)

    def ours(runs: list[str], keys: list[str], **options: object) -> tuple[float, float]:
        asked = [refs[run] for run in runs]
        return measured(lambda: store.read_buckets(asked, keys, **options), 5)

    row(f"one series of {length:,} in 1000 buckets", ours(["long"], ["loss"]), floor(["long"], ["loss"], length / 1000))
    zoom = (length * 0.4, length * 0.41)
    row("... zoomed to 1 %", ours(["long"], ["loss"], range=zoom), floor(["long"], ["loss"], length / 1e5, *zoom))
    row("... over wall time (no rollups)", ours(["long"], ["loss"], x="wall"))
    row("... over log steps (no rollups)", ours(["long"], ["loss"], log_x=True))
    names = [f"wide-{n:02}" for n in range(50)]
    row(f"50 runs x {wide:,} x one metric in 1000 buckets", ours(names, ["loss"]), floor(names, ["loss"], wide / 1000))
    panels, keys = [f"panel-{n:02}" for n in range(20)], [f"k{n:02}" for n in range(24)]
    row("24 panels x 20 runs x 500 points in one request", ours(panels, keys, buckets=500), floor(panels, keys, 1.0))
    row("figures of one run", measured(lambda: store.open_run(refs["wide-00"]).series()))
    index_path = Path(store.index().progress.where)
    total = int((work / "points.done").read_text())
    print(f"index: {index_path.stat().st_size / 2**20:.0f} MB, {index_path.stat().st_size / total:.1f} bytes a point")
    store.close()


def make_parquet(work: Path, store) -> Path:
    """The same points as one sorted Parquet file, for the floor."""
    path = work / "points.parquet"
    if not path.exists():
        import pyarrow.parquet as pq

        with store.index().database.reading() as cursor:
            runs = [run for (run,) in cursor.sql("select id from runs order by run").fetchall()]
            writer = None
            for first in range(0, len(runs), 500):  # all at once would be sorted on disk, beyond the index's limit
                reader = cursor.sql(
                    "select r.run, k.name as key, p.step, p.ts, p.value from points p join runs r on r.id = p.run"
                    f" join keys k on k.id = p.key where p.run in ({', '.join(map(str, runs[first : first + 500]))})"
                    " order by r.run, k.name, p.step"
                ).to_arrow_reader(122_880)
                writer = writer or pq.ParquetWriter(path.with_suffix(".part"), reader.schema, compression="zstd")
                for batch in reader:
                    writer.write_batch(batch)
            writer.close()
        path.with_suffix(".part").rename(path)
    return path


def many(work: Path, scale: float) -> None:
    """The load shape that makes others slow: 75 000 runs with 100 metric keys each."""
    from runicorn.filters import parse_columns, parse_order
    from runicorn.model.query import RunQuery

    root, runs = work / "many", max(100, int(75_000 * scale))
    keys = [f"metric/{n:03}" for n in range(100)]
    if not (work / "many.done").exists():
        for seed in range(runs):
            write_run(root, f"run-{seed:05}", 1, keys, seed)
        (work / "many.done").touch()
    store = store_of(root)
    row(f"index of {runs} runs x 100 keys", once(lambda: store.index().following.wait(3600)))
    query = RunQuery(
        None, parse_order("-metrics.metric/050.last"), parse_columns("run,status,metrics.metric/050.last"), limit=100
    )
    row("list page of 100, one column sorted", measured(lambda: store.query_runs(query)))
    store.close()


if __name__ == "__main__":
    main()
