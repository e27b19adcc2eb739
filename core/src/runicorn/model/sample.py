"""One logged value."""

from __future__ import annotations

from attrs import frozen


@frozen
class Sample:
    """One value of one key, as observers and tails see it."""

    key: str
    value: float
    step: int
    ts: float  # Unix seconds
    stage: str | None = None
