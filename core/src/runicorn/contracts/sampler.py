"""Samplers: what measures the machine while a run happens."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol


class Sampler(Protocol):
    """What ``register_samplers`` returns: one object for one run and process, used by one thread of its own.

    It may be slow and it may hang: training, other samplers and the end of the run wait for none.
    """

    @property
    def name(self) -> str:
        """Who it is, in what is said about it."""

    @property
    def interval_s(self) -> float:
        """Seconds from the beginning of one sample to the beginning of the next; 0.1 at least."""

    def open(self) -> None:
        """Prepare; called once, before the first sample.

        :raises Unavailable: there is nothing to measure here (no such device, no driver). That is no trouble of the
            run: this sampler is left out.
        """

    def sample(self) -> Mapping[str, float]:
        """Measure once.

        :returns: name -> value. A name has segments with ``/`` and ends in its unit: ``gpu/0/temp_c``,
            ``memory/used_bytes``, ``cpu/util_percent``. What is not known now is left out. After three failures in a
            row it is switched off for the run.
        """

    def close(self) -> None:
        """The run ends, or this sampler was switched off; called once, if ``open`` has returned."""
