"""CPU, memory and network of the machine."""

from __future__ import annotations

from contextlib import suppress
from time import monotonic

from runicorn.errors import Unavailable

from .rates import SHORTEST_S, Rates


class MachineSampler:
    """What the whole machine does. One sample reads four small files of /proc."""

    name = "machine"

    def __init__(self, interval_s: float, *, per_core: bool = True) -> None:
        self.interval_s = interval_s
        self._per_core = per_core
        self._rates = Rates()
        self._cpu_at = 0.0  # when the span of CPU use that is told next began

    def open(self) -> None:
        """:raises Unavailable: this system does not tell, such as a sandbox without /proc."""
        import psutil

        try:
            psutil.cpu_percent(percpu=True)  # the first call only begins a span
            self._cpu_at = monotonic()
            self._network()
            psutil.virtual_memory()
        except (psutil.Error, OSError, RuntimeError, NotImplementedError) as error:
            raise Unavailable("CPU and memory", f"{type(error).__name__}: {error}") from error

    def sample(self) -> dict[str, float]:
        import psutil

        found: dict[str, float] = {}
        cores: list[float] = []
        if monotonic() - self._cpu_at >= SHORTEST_S:
            cores = psutil.cpu_percent(percpu=True)
            self._cpu_at = monotonic()
        if cores:
            found["cpu/util_percent"] = round(sum(cores) / len(cores), 2)
            if self._per_core:
                found.update({f"cpu/core/{number}_percent": value for number, value in enumerate(cores)})
        with suppress(OSError):  # some containers hide it
            found["cpu/load_1m_count"] = round(psutil.getloadavg()[0], 2)
        memory = psutil.virtual_memory()
        found["memory/used_bytes"] = memory.total - memory.available
        found["memory/used_percent"] = round(100 * (memory.total - memory.available) / memory.total, 2)
        with suppress(OSError, RuntimeError):  # it needs /proc/vmstat
            found["memory/swap_bytes"] = psutil.swap_memory().used
        found.update(self._network())
        return found

    def _network(self) -> dict[str, float]:
        import psutil

        try:
            cards = psutil.net_io_counters(pernic=True)
        except (psutil.Error, OSError):
            return {}
        real = [counters for name, counters in cards.items() if name != "lo" and not name.startswith("Loopback")]
        rates = {
            "net/sent_bytes_per_s": self._rates.of("sent", sum(card.bytes_sent for card in real)),
            "net/received_bytes_per_s": self._rates.of("received", sum(card.bytes_recv for card in real)),
        }
        return {name: round(rate) for name, rate in rates.items() if rate is not None}

    def close(self) -> None:
        """Nothing is held."""
