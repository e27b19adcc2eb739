"""What a session is doing and what has happened, for people who watch."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Literal

from attrs import define, frozen

from ..problems import described, problem_of

_KEPT = 500


@define
class Step:
    """One step of the way to a viewer."""

    name: str  # find, install, start, check
    state: Literal["running", "done", "failed"]
    detail: str = ""


#: What happens to a session, by name: pages have words of their own for each.
EVENTS = {
    "environment-made": "making an environment with {python} in {folder}",
    "from-index": "installing from the package index that the other machine knows",
    "from-here": "it reaches none: sending everything from here",
    "sending": "sending {n} packages, {size} MiB",
    "installed": "installed: {python}",
    "viewer-runs": "the viewer {version} runs there (process {pid})",
    "viewer-returned": "returned to the viewer there (process {pid})",
    "viewer-replaced": "the viewer there cannot be returned to ({reason}); starting another",
    "viewer-ended": "ended",
    "viewer-left": "left to end by itself: there is no line to it",
    "step-failed": "{step}: {reason}",
    "state": "{state}",
    "state-because": "{state}: {reason}",
}


@frozen
class Entry:
    """A line of the log."""

    time: float  # Unix seconds
    event: str  # of EVENTS
    values: Mapping[str, Any]  # what fills its sentence

    @property
    def text(self) -> str:
        return EVENTS[self.event].format(**self.values)


class Progress:
    """Steps in order, and a log of the last 500 lines. Written on one thread, read on any."""

    def __init__(self, told: Callable[[str], object] | None = None) -> None:
        """
        :param told: called with each line of the log.
        """
        self._told = told
        self.steps: list[Step] = []
        self.log: deque[Entry] = deque(maxlen=_KEPT)

    def note(self, event: str, **values: Any) -> None:
        entry = Entry(time.time(), event, values)
        self.log.append(entry)
        if self._told is not None:
            self._told(entry.text)

    @contextmanager
    def step(self, name: str) -> Iterator[Step]:
        """A step that is done when the block ends, and failed when it raises."""
        step = Step(name, "running")
        self.steps = [*self.steps, step]
        try:
            yield step
        except BaseException as error:
            step.state, step.detail = "failed", str(error)
            self.note("step-failed", step=name, reason=str(error), problem=described(problem_of(error)))
            raise
        step.state = "done"
