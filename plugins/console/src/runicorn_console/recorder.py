"""What goes into the log of one run: lines, as fast as the cap allows."""

from __future__ import annotations

import threading
from collections import deque
from time import monotonic
from typing import TYPE_CHECKING

from runicorn import security
from runicorn.security import may_show_secrets

from .folding import Folder

if TYPE_CHECKING:
    from runicorn.contracts import CapturedRun

    from .settings import ConsoleSection

#: Where text comes from: written by Python code, and by everything else through the descriptor.
SOURCES = ("stdout", "stderr", "stdout", "stderr")
BURST_S = 10.0  # so many seconds' worth of lines may come at once
_PATIENCE_S = 0.2


class Recorder:
    """Takes text from any thread and from signal handlers. Nobody ever waits for anybody else.

    Who finds nobody at work passes on what is there, others leave theirs to that one: a thread that holds the run's
    lock may print, while another one that is printing waits for that lock.
    """

    def __init__(self, run: CapturedRun, section: ConsoleSection) -> None:
        self._run, self._section = run, section
        self._rate, self._redact = section.lines_per_second, section.redact
        self.forked()

    def forked(self) -> None:
        """Begin anew in a forked child."""
        self._waiting: deque[tuple[int, str]] = deque()
        self._working = threading.Lock()
        self._folders = [Folder(self._section.unfinished_after) for _ in SOURCES]
        self._allowed, self._counted_at = self._rate * BURST_S, monotonic()
        self._left_out = 0
        self._bars = False
        self._over = False

    def put(self, source: int, text: str) -> None:
        """Take text; when this has returned and nobody else is at work, its whole lines are in the run's log."""
        if self._over:
            return
        self._waiting.append((source, text))
        while self._waiting and self._working.acquire(blocking=False):
            try:
                self._pass_on()
            finally:
                self._working.release()

    def close(self) -> None:
        """Pass on everything, unfinished lines too. What comes later is ignored."""
        # Whoever is at work may stand still below the signal handler that ends the run.
        held = self._working.acquire(timeout=_PATIENCE_S)
        try:
            self._pass_on()
            for source, folder in enumerate(self._folders):
                self._keep(source, folder.close(), monotonic())
            self._tell_left_out()
            self._over = True
        finally:
            if held:
                self._working.release()

    def _pass_on(self) -> None:
        waiting = self._waiting
        while waiting:
            source, text = waiting.popleft()
            now = monotonic()
            folder = self._folders[source]
            lines = folder.feed(text, now)
            if folder.ups:
                self._bars = True
            if lines:
                if self._bars:
                    self._keep_bars(source, now)
                self._keep(source, lines, now)

    def _keep_bars(self, source: int, now: float) -> None:
        """Somebody else prints: bars that are done stand before it."""
        for other, folder in enumerate(self._folders):
            if other != source:
                self._keep(other, folder.at_rest(), now)

    def _keep(self, source: int, lines: list[str], now: float) -> None:
        if self._rate and lines:
            self._allowed = min(self._rate * BURST_S, self._allowed + (now - self._counted_at) * self._rate)
            self._counted_at = now
            room = int(self._allowed)
            if room < len(lines):
                self._left_out += len(lines) - room
                lines = lines[:room]
            elif self._left_out:
                self._tell_left_out()
            self._allowed -= len(lines)
        if lines:
            text = "\n".join(lines)
            if self._redact and may_show_secrets(text):
                text = security.redact_output(text)
            self._run.log_text(text, stream=SOURCES[source])

    def _tell_left_out(self) -> None:
        if self._left_out:
            count, self._left_out = self._left_out, 0
            reason = f"more than {self._rate} a second were printed (console.lines_per_second)"
            self._run.log_text(f"[runicorn] {count} lines are left out here: {reason}", stream="log/warning")
            self._run.report("lines left out of the log", reason, count)
