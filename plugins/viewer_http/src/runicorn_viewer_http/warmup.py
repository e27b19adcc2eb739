"""Importing what charts need before somebody waits for one."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from runicorn.contracts import Viewer

PAUSE_S = 0.3  # the page and its list come first
MODULES = ("api.metric_tables", "v2.curves")  # numpy and pyarrow: 0.2 s, and 40 MB that a viewer without a page saves


class WarmUp:
    """Once, soon after the page was first asked for: whoever looks at it looks at charts next."""

    def __init__(self, viewer: Viewer) -> None:
        self._viewer, self._begun = viewer, False

    def begin(self) -> None:
        """Call it on the event loop. A loop that ends meanwhile forgets it."""
        if not self._begun:
            self._begun = True
            asyncio.get_running_loop().call_later(PAUSE_S, lambda: self._viewer.in_thread(_import))


def _import() -> None:
    for module in MODULES:
        with suppress(ImportError):  # told to whoever asks for a chart
            import_module(f"{__package__}.{module}")
