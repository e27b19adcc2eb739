"""The console as a capture of one run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .console import CONSOLE
from .recorder import Recorder

if TYPE_CHECKING:
    from runicorn.contracts import CapturedRun

    from .settings import ConsoleSection


class ConsoleCapture:
    """Everything that is printed goes into the run's log, too."""

    name = "console"

    def __init__(self, section: ConsoleSection) -> None:
        self._section = section
        self._recorder: Recorder | None = None

    def start(self, run: CapturedRun) -> None:
        self._recorder = Recorder(run, self._section)
        trouble = CONSOLE.join(self._recorder, self._section.descriptors)
        if trouble is not None:
            run.report("console", trouble)

    def stop(self) -> None:
        if self._recorder is not None:
            CONSOLE.leave(self._recorder)
            self._recorder = None

    def forked(self) -> None:
        CONSOLE.forked()
