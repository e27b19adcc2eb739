"""Forked children of a process that records."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from . import active
from .trouble import warn

if TYPE_CHECKING:
    from .life import Life

_watching = False


def watch_forks() -> None:
    """Prepare every future child. Called by every ``init()``."""
    global _watching
    if not _watching and hasattr(os, "register_at_fork"):
        _watching = True
        os.register_at_fork(after_in_child=_in_child)


def _in_child() -> None:
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
