"""What a session is doing and what has happened, for people who watch."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Literal

from attrs import define, frozen

_KEPT = 500


@define
class Step:
    """One step of the way to a viewer."""

    name: str  # find, install, start, check
    state: Literal["running", "done", "failed"]
    detail: str = ""


@frozen
class Entry:
    """A line of the log."""

    time: float  # Unix seconds
    text: str


class Progress:
    """Steps in order, and a log of the last 500 lines. Written on one thread, read on any."""

    def __init__(self, told: Callable[[str], object] | None = None) -> None:
        """
        :param told: called with each line of the log.
        """
        self._told = told
        self.steps: list[Step] = []
        self.log: deque[Entry] = deque(maxlen=_KEPT)

    def note(self, text: str) -> None:
        self.log.append(Entry(time.time(), text))
        if self._told is not None:
            self._told(text)

    @contextmanager
    def step(self, name: str) -> Iterator[Step]:
        """A step that is done when the block ends, and failed when it raises."""
        step = Step(name, "running")
        self.steps = [*self.steps, step]
        try:
            yield step
        except BaseException as error:
            step.state, step.detail = "failed", str(error)
            self.note(f"{name}: {error}")
            raise
        step.state = "done"
