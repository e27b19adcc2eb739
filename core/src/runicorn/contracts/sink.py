"""Sinks: what carries alerts out of a run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from ..model.alert import Alert, Level


class AlertSink(Protocol):
    """What ``register_alert_sinks`` returns: one object for one run, used by one thread of its own.

    It may be slow and it may hang: neither the run nor other sinks wait for it. While it is behind, at most 100 alerts
    wait; what comes on top is left out, and the run's status counts it.
    """

    @property
    def name(self) -> str:
        """Who it is, in what is said about it."""

    @property
    def min_level(self) -> Level:
        """Alerts below this level are not sent."""

    def send(self, alert: Alert) -> None:
        """Carry one alert, in the order in which they were raised; what it raises is reported, and the next one sent.

        The end of a run waits for a second (``run.alert_timeout``) for what is still to be sent, the end of the process
        for five more.
        """
