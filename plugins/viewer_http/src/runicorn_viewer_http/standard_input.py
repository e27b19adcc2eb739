"""What a program says through standard input: a secret in the first line, and that it lives.

Read from the descriptor: a thread that waits in ``sys.stdin`` would hold its lock, and Python aborts over it at exit.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable

from runicorn.errors import InvalidArgument

_LIMIT = 4096


def read_secret() -> str:
    """The first line. Not a byte behind it is taken.

    :raises InvalidArgument: there is none, or it is no line of text.
    """
    line = bytearray()
    while len(line) < _LIMIT:
        byte = os.read(0, 1)
        if byte in (b"", b"\n"):
            break
        line += byte
    try:
        secret = line.decode("ascii").strip()
    except UnicodeDecodeError as error:
        raise InvalidArgument("token", "", "standard input must hold a line of ASCII") from error
    if not secret or len(line) >= _LIMIT:
        raise InvalidArgument("token", "", "standard input must hold it, in one line")
    return secret


class EndOfInput:
    """Waits for it from now on, on a thread of its own; what is told of it may come later than it does."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._ended = False
        self._tell: Callable[[], None] | None = None
        threading.Thread(target=self._wait, name="viewer-input", daemon=True).start()

    def tells(self, tell: Callable[[], None]) -> None:
        """Call ``tell`` when standard input ends, at once when it has; on any thread."""
        with self._lock:
            self._tell = tell
            ended = self._ended
        if ended:
            tell()

    def _wait(self) -> None:
        try:
            while os.read(0, _LIMIT):
                pass
        except OSError:
            pass  # closed, or never open
        with self._lock:
            self._ended = True
            tell = self._tell
        if tell is not None:
            tell()
