"""The section ``[environment]`` of the configuration."""

from __future__ import annotations

from math import isfinite

from attrs import field, frozen


def _interval(section: object, attribute: object, value: float) -> None:  # noqa: ARG001 (attrs calls it so)
    if not isfinite(value) or value < 0.1:
        raise ValueError("a number of seconds from 0.1 on is expected")


def _count(section: object, attribute: object, value: int) -> None:  # noqa: ARG001 (attrs calls it so)
    if value < 0:
        raise ValueError("a number of bytes from 0 on is expected")


@frozen
class EnvironmentSection:
    """What is kept about the machine that a run runs on."""

    variables: tuple[str, ...] = ()  # names of further environment variables to keep; * stands for any text
    patch_bytes: int = field(default=200_000, validator=_count)  # the longest patch of uncommitted code; 0 = none
    snapshot_code: bool = False  # keep the code of each run as a file
    interval: float = field(default=5.0, validator=_interval)  # seconds from one sample of the machine to the next
    per_core: bool = True  # each core of the CPU by itself, too
    live_interval: float = field(default=1.0, validator=_interval)  # the same in the viewer, while somebody looks
