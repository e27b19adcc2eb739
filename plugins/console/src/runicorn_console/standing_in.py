"""What is written to streams that a notebook or a test runner has put in the place of the standard ones."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any

_HELD = 4096  # characters of a line without an end that are held back


class StandIn:
    """A stream in the place of another one, which it passes everything on to.

    An object of its own, because IPython sets ``write`` of the stream that it finds before each cell, and sets it back
    afterwards to what it had found.
    """

    def __init__(self, name: str, stream: Any, source: int, take: Callable[[int, str], None]) -> None:
        self.__dict__.update(_name=name, _stream=stream, _source=source, _take=take, _over=False)
        self.forked()
        setattr(sys, name, self)
        self._hear_children()
        shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
        self.__dict__["_events"] = events = getattr(shell, "events", None)
        if events is not None:
            events.register("pre_run_cell", self._hear_children)

    def forked(self) -> None:
        """Begin anew in a forked child; a half line is the parent's."""
        self.__dict__.update(_lock=threading.RLock(), _held="")

    def remove(self) -> None:
        """Give the stream its place back, unless somebody else has taken it."""
        self.__dict__["_over"] = True
        if getattr(sys, self._name) is self:
            setattr(sys, self._name, self._stream)
        if self._events is not None:
            with suppress(ValueError):
                self._events.unregister("pre_run_cell", self._hear_children)
        if vars(self._stream).get("write") == self._heard_from_a_child:
            del self._stream.write
        with self._lock:
            text, self.__dict__["_held"] = self._held, ""
        if text:
            self._take(self._source, text)

    def write(self, text: str) -> Any:
        answer = self._stream.write(text)
        if not self._over:
            self._hold(text)
        return answer

    def writelines(self, texts: Any) -> None:
        for text in texts:
            self.write(text)

    def _hold(self, text: str) -> None:
        with self._lock:
            whole = self._held + text
            complete = "\n" in text or "\r" in text or len(whole) > _HELD
            self.__dict__["_held"] = "" if complete else whole
        if complete:
            self._take(self._source, whole)

    # --- Jupyter reads what children write itself, on a thread that calls its stream's own write

    def _hear_children(self, *_: object) -> None:
        stream = self._stream
        if getattr(stream, "watch_fd_thread", None) is not None and stream.write != self._heard_from_a_child:
            self.__dict__["_through"] = stream.write
            with suppress(AttributeError):
                stream.write = self._heard_from_a_child

    def _heard_from_a_child(self, text: str) -> Any:
        answer = self._through(text)
        if not self._over and threading.current_thread() is self._stream.watch_fd_thread:
            self._hold(text)
        return answer

    # --- Everything else is the stream's

    @property  # type: ignore[misc]  # nobody sets it
    def __class__(self) -> Any:
        return type(self._stream)  # Jupyter asks for it

    def __getattr__(self, name: str) -> Any:
        return getattr(self.__dict__["_stream"], name)

    def __setattr__(self, name: str, value: object) -> None:
        if name == "write":
            self.__dict__[name] = value
        else:
            setattr(self._stream, name, value)

    def __delattr__(self, name: str) -> None:
        if name in self.__dict__:
            del self.__dict__[name]
        else:
            delattr(self._stream, name)

    def __iter__(self) -> Any:
        return iter(self._stream)

    def __enter__(self) -> Any:
        self._stream.__enter__()
        return self

    def __exit__(self, *error: object) -> Any:
        return self._stream.__exit__(*error)
