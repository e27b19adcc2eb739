"""Bytes a point at rest, sealed and not; how fast runs are sealed and brought back; peers on the same points.

.venv/bin/python bench/size.py                        our own figures
.venv/bin/python bench/size.py --peers /path/to/venv  and those of the peers that this environment has
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import orjson
from runicorn_storage_duckdb.segments.manifest import read_manifest
from runicorn_storage_duckdb.segments.seal import seal_run, unseal_run

KEYS = 5
#: Records, with five values each.
SIZES = (1_000, 20_000, 200_000)
STEPS_OF_PEERS = 20_000

#: Each logs rows() into the folder sys.argv[1], as its documentation says; HOME is that folder.
PEERS = {
    "trackio": """
import os
os.environ["TRACKIO_DIR"] = sys.argv[1]
import trackio
trackio.init(project="p", name="r")
for step, row in rows(): trackio.log(row, step=step)
trackio.finish()
""",
    "tensorboardX": """
from tensorboardX import SummaryWriter
writer = SummaryWriter(sys.argv[1])
for step, row in rows():
    for key, value in row.items(): writer.add_scalar(key, value, step)
writer.close()
""",
    "wandb, offline": """
import os
os.environ.update(WANDB_MODE="offline", WANDB_DIR=sys.argv[1], WANDB_SILENT="true", WANDB_CONSOLE="off")
import wandb
run = wandb.init(project="p", name="r", settings=wandb.Settings(x_disable_stats=True))
for step, row in rows(): run.log(row, step=step)
run.finish()
""",
    "MLflow, SQLite": """
import os
os.environ.update(MLFLOW_DISABLE_TELEMETRY="true", GIT_PYTHON_REFRESH="quiet")
import mlflow, time
from mlflow.entities import Metric
mlflow.set_tracking_uri(f"sqlite:///{sys.argv[1]}/mlflow.db")
mlflow.set_experiment("p")
client, run, batch = mlflow.MlflowClient(), mlflow.start_run(), []
for step, row in rows():
    batch += [Metric(key, value, int(time.time() * 1000), step) for key, value in row.items()]
    if len(batch) == 1000:
        client.log_batch(run.info.run_id, batch)
        batch = []
if batch: client.log_batch(run.info.run_id, batch)
mlflow.end_run()
""",
    "MLflow, files": """
import os
os.environ.update(MLFLOW_DISABLE_TELEMETRY="true", GIT_PYTHON_REFRESH="quiet", MLFLOW_ALLOW_FILE_STORE="true")
import mlflow, time
from mlflow.entities import Metric
mlflow.set_tracking_uri(f"file://{sys.argv[1]}/mlruns")
mlflow.set_experiment("p")
client, run, batch = mlflow.MlflowClient(), mlflow.start_run(), []
for step, row in rows():
    batch += [Metric(key, value, int(time.time() * 1000), step) for key, value in row.items()]
    if len(batch) == 1000:
        client.log_batch(run.info.run_id, batch)
        batch = []
if batch: client.log_batch(run.info.run_id, batch)
mlflow.end_run()
""",
    "Aim": """
import aim
aim.Repo.from_path(sys.argv[1], init=True)
run = aim.Run(repo=sys.argv[1], system_tracking_interval=None, capture_terminal_logs=False, log_system_params=False)
for step, row in rows(): run.track(row, step=step)
run.close()
""",
    "neptune-scale, offline": """
import os
os.chdir(sys.argv[1])
from neptune_scale import Run
if __name__ == "__main__":
    run = Run(project="w/p", run_id="r", mode="offline", enable_console_log_capture=False)
    for step, row in rows(): run.log_metrics(row, step=step)
    run.close()
""",
    "goodseed": """
import goodseed
run = goodseed.Run(project="p", run_id="r", name="r", storage="local", goodseed_home=sys.argv[1],
                   capture_hardware_metrics=False, capture_stdout=False, capture_stderr=False, git_ref=False)
for step, row in rows(): run.log_metrics(row, step=step)
run.close()
""",
}
ROWS = """
import numpy as np
def rows():
    for step, values in enumerate(np.load(sys.argv[2]).tolist(), 1):
        yield step, dict(zip([f"k{n}" for n in range(len(values))], values))
"""


def values(records: int, kind: str) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    """A falling curve with noise: as float32 gives it, as float64 does, or whole numbers."""
    random = np.random.default_rng(0)
    curve = 2.5 * np.exp(-3 * np.arange(records) / records)
    noisy = curve[:, None] + random.normal(0, 0.05, (records, KEYS))
    if kind == "float32":
        return noisy.astype(np.float32).astype(np.float64)
    return noisy if kind == "float64" else np.floor(noisy * 1000)


def write(folder: Path, data: np.ndarray[tuple[int, int], np.dtype[np.float64]], *, whole: bool) -> None:
    """As the SDK writes it: 10 ms a step, with jitter."""
    random = np.random.default_rng(1)
    times = 1_764_000_000.123 + np.cumsum(np.abs(random.normal(0.01, 0.002, len(data))))
    names = [f"k{number}" for number in range(KEYS)]
    with (folder / "events.jsonl").open("wb") as file:
        for step, (ts, row) in enumerate(zip(times.tolist(), data.tolist(), strict=True), 1):
            logged = dict(zip(names, map(int, row) if whole else row, strict=True))
            file.write(orjson.dumps({"ts": ts, "type": "metrics", "step": step, "data": logged}) + b"\n")


def floor(path: Path) -> float:
    """CPU seconds that only parsing the lines takes."""
    began = time.process_time()
    for line in path.open("rb"):
        orjson.loads(line)
    return time.process_time() - began


def ours() -> None:
    print(f"{'values':8s} {'records':>8s} {'JSONL B/pt':>11s} {'sealed B/pt':>12s} {'of it rollups':>14s}", end=" ")
    print(f"{'seal pts/s':>11s} {'x parsing':>10s} {'unseal pts/s':>13s}   (CPU time)")
    for kind in ("float32", "float64", "integer"):
        for records in SIZES:
            with tempfile.TemporaryDirectory() as place:
                folder = Path(place)
                write(folder, values(records, kind), whole=kind == "integer")
                parsing = floor(folder / "events.jsonl")
                began = time.process_time()
                done = seal_run(folder, lambda: None)
                sealing = time.process_time() - began
                files = [file for segment in read_manifest(folder).segments for file in segment.files]
                rollups = sum(file.bytes for file in files if "rollups" in file.path)
                began = time.process_time()
                unseal_run(folder)
                unsealing = time.process_time() - began
                points = done.points
                print(
                    f"{kind:8s} {records:8,d} {done.bytes_before / points:11.2f} {done.bytes_now / points:12.2f} "
                    f"{rollups / points:14.2f} {points / sealing:11,.0f} {sealing / parsing:10.1f} "
                    f"{points / unsealing:13,.0f}"
                )
    print(f"memory: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MiB at most")


def peers(python: Path) -> None:
    """What each keeps on the disk for the same points; and that less what an empty run takes."""
    print(f"\npeers, {STEPS_OF_PEERS:,} records of {KEYS} float32-born values: bytes a point")
    print(f"{'':24s} {'all':>8s} {'less an empty run':>20s}")
    data = values(STEPS_OF_PEERS, "float32")
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        write(folder, data, whole=False)
        plain = (folder / "events.jsonl").stat().st_size
        seal_run(folder, lambda: None)
        print(f"{'Runicorn, sealed':24s} {taken(folder) / data.size:8.2f}")
        print(f"{'Runicorn, JSONL':24s} {plain / data.size:8.2f}")
    for name, program in PEERS.items():
        empty, full = (of_peer(python, program, rows) for rows in (data[:0], data))
        if isinstance(full, str) or isinstance(empty, str):
            print(f"{name:24s} not measured: {full if isinstance(full, str) else empty}")
        else:
            print(f"{name:24s} {full / data.size:8.2f} {(full - empty) / data.size:20.2f}", flush=True)


def of_peer(python: Path, program: str, rows: np.ndarray[Any, Any]) -> int | str:
    """The bytes that a peer keeps, or why that is not known."""
    with tempfile.TemporaryDirectory() as place:
        data, root = Path(place) / "values.npy", Path(place) / "root"
        root.mkdir()
        np.save(data, rows)
        command = [str(python), "-c", "import sys\n" + ROWS + program, str(root), str(data)]
        environment = {**os.environ, "HOME": str(root)}
        done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
        if done.returncode:
            return done.stderr.strip().rpartition("\n")[2][:100]
        return taken(root)


def taken(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--peers", type=Path, metavar="VENV", help="A virtual environment with peers in it.")
    where = parser.parse_args().peers
    ours()
    if where is not None:
        peers(where / "bin" / "python")


if __name__ == "__main__":
    sys.exit(main())
