"""What went wrong in a run: said once, counted, kept in the run's status."""

from __future__ import annotations

import threading
from collections.abc import Callable
from time import time

from ..types import JSON
from .interrupting import from_signal_handler

_MOST = 100  # different troubles kept for one run
_PATIENCE_S = 0.2  # for another thread that counts one


def warn(message: str) -> None:
    """Say something to the user: logger ``runicorn``, which Python shows on stderr unless it is configured.

    Python's ``warnings`` would not do: under ``-W error`` they raise.
    """
    try:
        import logging  # 3 ms: only when there is something to say (and it fails where descriptors have run out)

        logging.getLogger("runicorn").warning("runicorn: %s", message)
    except Exception as error:  # a user's log handler may raise; training goes on
        if from_signal_handler(error):
            raise


class Troubles:
    """The troubles of one run. Any thread, and signal handlers."""

    def __init__(self, changed: Callable[[], None]) -> None:
        self._changed = changed
        self._lock = threading.RLock()
        self._entries: dict[tuple[str, str], dict[str, JSON]] = {}

    def report(self, plugin: str, what: str, error: BaseException | str, *, count: int = 1) -> None:
        """Count a trouble; the first of its kind is also shown to the user.

        :param plugin: who failed; ``runicorn`` for core.
        :param what: what was being done. Together with ``plugin`` it is the kind.
        """
        reason = error if isinstance(error, str) else f"{type(error).__name__}: {_text(error)}"
        line, new = f"{what}: {reason}", False
        # Whoever holds the lock may stand still below a signal handler that waits for this thread.
        held = self._lock.acquire(timeout=_PATIENCE_S)
        try:
            entry = self._entries.get((plugin, what))
            if entry is not None:
                entry["count"] = int(str(entry["count"])) + count
            elif len(self._entries) < _MOST:
                new = True
                self._entries[(plugin, what)] = {"when": time(), "plugin": plugin, "what": line[:1000], "count": count}
        finally:
            if held:
                self._lock.release()
        if new:
            warn(line if plugin == "runicorn" else f"plugin {plugin}: {line}")
        self._changed()

    def entries(self) -> list[dict[str, JSON]]:
        """A copy, oldest first."""
        return [dict(entry) for entry in list(self._entries.values())]

    def forget(self) -> None:
        """Start afresh (in a forked child: the parent tells its own)."""
        self._lock = threading.RLock()
        self._entries = {}


def _text(error: BaseException) -> str:
    try:
        return str(error)
    except Exception:  # noqa: BLE001 (a broken __str__ must not break the report about it)
        return "(its message cannot be shown)"
