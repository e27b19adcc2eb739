"""What Python code writes to the standard streams while their descriptors lead to us."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from threading import get_ident
from typing import TYPE_CHECKING, Any

from .writing import write_all

if TYPE_CHECKING:
    from .descriptors import Channel

_HELD = 8192  # characters of a line without an end that are held back


class StreamTap:
    """Stands in for ``write``, ``flush`` and ``reconfigure`` of one stream object, which stays the same object: whoever
    kept a reference to it (a handler of ``logging``, a progress bar) is heard too.

    Text goes where it went before, at once with each line, on the thread that writes it, and raises there what it
    raised before. Then it goes to ``take``. Nothing of it takes the way through the pipe and its reader.
    """

    def __init__(self, stream: Any, source: int, take: Callable[[int, str], None], channel: Channel) -> None:
        """
        :param channel: that of the stream's descriptor.
        :raises AttributeError: the stream lets nothing stand in for its methods.
        """
        self._stream, self._source, self._take = stream, source, take
        self._channel = channel
        self._through, self._flush = stream.write, stream.flush
        self._change = getattr(stream, "reconfigure", None)
        self._follow_encoding()
        self._over = False
        self.forked()
        self._mine = {"write": self._write, "flush": self._flush_both}
        if self._change is not None:
            self._mine["reconfigure"] = self._reconfigure
        for name, method in self._mine.items():
            setattr(stream, name, method)

    def forked(self) -> None:
        """Begin anew in a forked child; a half line is the parent's."""
        self._lock = threading.RLock()  # reentrant: a signal handler may print
        #: Called before text is written: what others wrote earlier must have got to its place.
        self.before: Callable[[], None] | None = None
        self._held: dict[int, str] = {}  # by thread, so that lines of several threads do not mix

    def remove(self) -> None:
        """Pass on what is held back and give the stream its methods back."""
        with suppress(OSError, UnicodeError, ValueError):
            self._flush_both()
        self._over = True
        for name, method in self._mine.items():
            if vars(self._stream).get(name) == method:  # else somebody else stands in for it by now, and calls us
                delattr(self._stream, name)

    def _write(self, text: str) -> Any:
        if self._over or not isinstance(text, str):
            return self._through(text)
        me = get_ident()
        whole = self._held.pop(me, "") + text
        if "\n" in text or "\r" in text or len(whole) > _HELD:
            self._pass_on(whole)
        else:
            self._held[me] = whole
        return len(text)

    def _follow_encoding(self) -> None:
        self._encoding, self._errors = self._stream.encoding or "utf-8", self._stream.errors or "strict"

    def _reconfigure(self, **options: Any) -> None:
        """A stream that leads to a file asks for its position there, which a pipe does not have."""
        assert self._change is not None
        self._flush_both()
        with self._channel.undone():
            self._change(**options)
        self._follow_encoding()

    def _flush_both(self) -> None:
        for thread in list(self._held):
            if text := self._held.pop(thread, ""):
                self._pass_on(text)
        self._flush()

    def _pass_on(self, text: str) -> None:
        if self.before is not None:
            self.before()
        try:
            with self._lock:
                if self._channel.leads_here() and not self._over:
                    write_all(self._channel.saved, text.encode(self._encoding, self._errors))
                else:  # the program has led the descriptor elsewhere: what it prints is to follow
                    self._through(text)
        finally:
            self._take(self._source, text)  # without the lock: it may wait for a thread that wants to print
