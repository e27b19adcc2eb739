"""System metrics: what samplers measured while a run happened."""

from __future__ import annotations

from attrs import frozen

from ..types import FloatColumn

#: Endings of names, and the unit that charts show for them. The longest ending counts.
_UNITS = {
    "percent": "%",
    "bytes": "B",
    "bytes_per_s": "B/s",
    "per_s": "1/s",
    "c": "°C",
    "w": "W",
    "j": "J",
    "v": "V",
    "hz": "Hz",
    "mhz": "MHz",
    "rpm": "rpm",
    "s": "s",
    "ms": "ms",
    "count": "",
}


@frozen
class SystemSeries:
    """What one host measured under one name, in the order of time. Both columns have one length."""

    key: str  # such as gpu/0/temp_c
    host: str  # empty where the record does not say
    ts: FloatColumn  # Unix seconds
    values: FloatColumn

    @property
    def unit(self) -> str:
        return unit_of(self.key)


def unit_of(key: str) -> str:
    """The unit in the last segment of a name: ``°C`` for ``gpu/0/temp_c``; empty where there is none."""
    parts = key.rpartition("/")[2].split("_")
    for begin in range(1, len(parts)):
        unit = _UNITS.get("_".join(parts[begin:]))
        if unit is not None:
            return unit
    return ""
