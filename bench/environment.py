"""What capturing the environment costs the training thread: time it loses to the capture, which runs beside it.

A thread that only counts is measured for the time that a capture takes, alone and beside one; what it counts less,
as time, is what the capture took from it. Beside it stand the capture's own wall and CPU time.

.venv/bin/python bench/environment.py
"""

from __future__ import annotations

import statistics
import threading
import time

from runicorn_environment.capture import EnvironmentCapture


def count(seconds: float) -> int:
    n, end = 0, time.perf_counter() + seconds
    while time.perf_counter() < end:
        n += 1
    return n


def main() -> None:
    capture = EnvironmentCapture()
    capture.capture()  # imports and the file cache are a first run's; the rest is measured
    lost, walls, cpus = [], [], []
    for _ in range(15):
        spent: list[float] = []

        def work(spent: list[float] = spent) -> None:
            wall, cpu = time.perf_counter(), time.thread_time()
            capture.capture()
            spent.extend([time.perf_counter() - wall, time.thread_time() - cpu])

        alone = count(0.3)
        thread = threading.Thread(target=work)
        thread.start()
        beside = count(0.3)
        thread.join()
        lost.append(0.3 * (1 - beside / alone))
        walls.append(spent[0])
        cpus.append(spent[1])
    for name, values in (("lost by the training thread", lost), ("capture, wall", walls), ("capture, CPU", cpus)):
        ms = [value * 1e3 for value in values]
        print(f"{name:28s} {statistics.median(ms):6.1f} ms   ({min(ms):.1f} .. {max(ms):.1f})")


if __name__ == "__main__":
    main()
