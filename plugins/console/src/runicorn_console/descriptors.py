"""What is written to the descriptors 1 and 2 by anybody: C libraries, child processes, ``os.write``."""

from __future__ import annotations

import codecs
import os
import select
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from time import monotonic

from .writing import write_all

AT_ONCE = 65_536  # bytes
ROOM = 1 << 20  # bytes that a pipe holds, where the system allows it
DRAIN_S = 0.5
CATCH_UP_S = 0.05
_SIZE_MS = 1000  # between looks at the size of a terminal
_GET_MARK = 11  # fcntl.F_GETSIG
_SETTLE_MS = 10  # the system passes on what was written to a pseudo-terminal a little later


class Channel:
    """One descriptor: it leads into a pipe, or, where it led to a terminal, into a pseudo-terminal, so that programs
    still see one."""

    def __init__(self, number: int, source: int) -> None:
        """:raises OSError: the descriptor is closed, or the system has no more of them."""
        self.number, self.source = number, source
        self.saved = os.dup(number)
        self.terminal = os.isatty(number)
        try:
            self.read, write = os.openpty() if self.terminal else os.pipe()
        except OSError:
            os.close(self.saved)
            raise
        os.set_blocking(self.read, False)
        self._size = b""
        if self.terminal:
            import tty

            tty.setraw(write)
            self.follow_size()
        else:
            _enlarge(write)
        os.dup2(write, number)  # children inherit it
        os.close(write)
        found = os.fstat(number)
        self._place = found.st_ino, found.st_dev
        self._mark = 64 - number
        self._marked = _marked(number, self._mark)
        self._users = 2  # of ``saved``: whoever reads us, and whoever opened us
        self._lock = threading.RLock()
        self._decode = codecs.getincrementaldecoder("utf-8")("replace").decode
        self._heard = True  # where it led before, it can be written
        self._left = False  # whoever read what we pass on has left

    def follow_size(self) -> None:
        """Give the pseudo-terminal the size of the terminal."""
        if not self.terminal:
            return
        import fcntl
        import termios

        with suppress(OSError):
            size = fcntl.ioctl(self.saved, termios.TIOCGWINSZ, bytes(8))
            if size != self._size:
                self._size = size
                fcntl.ioctl(self.read, termios.TIOCSWINSZ, size)

    def leads_here(self) -> bool:
        """Whether the descriptor is still as we made it; a program may lead it somewhere else, or close it."""
        try:
            if self._marked is not None:
                return self._marked(self.number, _GET_MARK) == self._mark
            found = os.fstat(self.number)
            return (found.st_ino, found.st_dev) == self._place
        except OSError:
            return False

    def pump(self) -> str | None:
        """Pass on what is there, and return it; None at the end. Nothing there: an empty text."""
        if self._left:  # who writes finds nobody there, as without us
            self.restore()
            return None
        try:
            data = os.read(self.read, AT_ONCE)
        except BlockingIOError:
            return ""
        except OSError:  # of a pseudo-terminal that nobody writes to any more
            return None
        if not data:
            return None
        if self._heard:
            try:
                write_all(self.saved, data)
            except BrokenPipeError:
                self._left = True
            except OSError:  # a terminal that was closed ends nothing
                self._heard = False
        return self._decode(data)

    @contextmanager
    def undone(self) -> Iterator[None]:
        """The descriptor as it was before us, for a moment."""
        if not self.leads_here():
            yield
            return
        ours = os.dup(self.number)
        try:
            os.dup2(self.saved, self.number)
            yield
        finally:
            os.dup2(ours, self.number)
            os.close(ours)

    def restore(self) -> None:
        """Let the descriptor lead where it led before, unless somebody has led it elsewhere. Children that have it go
        on writing to us."""
        if self.leads_here():
            os.dup2(self.saved, self.number)

    def end(self) -> None:
        """Nobody reads from here any more."""
        os.close(self.read)
        self.let_go()

    def let_go(self) -> None:
        """Said by who reads and by who opened us when they need ``saved`` no more: its number may become another's."""
        with self._lock:
            self._users -= 1
            if not self._users:
                os.close(self.saved)


class Pump:
    """Reads all channels on one thread, which lives as long as anybody can write to them."""

    def __init__(self, channels: list[Channel], take: Callable[[int, str], None]) -> None:
        """
        :raises RuntimeError: the system has no more threads.
        :raises OSError: it has no more descriptors.
        """
        self._channels, self._take = channels, take
        try:
            self._wake, self._waker = os.pipe()
        except OSError:
            self._give_up()
            raise
        os.set_blocking(self._waker, False)
        self._asked: deque[threading.Event] = deque()  # each set when what was written before it has been taken
        self._over = False
        self._busy = False  # something has been read and not passed on yet
        self._look = select.poll()
        for channel in channels:
            self._look.register(channel.read, select.POLLIN)
        self._thread = threading.Thread(target=self._run, name="runicorn-console", daemon=True)
        try:
            self._thread.start()
        except RuntimeError:
            self._give_up()
            raise

    def catch_up(self) -> None:
        """If something waits to be read, wait for a moment until it has been."""
        try:
            waits = self._busy or self._look.poll(0)
        except RuntimeError:  # another thread looks in this very moment
            return
        if waits and threading.current_thread() is not self._thread:
            self._drain(CATCH_UP_S)

    def drain(self) -> bool:
        """Wait until everything that was written up to now has been taken; False when that did not end in time."""
        return self._drain(DRAIN_S)

    def _drain(self, limit_s: float) -> bool:
        if threading.current_thread() is self._thread:
            return True
        taken = threading.Event()
        self._asked.append(taken)
        if self._over or not self._thread.is_alive():  # asked last: whoever is late finds it so
            return True
        with suppress(OSError):
            os.write(self._waker, b".")
        return taken.wait(limit_s)

    def forked(self) -> None:
        """In a forked child: what is written there is the parent's to read."""
        for descriptor in (*(channel.read for channel in self._channels), self._wake, self._waker):
            with suppress(OSError):
                os.close(descriptor)

    def _run(self) -> None:
        try:
            while self._channels:
                ready = self._ready(_SIZE_MS if any(channel.terminal for channel in self._channels) else None)
                for channel in list(self._channels):
                    channel.follow_size()
                    if channel.read in ready:
                        self._read(channel)
                if self._wake in ready:
                    os.read(self._wake, AT_ONCE)
                    asked = [self._asked.popleft() for _ in range(len(self._asked))]
                    try:
                        self._read_all()
                    finally:
                        for taken in asked:
                            taken.set()
            os.close(self._wake)
            os.close(self._waker)
        except Exception:
            self._give_up()  # nobody may ever wait for a reader that is gone
            raise
        finally:
            self._over = True
            while self._asked:
                self._asked.popleft().set()

    def _ready(self, wait_ms: int | None) -> set[int]:
        poll = select.poll()  # takes descriptors of any number
        for descriptor in (self._wake, *(channel.read for channel in self._channels)):
            poll.register(descriptor, select.POLLIN)
        return {descriptor for descriptor, _ in poll.poll(wait_ms)}

    def _read(self, channel: Channel) -> bool:
        self._busy = True
        text = channel.pump()
        if text is None:
            self._channels.remove(channel)
            channel.end()
        elif text:
            self._take(channel.source, text)
        self._busy = False
        return bool(text)

    def _read_all(self) -> None:
        until = monotonic() + DRAIN_S
        terminal = any(channel.terminal for channel in self._channels)
        while monotonic() < until:
            ready = self._ready(_SETTLE_MS if terminal else 0) - {self._wake}
            came = [self._read(channel) for channel in list(self._channels) if channel.read in ready]
            if not any(came):
                return

    def _give_up(self) -> None:
        for channel in self._channels:
            with suppress(OSError):
                channel.restore()
            with suppress(OSError):
                channel.end()
        self._channels = []


def _marked(descriptor: int, mark: int) -> Callable[[int, int], int] | None:
    """Let what a descriptor leads to be known by a mark, where the system can do that; what looks at marks.

    The mark is the signal that would tell of input and output, which nobody asks for here. To look at it takes a
    third of the time that ``os.fstat`` takes, and each printed line does it.
    """
    if sys.platform != "linux":
        return None
    import fcntl

    with suppress(OSError):
        fcntl.fcntl(descriptor, fcntl.F_SETSIG, mark)
        if fcntl.fcntl(descriptor, _GET_MARK) == mark:
            return fcntl.fcntl
    return None


def _enlarge(pipe: int) -> None:
    """Whoever writes with the interpreter's lock held must not have to wait for us, who need that lock."""
    if sys.platform == "linux":
        import fcntl

        with suppress(OSError):
            fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, ROOM)
