"""The section ``console`` of the configuration."""

from __future__ import annotations

from attrs import field, frozen


def _count(section: object, attribute: object, value: int) -> None:  # noqa: ARG001 (attrs calls it so)
    if value < 0:
        raise ValueError("a number from 0 on is expected")


@frozen
class ConsoleSection:
    """What is kept of what a process prints."""

    descriptors: bool = True  # also what C libraries and child processes write
    lines_per_second: int = field(default=1000, validator=_count)  # kept in the long run; 0: all
    redact: bool = True  # tokens, and users and passwords of addresses, are not kept
    unfinished_after: float = 30.0  # seconds after which a line that has not ended, or a progress bar, is kept as it is
