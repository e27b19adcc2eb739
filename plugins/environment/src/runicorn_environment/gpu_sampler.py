"""NVIDIA GPUs while a run happens."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from runicorn.errors import Unavailable

from .process_sampler import tree

if TYPE_CHECKING:
    from .nvml import Gpu, Nvml


class GpuSampler:
    """All GPUs of this host, and how much of each this run's processes use."""

    name = "gpu"

    def __init__(self, interval_s: float) -> None:
        self.interval_s = interval_s
        self._nvml: Nvml | None = None
        self._told: set[int] = set()  # GPUs whose trouble was said

    def open(self) -> None:
        """:raises Unavailable: there is no GPU, or no driver."""
        from .nvml import Nvml

        self._nvml = Nvml()

    def sample(self) -> dict[str, float]:
        """:raises Unavailable: a GPU has ceased to answer; said once, the others are measured on."""
        from .nvml import used_by

        assert self._nvml is not None
        mine = set(tree(os.getpid()))
        found: dict[str, float] = {}
        for gpu in self._nvml.gpus():
            if gpu.trouble is not None and gpu.index not in self._told:
                self._told.add(gpu.index)
                raise Unavailable(f"GPU {gpu.index} {gpu.name}".strip(), gpu.trouble)
            values = {**measured(gpu), "process_bytes": used_by(gpu, mine)}
            found.update({f"gpu/{gpu.index}/{name}": value for name, value in values.items() if value is not None})
        return found

    def close(self) -> None:
        if self._nvml is not None:
            self._nvml.close()
            self._nvml = None


def measured(gpu: Gpu) -> dict[str, float | None]:
    """The values of a GPU under the names of system metrics."""
    percent = None if not gpu.mem_total or gpu.mem_used is None else round(100 * gpu.mem_used / gpu.mem_total, 2)
    return {
        "util_percent": gpu.util_gpu,
        "util_mem_percent": gpu.util_mem,
        "mem_used_bytes": gpu.mem_used,
        "mem_used_percent": percent,
        "temp_c": gpu.temp_c,
        "power_w": gpu.power_w,
        "power_limit_w": gpu.power_limit_w,
        "clock_sm_mhz": gpu.clock_sm,
        "clock_mem_mhz": gpu.clock_mem,
        "fan_percent": gpu.fan,
        **{f"mig/{one.index}/mem_used_bytes": one.mem_used for one in gpu.slices},
    }
