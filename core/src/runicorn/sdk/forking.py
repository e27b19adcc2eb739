"""Forked children of a process that records."""

from __future__ import annotations

import os
import sys
from threading import get_ident
from time import monotonic, sleep
from typing import TYPE_CHECKING

from . import active, ending
from .trouble import warn

if TYPE_CHECKING:
    from .life import Life

_watching = False
_IMPORTS_S = 2.0  # a fork waits so long at most


def watch_forks() -> None:
    """Prepare every future child. Called by every ``init()``."""
    global _watching
    if not _watching and hasattr(os, "register_at_fork"):
        _watching = True
        os.register_at_fork(before=_before, after_in_parent=ending.after_fork, after_in_child=_in_child)


def _before() -> None:
    _let_imports_end()
    ending.before_fork()


def _let_imports_end() -> None:
    """Wait until no other thread is in the middle of an import, for two seconds at most.

    A child does not have that thread, but the lock of the module that it was importing, which nobody there ever
    releases: the child's own import of it would hang. Our background threads import what they need in the first
    moments of a run, which is when data loaders fork.
    """
    locks = getattr(sys.modules["_frozen_importlib"], "_module_locks", None)  # the interpreter tells it nowhere else
    if not isinstance(locks, dict):
        return
    me, until = get_ident(), monotonic() + _IMPORTS_S
    while monotonic() < until:
        held = (lock() for lock in list(locks.values()))
        if all(lock is None or getattr(lock, "owner", None) in (None, me) for lock in held):
            return
        sleep(0.001)


def _in_child() -> None:
    ending.forked()
    for run in active.unfinished():
        try:
            run._forked()
        except Exception as error:  # noqa: BLE001 (no error of ours reaches the training)
            warn(f"a forked process cannot record: {error}")


def end_with_process(life: Life) -> None:
    """A child of ``multiprocessing`` ends without ``atexit``: let it end its part of the run in its own way."""
    if "multiprocessing.process" not in sys.modules:
        return
    from multiprocessing.process import parent_process

    if parent_process() is not None:
        from multiprocessing.util import Finalize

        Finalize(None, life.end, args=("finished", None, 10.0), exitpriority=0)
