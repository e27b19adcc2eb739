"""What observers see of a run, and health checks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol

from attrs import field, frozen

from ..types import JSON

if TYPE_CHECKING:
    from ..model.alert import Alert
    from ..model.artifact import ArtifactLink


class RunView(Protocol):
    """A run as plugins see it while it happens: read-only, but for alerts."""

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

    @property
    def artifacts_used(self) -> Sequence[ArtifactLink]:
        """The versions of artifacts that the run has used so far."""

    @property
    def failure(self) -> str | None:
        """What ended the run in this process, such as ``ValueError: no data``; None until it fails."""

    def record_artifact(self, role: Literal["created", "used"], artifact: ArtifactLink) -> None:
        """Note in the run that it committed or used a version. Any thread; never raises."""

    def raise_alert(self, alert: Alert) -> None:
        """Keep an alert in the run and tell everybody who implements ``alert_raised``. Any thread; never raises.

        When it has returned, the alert survives SIGKILL of this process.
        """

    def request_stop(self, reason: str) -> None:
        """Ask the training to end: ``run.should_stop`` becomes true in this process. Any thread; never raises."""


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
