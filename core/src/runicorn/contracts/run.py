"""What observers see of a run, and health checks."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from attrs import field, frozen

from ..types import JSON


class RunView(Protocol):
    """A run as plugins see it while it happens: read-only."""

    @property
    def id(self) -> str: ...

    @property
    def project(self) -> str: ...

    @property
    def name(self) -> str: ...

    @property
    def dir(self) -> Path: ...

    @property
    def params(self) -> Mapping[str, JSON]: ...


@frozen
class Check:
    """The outcome of one health check."""

    name: str
    ok: bool
    detail: str = ""
    ms: float = 0.0
    data: Mapping[str, JSON] = field(factory=dict)


class HealthCheck(Protocol):
    """What ``health_checks`` returns."""

    @property
    def name(self) -> str: ...

    def run(self) -> Check:
        """Check one thing, within two seconds; a slower one is reported as not ok."""
