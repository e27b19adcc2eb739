"""What readers of a root share: the list of runs, and what was parsed of runs that were looked at lately."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from runicorn.errors import StorageError

from .events import EventFile, event_files
from .failures import mapped
from .lines import lines_at
from .listing import Listing
from .logindex import LogIndex
from .sealed import Sealed, SealedFiles
from .system import SystemFiles

if TYPE_CHECKING:
    from .pieces import Gathered, Mark

#: Bytes of parsed columns that are kept beyond those of the run in use.
KEPT = 64 << 20
#: Long runs of which the figures are kept.
GATHERED = 32


class RunState:
    """What was parsed of one run. Used under its lock."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.lock = threading.RLock()
        self.files: list[EventFile] = []
        self.logs = LogIndex(folder)
        self.system = SystemFiles(folder)
        self._sealed = SealedFiles(folder)
        self.size = 0

    def refresh(self, ended: Callable[[], bool]) -> None:
        """Read what is new in the event files."""
        while True:  # once more where it was sealed, or brought back, while it was read
            sealed = self._sealed.look()
            try:
                self._refresh(sealed, ended)
            except StorageError:
                if self._sealed.look() is sealed:
                    raise
            if self._sealed.look() is sealed:
                return

    def _refresh(self, sealed: Sealed, ended: Callable[[], bool]) -> None:
        known = {file.name: file for file in self.files if file.holds(sealed)}
        self.files = [
            known.get(name) or EventFile(lines_at(self.folder, name, sealed))
            for name in event_files(self.folder, sealed)
        ]
        for file in self.files:
            file.refresh(ended)

    def measure(self) -> None:
        self.size = sum(file.columns.size for file in self.files) + self.logs.size + self.system.size


class Readers:
    """Thread-safe. A run that is in use is never dropped."""

    def __init__(self, root: Path) -> None:
        self.listing = Listing(root)
        self._lock = threading.Lock()
        self._states: OrderedDict[Path, RunState] = OrderedDict()
        self._gathered: OrderedDict[Path, tuple[Mark, Gathered]] = OrderedDict()

    @contextmanager
    def state(self, folder: Path) -> Iterator[RunState]:
        """The state of a run, for this thread alone until the block ends."""
        with self._lock:
            state = self._states.setdefault(folder, RunState(folder))
            self._states.move_to_end(folder)
        with state.lock, mapped("reading", folder):
            yield state
            state.measure()
        with self._lock:
            self._trim()

    def gathered(self, folder: Path, mark: Mark, gather: Callable[[Path], Gathered]) -> Gathered:
        """What is known of a long run, read again when its files have changed."""
        with self._lock:
            known = self._gathered.get(folder)
        if known is None or known[0] != mark:
            known = mark, gather(folder)
            with self._lock:
                self._gathered[folder] = known
                while len(self._gathered) > GATHERED:
                    self._gathered.popitem(last=False)
        return known[1]

    def _trim(self) -> None:
        others = list(self._states.values())[:-1]
        spare = sum(state.size for state in others) - KEPT
        for state in others:
            if spare <= 0:
                return
            spare -= state.size
            self._states.pop(state.folder, None)
