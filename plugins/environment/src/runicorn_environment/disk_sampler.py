"""The disk that runs are kept on, and the input and output of all disks."""

from __future__ import annotations

from pathlib import Path

from runicorn.errors import Unavailable

from .rates import Rates


class DiskSampler:
    """A sampler of its own, because a network file system that is gone lets whoever asks for it hang."""

    name = "disk"

    def __init__(self, interval_s: float, folder: Path) -> None:
        """
        :param folder: somewhere on the disk whose space is told; it need not exist yet.
        """
        self.interval_s = interval_s
        self._folder = folder
        self._rates = Rates()

    def open(self) -> None:
        if not self.sample():
            raise Unavailable("disks", f"nothing is known of {self._folder}")

    def sample(self) -> dict[str, float]:
        import psutil

        found: dict[str, float] = {}
        for place in (self._folder, *self._folder.parents):
            try:
                usage = psutil.disk_usage(str(place))
            except FileNotFoundError:
                continue
            except OSError:
                break
            found["disk/used_bytes"] = usage.used
            found["disk/free_bytes"] = usage.free
            found["disk/used_percent"] = usage.percent
            break
        try:
            counters = psutil.disk_io_counters()
        except (psutil.Error, OSError, RuntimeError):
            counters = None
        if counters is not None:
            read = self._rates.of("read", counters.read_bytes)
            written = self._rates.of("written", counters.write_bytes)
            if read is not None and written is not None:
                found["disk/read_bytes_per_s"] = round(read)
                found["disk/written_bytes_per_s"] = round(written)
        return found

    def close(self) -> None:
        """Nothing is held."""
