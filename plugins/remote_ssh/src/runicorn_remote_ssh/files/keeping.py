"""The copy of a root elsewhere that this process keeps in step, in the user's cache."""

from __future__ import annotations

import hashlib
import logging
import os
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

from runicorn.config import cache_dir
from runicorn.contracts import FileEntry, FileTree
from runicorn.errors import RunicornError, StorageGone, StorageUnreachable
from runicorn.serialize import write_json

from .claim import Claim
from .gathering import AT_ONCE
from .mirror import Mirror

_log = logging.getLogger("runicorn.remote")

LIVE_S = 0.5  # between two looks at runs in which something happens
FIND_S = 3.0  # between two looks for other runs
_BACKLOG = 32  # runs that are read whole at the same time, beside what is live
_AGAIN_MOST_S = 15.0
_PORTION = 1000  # runs that are listed in one go


def cached_root(uri: str) -> Path:
    """Where the copy of a place lies."""
    return cache_dir() / "remote" / hashlib.sha256(uri.encode()).hexdigest()[:20] / "root"


class KeptRoot:
    """Keeps ``folder`` in step from ``start`` to ``close``. One process at a time does so for a place; another one that
    opens it looks at the same copy."""

    def __init__(self, uri: str, opening: Callable[[bool], FileTree]) -> None:
        """
        :param opening: gives the place; told whether somebody waits who may be asked for a password.
        """
        self.uri, self.folder = uri, cached_root(uri)
        self._opening = opening
        self._claim = Claim(self.folder.parent / "kept.lock")
        self._mirror: Mirror | None = None
        self._known: dict[str, FileEntry] = {}
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._complete = threading.Event()  # a list shows all that was found first
        self._counted, self._counting = 0, threading.Lock()
        self._behind = 0  # runs of which only the documents are here
        self.reached_at: float | None = None
        self.trouble = ""

    def start(self) -> None:
        """Returns when the newest runs are listed; the others follow, and :meth:`listed` waits for them.

        :raises StorageGone: there is no such folder over there.
        :raises StorageError: it cannot be reached, and nothing of it is here from an earlier time.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        older: list[FileEntry] | None = None
        if self._claim.take():
            try:
                older = self._begin(asks=True)
            except (RunicornError, OSError) as error:
                if isinstance(error, StorageGone) or not (self.folder.parent / "place.json").exists():
                    self.close()
                    raise
                self._lost(error)
        else:
            _log.info("another process keeps the copy of %s in step", self.uri)
            self._complete.set()
        self._thread = threading.Thread(target=self._work, args=(older,), name="runicorn-remote-root", daemon=True)
        self._thread.start()

    def _begin(self, *, asks: bool) -> list[FileEntry]:
        """Look for the first time, and list the newest runs; the others are returned."""
        if self._mirror is None:
            self._mirror = Mirror(self._opening(asks), self.folder, drop_runs=True, heavy=False)
        runs = sorted(self._find(self._mirror, inside=True), key=lambda run: -run.modified_at)
        self._mirror.list_all(runs[:AT_ONCE], self._count)
        self._reached()
        return runs[AT_ONCE:]

    def fetch(self, run: str) -> None:
        """Bring one run now, whoever waits for its turn. While the place cannot be reached, what is here has to do."""
        self._bring(run, Mirror.look)

    def fetch_media(self, run: str) -> None:
        """Like :meth:`fetch`, its media: those of runs that nobody looks at are not brought, for they may be many."""
        self._bring(run, Mirror.bring_media)

    def _bring(self, run: str, part: Callable[[Mirror, FileEntry], None]) -> None:
        entry, mirror = self._known.get(run), self._mirror
        if entry is None or mirror is None or self.trouble:
            return
        try:
            part(mirror, entry)
        except StorageUnreachable as error:
            self._lost(error)

    @property
    def counted(self) -> int | None:
        """How many runs are listed; None = all of them."""
        return None if self._complete.is_set() else self._counted

    def listed(self) -> None:
        """Wait until a list shows all runs, or all that can be had; a terminal is told meanwhile how far it is, by the
        command that waits: a viewer has threads that do."""
        if self._complete.is_set():
            return
        shown = sys.stderr.isatty() and threading.current_thread() is threading.main_thread()
        while not self._complete.wait(0.2):
            if shown:
                print(
                    f"\r\x1b[K{self.uri}: {self._counted} of {len(self._known)} runs",
                    end="",
                    file=sys.stderr,
                    flush=True,
                )
        if shown:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)

    @property
    def says(self) -> str:
        """One line about how the copy stands."""
        if self.trouble:
            age = "of an earlier time"
            if self.reached_at is not None:
                age = f"as of {time.time() - self.reached_at:.0f} s ago"
            return f"{self.uri} cannot be reached ({self.trouble}); what is shown is {age}"
        if self._mirror is None:
            return f"{self.uri}: another process keeps the copy in step"
        if not self._complete.is_set():
            return f"{self.uri}: {self._counted} of {len(self._known)} runs are listed, the others follow"
        behind = f", {self._behind} still being read" if self._behind else ""
        return f"{self.uri}: {len(self._known)} runs{behind}"

    def close(self) -> None:
        self._stop.set()
        self._complete.set()
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join(10.0)
        mirror, self._mirror = self._mirror, None
        if mirror is not None:
            mirror.close()
            mirror.tree.close()
        self._claim.release()

    # --- On its own thread

    def _work(self, older: list[FileEntry] | None) -> None:
        """
        :param older: runs that are to be listed; None = nobody has looked yet, or could.
        """
        older = self._taken_over() if older is None else older
        if older is not None:
            self._keep(older)

    def _taken_over(self) -> list[FileEntry] | None:
        """Look for the first time, as soon as nobody else keeps the copy in step and the host is reached.

        :returns: None when this was closed before.
        """
        self._complete.set()  # what is here has to do
        wait = FIND_S
        while not self._stop.wait(wait):
            if not self._claim.take():
                continue
            try:
                return self._begin(asks=False)
            except (RunicornError, OSError) as error:
                self._lost(error)
                wait = min(_AGAIN_MOST_S, wait * 2)
            except RuntimeError:  # this process has ended meanwhile
                return None
        return None

    def _keep(self, older: list[FileEntry]) -> None:
        """List the rest, then look again and again, until it is closed."""
        mirror = self._mirror
        try:
            if mirror is not None:
                self._list(mirror, older)
        finally:
            self._complete.set()
        # who only asks for a list is not slowed down by what comes behind it
        wait, found_at = FIND_S, 1e-9 if self.trouble else time.monotonic()
        runs = list(self._known.values())
        while mirror is not None and not self._stop.wait(wait):
            try:
                if time.monotonic() - found_at > FIND_S:
                    runs = self._find(mirror)
                    found_at = time.monotonic()
                self._turn(mirror, runs)
                self._reached()
                wait = LIVE_S
            except StorageUnreachable as error:
                self._lost(error)
                found_at, wait = 1e-9, min(_AGAIN_MOST_S, wait * 2)
            except RuntimeError:  # the mirror, or this process, has ended meanwhile
                return
            except (RunicornError, OSError) as error:
                if self._stop.is_set():
                    return
                self._lost(error)
                found_at, wait = 1e-9, _AGAIN_MOST_S

    def _list(self, mirror: Mirror, runs: list[FileEntry]) -> None:
        """What could not be listed is, when it is found again."""
        try:
            for at in range(0, len(runs), _PORTION):
                if not self._stop.is_set():
                    mirror.list_all(runs[at : at + _PORTION], self._count)
        except RuntimeError:  # the mirror, or this process, has ended meanwhile
            pass
        except (RunicornError, OSError) as error:
            if not self._stop.is_set():
                self._lost(error)

    def _count(self, runs: int) -> None:
        with self._counting:
            self._counted += runs

    def _find(self, mirror: Mirror, *, inside: bool = False) -> list[FileEntry]:
        runs = mirror.find(inside=inside)
        self._known = {run.path: run for run in runs}
        return runs

    def _turn(self, mirror: Mirror, runs: list[FileEntry]) -> None:
        """What is live, and a few of those that wait."""
        live = mirror.live(runs)
        paths = {run.path for run in live}
        waiting = [run for run in mirror.due(runs) if run.path not in paths]
        fresh = [run for run in waiting if not (self.folder / run.path / "meta.json").exists()]
        mirror.list_all(fresh)
        self._behind = max(0, len(waiting) - _BACKLOG)
        if len(waiting) > _BACKLOG and mirror.fill(waiting):
            waiting = []  # what comes in a stream is not asked for run by run; the rest has its turn
        mirror.bring_all([*live, *waiting[:_BACKLOG]])
        began = time.monotonic()
        for at in range(_BACKLOG, len(waiting), _BACKLOG):
            if self._stop.is_set() or time.monotonic() - began > LIVE_S:
                break
            mirror.bring_all(waiting[at : at + _BACKLOG])
            self._behind = max(0, len(waiting) - at - _BACKLOG)

    def _reached(self) -> None:
        if self.trouble:
            _log.warning("%s is reached again", self.uri)
        elif self.reached_at is None:
            write_json(self.folder.parent / "place.json", {"uri": self.uri, "pid": os.getpid()})
        self.trouble, self.reached_at = "", time.time()

    def _lost(self, error: BaseException) -> None:
        if not self.trouble:
            _log.warning("%s cannot be reached; what was read before is shown: %s", self.uri, error)
        self.trouble = getattr(error, "reason", None) or str(error)
