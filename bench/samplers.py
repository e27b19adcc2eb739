"""What sampling costs: CPU of one sample of each sampler, and of all at the default interval, as a share of a core.

.venv/bin/python bench/samplers.py
"""

from __future__ import annotations

import time
from pathlib import Path

from runicorn.errors import Unavailable
from runicorn.serialize import dumps
from runicorn_environment.disk_sampler import DiskSampler
from runicorn_environment.gpu_sampler import GpuSampler
from runicorn_environment.machine_sampler import MachineSampler
from runicorn_environment.process_sampler import ProcessSampler
from runicorn_environment.settings import EnvironmentSection

TIMES = 200


def cost(sampler: MachineSampler | ProcessSampler | DiskSampler | GpuSampler) -> float:
    """CPU seconds of one sample and its line."""
    sampler.open()
    sampler.sample()
    began = time.thread_time()
    for _ in range(TIMES):
        dumps({"ts": time.time(), "type": "system", "host": "here", "data": sampler.sample()})
    spent = time.thread_time() - began
    sampler.close()
    return spent / TIMES


def main() -> None:
    interval = EnvironmentSection().interval
    whole = 0.0
    for sampler in (
        MachineSampler(interval),
        ProcessSampler(interval),
        DiskSampler(interval, Path.cwd()),
        GpuSampler(interval),
    ):
        try:
            one = cost(sampler)
        except Unavailable as error:
            print(f"{sampler.name:10s} not here: {error.reason}")
            continue
        whole += one
        print(f"{sampler.name:10s} {one * 1e3:7.3f} ms CPU a sample")
    print(f"all at {interval:g} s: {100 * whole / interval:.4f} % of a core (budget 0.5 %)")


if __name__ == "__main__":
    main()
