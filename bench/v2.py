"""The v2 API over HTTP, on ``jsonl`` and on ``hybrid``: lists, curves, start, memory, an idle viewer.

.venv/bin/python -m bench.v2 --scale 0.2       runs = 10 000 x scale; makes its data once below --work
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import re
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

ARROW = "application/vnd.apache.arrow.stream"


def write_run(root: Path, name: str, steps: int, keys: int, seed: int) -> None:
    """A finished run, written in bulk."""
    folder = root / "scale" / f"set-{seed % 10}" / "runs" / name
    folder.mkdir(parents=True)
    rng = np.random.default_rng(seed)
    created = 1.7e9 + seed
    meta = {"runicorn_format": 1, "id": name, "project": "scale", "name": f"set-{seed % 10}", "created_at": created}
    status = {"status": "finished", "started_at": created, "ended_at": created + steps}
    params = {
        "lr": float(rng.random()),
        "model": ["cnn", "vit", "mlp"][seed % 3],
        **{f"p{n}": n * seed for n in range(8)},
    }
    for document, content in (("meta", meta), ("status", status), ("params", params), ("summary", {"top": seed})):
        (folder / f"{document}.json").write_text(json.dumps(content))
    names = [f"group/metric{n}" for n in range(keys)]
    values = np.round(rng.normal(size=(steps, keys)).cumsum(0), 6)
    with (folder / "events.jsonl").open("w") as file:
        for step, row in enumerate(values.tolist()):
            data = dict(zip(names, row, strict=True))
            record = {"ts": created + step, "type": "metrics", "step": step, "data": data}
            file.write(json.dumps(record, separators=(",", ":")) + "\n")


def make(root: Path, scale: float) -> None:
    if root.exists():
        return
    partial = root.with_name(f"{root.name}.partial")
    write_run(partial, "million", int(1_000_000 * min(1, scale * 5)), 1, 1)
    for n in range(50):
        write_run(partial, f"long-{n}", int(100_000 * min(1, scale * 2)), 1, 100 + n)
    for n in range(20):
        write_run(partial, f"wide-{n}", 500, 24, 200 + n)
    for n in range(int(10_000 * scale)):
        write_run(partial, f"small-{n}", 20, 5, 1000 + n)
    partial.rename(root)


class Viewer:
    """``runicorn viewer`` in a process of its own."""

    def __init__(self, root: Path, backend: str, home: Path) -> None:
        began = time.perf_counter()
        only = {} if backend != "jsonl" else {"RUNICORN_PLUGINS_DISABLE": "storage-duckdb"}
        environment = {**os.environ, "RUNICORN_BACKEND": backend, "RUNICORN_HOME": str(home), **only}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        command = [str(Path(sys.executable).with_name("runicorn")), "viewer", "--root", str(root), "--port", "0"]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)
        assert self.process.stdout is not None
        found = re.search(r"http://127\.0\.0\.1:(\d+)", self.process.stdout.readline())
        if found is None:
            raise SystemExit("the viewer did not start")
        self.connection = http.client.HTTPConnection("127.0.0.1", int(found[1]), timeout=600)
        self.ask("GET", "/api/openapi.json")
        self.started = time.perf_counter() - began

    def ask(self, method: str, path: str, body: Any = None, accept: str = "*/*") -> tuple[float, bytes]:
        """Seconds, and what came."""
        began = time.perf_counter()
        headers = {"Accept": accept, "Content-Type": "application/json"}
        self.connection.request(method, path, None if body is None else json.dumps(body), headers)
        answer = self.connection.getresponse()
        content = answer.read()
        if answer.status != 200:
            raise SystemExit(f"{path}: {answer.status} {content[:300]!r}")
        return time.perf_counter() - began, content

    def cpu(self) -> float:
        """Seconds of processor time so far."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def memory(self, what: str) -> float:
        found = re.search(rf"{what}:\s+(\d+) kB", Path(f"/proc/{self.process.pid}/status").read_text())
        assert found is not None
        return int(found[1]) / 1024


def measure(root: Path, backend: str, home: Path) -> None:
    viewer = Viewer(root, backend, home)
    print(f"\n{backend}: start {viewer.started:.2f} s, {viewer.memory('VmRSS'):.0f} MB")
    columns = ",".join(
        ["status,created_at,name,params.lr,params.model,summary.top", *(f"params.p{n}" for n in range(8))]
        + [f"metrics.group/metric{n}.{figure}" for n in range(5) for figure in ("last", "min", "max", "mean", "n")]
    )
    listing = f"/api/v2/runs?q=params.lr%20%3C%200.9&order_by=-metrics.group/metric0.max&columns={columns}"
    began = time.perf_counter()
    first, content = viewer.ask("GET", listing)
    while json.loads(content)["partial"]:
        _, content = viewer.ask("GET", listing)
    whole = time.perf_counter() - began
    print(f"  the first list: {first * 1e3:.0f} ms, complete after {whole:.1f} s ({json.loads(content)['total']} runs)")
    wide = [f"wide-{n}" for n in range(20)]
    keys = [f"group/metric{n}" for n in range(24)]
    million = {"runs": ["million"], "keys": ["group/metric0"]}
    steps = json.loads(viewer.ask("GET", "/api/runs/million")[1])["metrics"][0]["n"]
    one_percent = {**million, "range": [steps // 2, steps * 51 // 100]}
    cases: list[tuple[str, str, str, Any, str]] = [
        ("list of 100, 39 columns, filtered, sorted by a max", "GET", listing, None, "*/*"),
        ("the same as Arrow, 10 000 a page", "GET", f"{listing}&per_page=10000", None, ARROW),
        ("experiments", "GET", "/api/v2/experiments", None, "*/*"),
        (f"one series of {steps:,} points, 1 000 buckets", "POST", "/api/v2/metrics", million, ARROW),
        ("the same, 1 % of it", "POST", "/api/v2/metrics", one_percent, ARROW),
        ("50 long runs, one metric, 1 000 buckets", "POST", "/api/v2/metrics",
         {"runs": [f"long-{n}" for n in range(50)], "keys": ["group/metric0"]}, ARROW),
        ("24 panels x 20 runs x 500 points", "POST", "/api/v2/metrics", {"runs": wide, "keys": keys}, ARROW),
    ]  # fmt: skip
    for words, method, path, body, accept in cases:
        once, content = viewer.ask(method, path, body, accept)
        before, times = viewer.cpu(), []
        for _ in range(5):
            times.append(viewer.ask(method, path, body, accept)[0])
        spent = (viewer.cpu() - before) / 5
        print(
            f"  {words:52} first {once * 1e3:7.0f} ms, then {statistics.median(times) * 1e3:6.1f} ms"
            f" (cpu {spent * 1e3:5.0f} ms), {len(content) / 1e6:6.2f} MB"
        )
    idle(viewer)
    print(f"  memory {viewer.memory('VmRSS'):.0f} MB, at most {viewer.memory('VmHWM'):.0f} MB")
    viewer.process.terminate()
    viewer.process.wait(10)


def idle(viewer: Viewer) -> None:
    """What a viewer takes that nobody looks at, and one whose page is open and where nothing happens."""
    before = viewer.cpu()
    time.sleep(5)
    alone = viewer.cpu() - before
    from websockets.sync.client import connect

    with connect(f"ws://127.0.0.1:{viewer.connection.port}/api/live") as socket:
        socket.send(json.dumps({"sub": ["runs:", "metrics:million"]}))
        socket.recv()
        before = viewer.cpu()
        time.sleep(15)
        watched = viewer.cpu() - before
    print(f"  idle: {alone / 5:.2%} of a core with nobody, {watched / 15:.2%} with an open page")


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench.v2", description=__doc__.splitlines()[0])
    parser.add_argument("--scale", type=float, default=0.05, help="1 = 10 000 small runs beside the long ones")
    parser.add_argument("--work", type=Path, default=Path("/tmp/runicorn-http"))
    parser.add_argument("--backend", choices=["jsonl", "hybrid"], action="append")
    arguments = parser.parse_args()
    work: Path = arguments.work / f"{arguments.scale:g}"
    work.mkdir(parents=True, exist_ok=True)
    make(work / "root", arguments.scale)
    for backend in arguments.backend or ["jsonl", "hybrid"]:
        measure(work / "root", backend, work / "home")


if __name__ == "__main__":
    main()
