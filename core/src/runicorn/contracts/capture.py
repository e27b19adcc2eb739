"""Captures: what takes a run's output from its first line on."""

from __future__ import annotations

from typing import Protocol

from .run import RunView


class CapturedRun(RunView, Protocol):
    """A run as a capture sees it: it takes lines of text."""

    def log_text(self, text: str, *, stream: str = "text") -> None:
        """Append text to the run's log, each of its lines with time and stream. Any thread; never raises.

        When it has returned, the lines survive SIGKILL of this process. In a forked child they stand in a file of the
        child's own.

        :param stream: ``stdout``, ``stderr``, ``text`` or ``log/<level>``.
        """

    def report(self, what: str, reason: str, count: int = 1) -> None:
        """Count a trouble in the run's status, in this plugin's name; the first of its kind is said to the user."""


class Capture(Protocol):
    """What ``register_captures`` returns: one object for one run. None of its methods may take longer than 5 ms, but
    for ``stop``, which has one second."""

    @property
    def name(self) -> str: ...

    def start(self, run: CapturedRun) -> None:
        """Begin; called on the thread that called ``init()``, which returns afterwards: the next line is captured."""

    def stop(self) -> None:
        """Pass on what is still held back, and leave everything as it was found. Any thread, and signal handlers."""

    def forked(self) -> None:
        """This process is a forked child of the one that started it: no thread lives on here, and locks may be held
        for ever. What the parent holds back is the parent's to pass on."""
