"""The viewer with the ``jsonl`` backend alone: start, list of 1 000 runs, chart of 1 000 000 steps, memory.

.venv/bin/python bench/viewer.py         makes its data once below --work (about 150 MB)
"""

from __future__ import annotations

import argparse
import contextlib
import http.client
import json
import os
import re
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

STEPS, KEYS = 1_000_000, ("loss", "accuracy", "lr")


def make(work: Path) -> None:
    """A root with 1 000 small runs, and one with a long run, written through the SDK."""
    import runicorn as rn

    if not (work / "many").exists():
        for index in range(1000):
            run = rn.init(
                f"p{index % 5}", "sweep", storage=work / "many", capture_env=False, params={"lr": index / 1e4}
            )
            run.set_primary_metric("loss", "min")
            for step in range(5):
                run.log({"loss": 1 / (step + 1), "accuracy": step * 0.1, "val/loss": 2 / (step + 1)})
            run.summary({"note": index})
            run.finish()
    if not (work / "long").exists():
        run = rn.init("long", storage=work / "long", run_id="long", capture_env=False)
        for step in range(STEPS):
            run.log({"loss": 1 / (step + 1), "accuracy": step / STEPS, "lr": 0.1}, step=step)
        run.finish()


class Server:
    """The viewer as its user starts it, in a process of its own."""

    def __init__(self, root: Path) -> None:
        began = time.perf_counter()
        binary = Path(sys.executable).with_name("runicorn")
        environment = {**os.environ, "RUNICORN_PLUGINS_DISABLE": "storage-duckdb"}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)  # a user's Python compiles modules once
        command = [str(binary), "viewer", "--root", str(root), "--no-open", "--port", "0"]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)
        assert self.process.stdout is not None
        found = None
        while found is None:
            line = self.process.stdout.readline()
            if not line:
                raise SystemExit("the viewer did not start")
            found = re.search(r"http://127\.0\.0\.1:(\d+)", line)
        self.port = int(found[1])
        self.get("/")
        self.started, self.cpu = time.perf_counter() - began, self.cpu_time()

    def get(self, path: str) -> tuple[float, bytes]:
        """(seconds, body) of one request on a connection of its own."""
        began = time.perf_counter()
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        connection.request("GET", path)
        answer = connection.getresponse()
        body = answer.read()
        connection.close()
        if answer.status != 200:
            raise SystemExit(f"{path}: {answer.status} {body[:200]!r}")
        return time.perf_counter() - began, body

    def cpu_time(self) -> float:
        """Seconds of all threads that live."""
        tasks = Path(f"/proc/{self.process.pid}/task").iterdir()
        return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks) / 1e9

    def memory(self, what: str) -> float:
        """Resident memory in MB: ``VmRSS`` now, ``VmHWM`` the highest."""
        text = Path(f"/proc/{self.process.pid}/status").read_text()
        found = re.search(rf"{what}:\s+(\d+)", text)
        assert found is not None
        return int(found[1]) / 1024

    def stop(self) -> float:
        began = time.perf_counter()
        self.process.terminate()
        self.process.wait(10)
        return time.perf_counter() - began


@contextlib.contextmanager
def served(root: Path) -> Iterator[Server]:
    server = Server(root)
    try:
        yield server
    finally:
        server.stop()


def parse_floor(root: Path) -> tuple[float, float]:
    """One orjson pass over the long run's file, in a fresh process: seconds, and seconds of CPU."""
    program = (
        "import orjson, sys, time\nbegan, cpu = time.perf_counter(), time.process_time()\n"
        "with open(sys.argv[1], 'rb') as f:\n    for line in f: orjson.loads(line)\n"
        "print(time.perf_counter() - began, time.process_time() - cpu)"
    )
    (file,) = root.glob("**/events.jsonl")
    done = subprocess.run([sys.executable, "-c", program, str(file)], check=True, capture_output=True)
    took, cpu = map(float, done.stdout.split())
    return took, cpu


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, default=Path.home() / ".cache" / "runicorn-bench" / "viewer")
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    os.environ["RUNICORN_HOME"] = str(arguments.work / "home")
    make(arguments.work)
    rows: dict[str, list[float]] = {}

    def note(name: str, value: float) -> None:
        rows.setdefault(name, []).append(value)

    for _ in range(arguments.rounds):
        with served(arguments.work / "many") as server:
            note("start to the first 200, s", server.started)
            note("  CPU of it, s", server.cpu)
            note("memory then, MB", server.memory("VmRSS"))
            note("list of 1 000 runs, first, ms", server.get("/api/experiments")[0] * 1e3)
            warm = [server.get("/api/experiments")[0] for _ in range(10)]
            note("list of 1 000 runs, warm, ms", statistics.median(warm) * 1e3)
        floor = parse_floor(arguments.work / "long")
        note("one orjson pass, s", floor[0])
        chart = "/api/metrics/long?buckets=1000"
        with served(arguments.work / "long") as server:
            server.get("/api/health")
            cpu = server.cpu_time()
            took = server.get(chart)[0]
            cpu = server.cpu_time() - cpu
            note("chart of 1 000 000 x 3, first, s", took)
            note("  as a ratio to the orjson pass", took / floor[0])
            note("  the same ratio, by CPU", cpu / floor[1])
        with served(arguments.work / "long") as server:
            worst, ended = [0.0], threading.Event()

            def poll(server: Server = server, worst: list[float] = worst, ended: threading.Event = ended) -> None:
                while not ended.wait(0.02):
                    worst[0] = max(worst[0], server.get("/api/health")[0])

            server.get("/api/health")
            poller = threading.Thread(target=poll)
            poller.start()
            _, body = server.get(chart)
            ended.set()
            poller.join()
            note("  worst /api/health meanwhile, ms", worst[0] * 1e3)
            note("  rows", len(json.loads(body)["rows"]))
            note("chart, warm, ms", statistics.median(server.get(chart)[0] for _ in range(5)) * 1e3)
            note("peak memory, MB", server.memory("VmHWM"))
            note("SIGTERM to exit, s", server.stop())
    for name, values in rows.items():
        print(f"{name:36s} {statistics.median(values):9.3f}   ({min(values):.3f} .. {max(values):.3f})")


if __name__ == "__main__":
    main()
