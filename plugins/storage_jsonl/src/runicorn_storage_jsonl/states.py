"""What readers of a root share: the list of runs, and what was parsed of runs that were looked at lately."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from runicorn.errors import StorageError

from .events import EventFile, event_files
from .failures import mapped
from .lines import lines_at
from .listing import Listing
from .logindex import LogIndex
from .sealed import Sealed, SealedFiles
from .system import SystemFiles

if TYPE_CHECKING:
    from .pieces import Mark

#: Bytes of parsed columns that are kept beyond those of the run in use.
KEPT = 64 << 20
#: Bytes of what a run takes beside its columns, roughly.
_EACH = 4096
#: What was found of long runs and is kept: of each, its figures and its times.
LOOKS = 64
Found = TypeVar("Found")


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
        self.counted = 0  # of its size, in the sum of all

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
        self.size = _EACH + sum(file.columns.size for file in self.files) + self.logs.size + self.system.size


class Readers:
    """Thread-safe. A run that is in use is never dropped."""

    def __init__(self, root: Path) -> None:
        self.listing = Listing(root)
        self._lock = threading.Lock()
        self._states: OrderedDict[Path, RunState] = OrderedDict()
        self._size = 0
        self._long: OrderedDict[tuple[Path, str], tuple[Mark, Any]] = OrderedDict()

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
            if self._states.get(folder) is state:
                self._size += state.size - state.counted
                state.counted = state.size
            self._trim()

    def of_long(self, folder: Path, mark: Mark, look: Callable[[Path], Found]) -> Found:
        """What a look at all records of a long run finds, made again when its files have changed."""
        of = folder, look.__name__
        with self._lock:
            known = self._long.get(of)
        if known is None or known[0] != mark:
            known = mark, look(folder)
            with self._lock:
                self._long[of] = known
                while len(self._long) > LOOKS:
                    self._long.popitem(last=False)
        found: Found = known[1]
        return found

    def _trim(self) -> None:
        """Forget those that were looked at longest ago, never the last one."""
        while len(self._states) > 1 and self._size - next(reversed(self._states.values())).counted > KEPT:
            _, oldest = self._states.popitem(last=False)
            self._size -= oldest.counted
            oldest.counted = 0
