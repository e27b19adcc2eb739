"""A storage root elsewhere, copied into a folder here and kept in step: only what has changed is read."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from runicorn.contracts import FileEntry, FileTree
from runicorn.errors import RunicornError, StorageGone, StorageUnreachable
from runicorn.security import join
from runicorn.serialize import read_object

from .belonging import Belonging, Everything
from .bringing import PARTS, Moved, Readable, bring, grows, in_step, nobody
from .counting import Counting, Counts
from .finding import find_runs, in_parallel
from .gathering import AT_ONCE, Gathered, gathered
from .listed import LISTED, has_content, is_brought, is_kept, is_listed
from .removing import remove_others, remove_run
from .settling import Settling
from .surveying import Survey, Surveys

#: What decides over other files comes after them.
_LAST = ("segments.json",)
#: The signs of life of a run: without them a list takes a running one for crashed.
_SIGNS = "writers"
_MEDIA = "media"
#: A run in which nothing has happened for so long is looked at more rarely, or when its folder changes.
_QUIET_S = 60.0
_REST_S = 30.0


class Mirror:
    """Reads one tree and writes one folder. Its methods may be called on several threads; one process a folder."""

    def __init__(
        self, tree: FileTree, folder: Path, *, drop_runs: bool, heavy: bool = True, belonging: Belonging | None = None
    ) -> None:
        """
        :param drop_runs: runs that are there no more are removed here too.
        :param heavy: False = no media.
        :param belonging: what of the folder came from there; all of it, by default.
        """
        self.tree, self.folder = tree, folder
        self._drop_runs, self._heavy = drop_runs, heavy
        self._settling = Settling()
        self._pool = ThreadPoolExecutor(max(1, tree.parallel), thread_name_prefix="runicorn-mirror")
        self._lock = threading.Lock()
        self._locks: dict[str, threading.Lock] = {}
        self._changed_at: dict[str, float] = {}  # run -> when something was last seen to change (monotonic)
        self._looked_at: dict[str, float] = {}
        self._whole: dict[str, FileEntry] = {}  # run -> its folder's entry when it was last in step
        self._young_files: dict[str, tuple[float, int]] = {}
        self._belonging = belonging or Everything(folder)
        self._filled: set[str] = set()
        self._survey: Survey | None = None  # what lies in the runs, as they were found first
        self._counting = Counting()

    @property
    def counts(self) -> Counts:
        return self._counting.counts

    @property
    def unsettled(self) -> bool:
        """Whether something was read so soon after it was written that it has to be looked at once more, ``TICK_S``
        later."""
        with self._lock:
            return bool(self._young_files)

    def close(self) -> None:
        self._pool.shutdown(wait=True, cancel_futures=True)
        self._belonging.save()

    # --- Rounds

    def find(self, *, inside: bool = False) -> list[FileEntry]:
        """Every run that is there; what is new or gone since the last time is noted.

        :param inside: also see what lies in them, as far as that is seen at once: :meth:`list_all` asks for less then.
        :raises StorageGone: there is no such root.
        :raises StorageUnreachable: nothing is known.
        """
        survey = self.tree.survey(inside=inside) if isinstance(self.tree, Surveys) else None
        self._survey = survey if inside else None
        found = find_runs(self.tree if survey is None else survey, self._pool)
        self._settling.saw(found.runs)
        self._counting.there_are(len(found.runs), found.unread)
        self._belonging.saw(entry.path for entry in found.runs)
        for entry in found.files:
            self._brought(entry, join(self.folder, entry.path))
        if self._drop_runs and not found.unread:
            self._remove_runs({entry.path for entry in found.runs})
        return list(found.runs)

    def due(self, runs: list[FileEntry]) -> list[FileEntry]:
        """Those that may have changed, the newest first."""
        now = time.monotonic()
        return sorted((entry for entry in runs if self._is_due(entry, now)), key=lambda e: -e.modified_at)

    def live(self, runs: list[FileEntry]) -> list[FileEntry]:
        """Those in which something happens."""
        now = time.monotonic()
        return [entry for entry in runs if now - self._changed_at.get(entry.path, float("-inf")) < _QUIET_S]

    def list_all(self, runs: Sequence[FileEntry], told: Moved = nobody) -> None:
        """Bring what lists show of them, in this order as far as many are asked for at once.

        :param told: how many more are here.
        """
        seen = self._survey
        missing = [run for run in runs if seen is None or not is_listed(seen, run, self.folder)]
        told(len(runs) - len(missing))
        came = self._gather(missing, LISTED, told)
        rest = [run for run in missing if run.path not in came]
        in_parallel(self._pool, lambda run: self.look(run, listed_only=True), rest)
        told(len(rest))

    def fill(self, runs: Iterable[FileEntry]) -> bool:
        """Bring what is small of some runs of which no more than what lists show is here, where the place sends many
        files at once; :meth:`bring_all` brings the rest. False when there are no such runs any more."""
        seen = self._filled | self._looked_at.keys()
        empty = [r for r in runs if r.path not in seen and not has_content(join(self.folder, r.path))][:AT_ONCE]
        self._filled.update(run.path for run in empty)
        self._gather(empty, None)
        return bool(empty)

    def bring_all(self, runs: list[FileEntry]) -> None:
        """Bring all of them."""
        in_parallel(self._pool, self.look, runs)

    def _gather(self, runs: Sequence[FileEntry], names: Sequence[str] | None, told: Moved = nobody) -> set[str]:
        """Bring what came in one stream; which runs that were."""
        done: set[str] = set()
        by_path = {run.path: run for run in runs}
        for part in gathered(self.tree, self._pool, runs, names):
            for path, came in part.items():
                if names is None or came.stat(f"{path}/meta.json") is not None:
                    self.look(by_path[path], listed_only=names is not None, came=came)
                    done.add(path)
                    told(1)
        return done

    # --- One run

    def look(self, run: FileEntry, *, listed_only: bool = False, came: Gathered | None = None) -> None:
        """Bring what has changed in a run.

        :param came: what has come of it already, and is all that is brought.
        :raises StorageUnreachable: the way there broke; what has come is kept.
        """
        with self._at(run.path):
            folder = join(self.folder, run.path)
            if came is None:
                self._look(run, folder, listed_only)
            else:
                self._take(came, run, folder, whole=not listed_only)

    def bring_media(self, run: FileEntry) -> None:
        """Bring a run's media, also where they are left out otherwise; who looks at the run need not wait for it.

        :raises StorageUnreachable: as :meth:`look`.
        """
        media = FileEntry(f"{run.path}/{_MEDIA}", "folder")
        with self._at(media.path):
            self._bring_folder(media, join(self.folder, media.path), may_skip=False)

    @contextmanager
    def _at(self, path: str) -> Iterator[None]:
        """One thread at a time. What cannot be read is noted."""
        with self._lock:
            lock = self._locks.setdefault(path, threading.Lock())
        with lock:
            try:
                yield
            except StorageUnreachable:
                raise
            except StorageGone:
                return
            except (RunicornError, OSError) as error:
                self._counting.failed(path, error)

    def _look(self, run: FileEntry, folder: Path, listed_only: bool) -> None:
        entries = [entry for entry in self.tree.list(run.path) if is_brought(_name(entry))]
        self._settling.saw(entries)
        if listed_only:
            self._bring_first(entries, folder)
            self._bring_signs(entries, folder)
            return
        changed = self._bring_first(entries, folder)
        files = [e for e in entries if e.kind == "file" and _name(e) not in (*LISTED, *_LAST)]
        for entry in sorted(files, key=lambda e: not grows(e.path)):
            changed |= self._brought(entry, folder / _name(entry))
        for entry in entries:
            if entry.kind == "folder" and (self._heavy or _name(entry) != _MEDIA):
                changed |= self._bring_folder(entry, folder / _name(entry), may_skip=_name(entry) != _MEDIA)
        for entry in (e for e in entries if _name(e) in _LAST):
            changed |= self._brought(entry, folder / _name(entry))
        changed |= self._remove_others(entries, folder, run.path)
        now = time.monotonic()
        known = run.path in self._looked_at
        self._looked_at[run.path] = now
        if (changed and known) or self._settling.young(entries):  # what comes for the first time may be long over
            self._changed_at[run.path] = now
        if not self._counting.any_failed(run.path):
            self._whole[run.path] = run

    def _take(self, came: Gathered, run: FileEntry, folder: Path, whole: bool) -> None:
        """Write what has come of a run.

        :param whole: it was asked for everything.
        """
        entries = [entry for entry in came.list(run.path) if is_brought(_name(entry))]
        self._settling.saw(entries)
        self._bring_first(entries, folder, came)
        files = [(join(self.folder, path), entry) for path, (entry, _) in came.files.items() if is_kept(path, run)]
        for target, entry in sorted(files, key=lambda file: _name(file[1]) in _LAST):
            target.parent.mkdir(parents=True, exist_ok=True)
            self._brought(entry, target, came)
        if whole and not came.left and all(in_step(entry, target) for target, entry in files):
            now = time.monotonic()
            self._whole[run.path], self._looked_at[run.path] = run, now
            if self._settling.young(entry for _, entry in files):
                self._changed_at[run.path] = now

    def _bring_first(self, entries: Sequence[FileEntry], folder: Path, tree: Readable | None = None) -> bool:
        """The documents of lists. A run that is not here yet becomes visible with all of them."""
        by_name = {_name(entry): entry for entry in entries if entry.kind == "file"}
        documents = [by_name[name] for name in LISTED if name in by_name]
        if folder.is_dir() or not documents:
            folder.mkdir(parents=True, exist_ok=True)
            changed = False
            for entry in documents:
                changed |= self._brought(entry, folder / _name(entry), tree)
            return changed
        making = folder.with_name(f"{PARTS}{folder.name}")
        shutil.rmtree(making, ignore_errors=True)
        making.mkdir(parents=True)
        for entry in documents:
            self._brought(entry, making / _name(entry), tree)
        self._bring_signs(entries, making, tree)
        making.replace(folder)
        return True

    def _bring_signs(self, entries: Iterable[FileEntry], folder: Path, tree: Readable | None = None) -> None:
        """The signs of life of a run that is said to be running."""
        if read_object(folder / "status.json").get("status") != "running":
            return
        for entry in entries:
            if entry.kind == "folder" and _name(entry) == _SIGNS:
                self._bring_folder(entry, folder / _SIGNS, may_skip=False, tree=tree)

    def _bring_folder(
        self, folder: FileEntry, here: Path, *, may_skip: bool = True, tree: Readable | None = None
    ) -> bool:
        """What lies in a folder of a run.

        :param may_skip: a folder whose time is the same holds the same files, which are not written any more.
        """
        known = self._whole.get(folder.path)
        if may_skip and known is not None and known.modified_at == folder.modified_at:
            return False
        entries = (tree or self.tree).list(folder.path)
        self._settling.saw(entries)
        here.mkdir(parents=True, exist_ok=True)
        changed = False
        for entry in entries:
            if entry.kind == "file":
                changed |= self._brought(entry, here / _name(entry), tree)
            elif entry.kind == "folder":
                changed |= self._bring_folder(entry, here / _name(entry), tree=tree)
        changed |= self._remove_others(entries, here)
        if self._settling.settled(folder) and all(in_step(e, here / _name(e)) for e in entries if e.kind == "file"):
            self._whole[folder.path] = folder
        return changed

    def _brought(self, entry: FileEntry, target: Path, tree: Readable | None = None) -> bool:
        """Whether something had to be brought. What cannot be read is noted, and the rest goes on."""
        here = in_step(entry, target)
        if here or self._belonging.stays(entry, target):
            if here:  # from a process that may have been killed before it wrote that down
                self._belonging.brought(entry.path)
            self._counting.succeeded(entry.path)
            return False
        settled, seen = self._settling.settled(entry), (entry.modified_at, entry.size)
        again = self._young_files.get(entry.path) == seen  # it was brought in the second in which it was written
        try:
            bring(tree or self.tree, entry, target, settled=settled, moved=nobody if again else self._counting.moved)
        except StorageUnreachable:
            raise
        except StorageGone:
            self._young_files.pop(entry.path, None)
            return True
        except (RunicornError, OSError) as error:
            self._counting.failed(entry.path, error)
            return False
        self._counting.succeeded(entry.path)
        self._belonging.brought(entry.path)
        if not again:
            self._counting.brought()
        with self._lock:
            if settled or grows(entry.path):
                self._young_files.pop(entry.path, None)
            else:
                self._young_files[entry.path] = seen
        return not again

    def _remove_others(self, entries: Iterable[FileEntry], here: Path, run: str = "") -> bool:
        """Files here that are there no more, in a run that is there.

        :param run: the one whose folder this is.
        """
        names = {_name(entry) for entry in entries}

        def stays(name: str) -> bool:
            left_out = name == _MEDIA and not self._heavy
            return name in names or left_out or (run != "" and not self._belonging.may_go(run, name))

        changed, files = remove_others(here, stays)
        self._counting.removed(files)
        return changed

    def _remove_runs(self, there: set[str]) -> None:
        for path in sorted(self._belonging.gone(there)):
            try:
                self._counting.removed(remove_run(join(self.folder, path)))
                self._counting.succeeded(path)
            except (OSError, RunicornError) as error:
                self._counting.failed(path, error)
                self._belonging.saw([path])  # it is still to go
            self._looked_at.pop(path, None)
            self._whole.pop(path, None)

    # --- What is due

    def _is_due(self, entry: FileEntry, now: float) -> bool:
        known = self._whole.get(entry.path)
        if known is None or known.modified_at != entry.modified_at or not self._settling.settled(entry):
            return True
        quiet = now - self._changed_at.get(entry.path, float("-inf")) > _QUIET_S
        return not quiet or now - self._looked_at.get(entry.path, float("-inf")) > _REST_S


def _name(entry: FileEntry) -> str:
    return entry.path.rpartition("/")[2]
