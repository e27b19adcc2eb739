"""What the viewer measures of the machine it runs on."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from runicorn.errors import Unavailable

from .disk_sampler import DiskSampler
from .machine_sampler import MachineSampler

if TYPE_CHECKING:
    from .nvml import Gpu, Nvml


class Machine:
    """CPU, memory and network."""

    def __init__(self, interval_s: float) -> None:
        self._sampler = MachineSampler(interval_s)

    def open(self) -> None:
        self._sampler.open()

    def measure(self) -> dict[str, float]:
        return self._sampler.sample()

    def close(self) -> None:
        self._sampler.close()


class Disk:
    """The disk of the storage root."""

    def __init__(self, interval_s: float, folder: Path) -> None:
        self._sampler = DiskSampler(interval_s, folder)

    def open(self) -> None:
        self._sampler.open()

    def measure(self) -> dict[str, float]:
        return self._sampler.sample()

    def close(self) -> None:
        self._sampler.close()


class Gpus:
    """NVIDIA GPUs, with what the driver says of itself."""

    def __init__(self) -> None:
        self._nvml: Nvml | None = None

    def open(self) -> None:
        from .nvml import Nvml

        self._nvml = Nvml()

    def measure(self) -> tuple[str, str | None, list[Gpu]]:
        """Version of the driver, of CUDA, and the GPUs."""
        if self._nvml is None:
            raise Unavailable("NVIDIA GPUs", "not open")
        return self._nvml.driver, self._nvml.cuda, self._nvml.gpus()

    def close(self) -> None:
        if self._nvml is not None:
            self._nvml.close()
            self._nvml = None
