"""The console of this process: tapped while at least one run wants it, left as it was found afterwards."""

from __future__ import annotations

import os
import sys
import threading
from contextlib import suppress
from typing import Any

from .descriptors import Channel, Pump
from .recorder import Recorder
from .standing_in import StandIn
from .streams import StreamTap

_NAMES = ("stdout", "stderr")


class Console:
    """One per process. Every run that captures gets everything, from its beginning to its end."""

    def __init__(self) -> None:
        self._pid = os.getpid()
        self._lock = threading.RLock()
        self._recorders: tuple[Recorder, ...] = ()
        self._taps: list[StreamTap | StandIn] = []
        self._channels: list[Channel] = []
        self._pump: Pump | None = None

    def join(self, recorder: Recorder, descriptors: bool) -> str | None:
        """Let a recorder have what is printed from now on.

        :param descriptors: also what does not come from Python code, as far as nobody else has taken it before.
        :returns: why something is missing, if something is.
        """
        with self._lock:
            trouble = None
            if not self._recorders:
                trouble = self._open(descriptors and sys.platform != "win32")
            self._recorders = (*self._recorders, recorder)
            return trouble

    def leave(self, recorder: Recorder) -> None:
        """Pass on what was printed up to now; the last one leaves the console as it was found."""
        with self._lock:
            if recorder not in self._recorders:
                return
            last = self._recorders == (recorder,)
            if last:
                self._restore()
            if self._pump is not None:
                self._pump.drain()
            self._recorders = tuple(other for other in self._recorders if other is not recorder)
            if last:
                self._pump = None
        recorder.close()

    def forked(self) -> None:
        """In a forked child: Python code is heard here, what others write goes on to the parent."""
        if self._pid == os.getpid():
            return
        self._pid = os.getpid()
        self._lock = threading.RLock()
        for tap in self._taps:
            tap.forked()
        for recorder in self._recorders:
            recorder.forked()
        if self._pump is not None:
            self._pump.forked()
            self._pump = None

    def _open(self, descriptors: bool) -> str | None:
        streams = [(name, getattr(sys, name, None)) for name in _NAMES]
        trouble = None
        for source, (name, stream) in enumerate(streams):
            if stream is None:
                continue
            channel = None
            if descriptors and _descriptor(stream) == source + 1:
                with suppress(Exception):
                    stream.flush()
                try:
                    channel = Channel(source + 1, source + len(_NAMES))
                    self._channels.append(channel)
                except OSError as error:
                    trouble = f"what children and libraries write to {name} is missing: {error}"
            self._taps.append(
                StreamTap(stream, source, self._take, channel) if channel else StandIn(name, stream, source, self._take)
            )
        if self._channels:
            try:
                self._pump = pump = Pump(list(self._channels), self._take)
                for tap in self._taps:
                    if isinstance(tap, StreamTap):
                        tap.before = pump.catch_up
            except (RuntimeError, OSError) as error:
                trouble = f"what children and libraries write is missing: {error}"
                self._restore()
        self._point_faulthandler()
        return trouble

    def _restore(self) -> None:
        for tap in self._taps:
            tap.remove()
        for channel in self._channels:
            with suppress(OSError):
                channel.restore()
        channels, self._taps, self._channels = self._channels, [], []
        self._point_faulthandler()
        for channel in channels:
            with suppress(OSError):
                channel.let_go()

    def _take(self, source: int, text: str) -> None:
        for recorder in self._recorders:
            recorder.put(source, text)

    def _point_faulthandler(self) -> None:
        """What is said when the process dies must reach the terminal: our thread dies with it."""
        faulthandler = sys.modules.get("faulthandler")
        if faulthandler is not None and faulthandler.is_enabled():
            saved = [channel.saved for channel in self._channels if channel.number == 2]
            with suppress(Exception):
                faulthandler.enable(file=saved[0] if saved else 2)


def _descriptor(stream: Any) -> int | None:
    """The descriptor that a stream of Python's own writes to."""
    try:
        return int(stream.fileno())
    except Exception:  # noqa: BLE001 (notebooks and test runners put anything there)
        return None


CONSOLE = Console()
