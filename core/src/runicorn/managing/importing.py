"""Runs brought in from elsewhere: each is made beside, and comes to its place in one step, whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, get_args

from attrs import evolve

from ..errors import ImportProblem, InvalidArgument
from ..hooks import importer_for, importers, read_source
from ..model.run import RunRef
from ..security import check_project, join, spell_apart, spell_place
from ..serialize import read_object
from .failing import outcome_of
from .imported import ANEW, Became, Conflict, Imported, ImportProgress, ImportRequest
from .incoming import IncomingRun, flush_folder
from .keeping import keep_artifacts
from .part import bring_part, bring_runless
from .staging import put_aside, staging

if TYPE_CHECKING:
    from ..contracts import Importer, RunHead, RunSource, Store

_GROWN = "it has changed where it came from since; --on-conflict update brings that in"


def import_runs(
    store: Store, request: ImportRequest, told: Callable[[ImportProgress], object] = lambda _: None
) -> Iterator[Imported]:
    """Bring the runs of a file or folder into a store, one after the other, while the outcomes are drawn.

    A run that fails stops no other. Stopping (closing the iterator, or raising in ``told``) leaves the runs that are
    done, and nothing of the one that is not; importing again goes on with it.

    :param told: called often, on this thread.
    :raises ImportProblem: there is nothing to import, or what lies there is damaged beyond single runs.
    :raises InvalidArgument: no such importer, an option that it does not have, or a project that cannot be one.
    :raises StorageFull: the disk is full.
    """
    path = request.path.expanduser().absolute()
    importer = importer_for(path, request.importer)
    if request.project is not None:
        check_project(request.project)
    if request.conflict not in get_args(Conflict):
        raise InvalidArgument("conflict", request.conflict, "must be skip, update, rename or overwrite")
    bringing = _Bringing(store, importer, request, told)
    with closing(read_source(importer, path, request.options)) as sources:  # type: ignore[type-var]  # a generator
        for source in sources:
            yield bringing.bring(source)


class _Bringing:
    """One import: where each run goes, and getting it there."""

    def __init__(
        self, store: Store, importer: Importer, request: ImportRequest, told: Callable[[ImportProgress], object]
    ) -> None:
        self._store, self._root, self._importer, self._request = store, store.root, importer, request
        self._told = told
        self._made: dict[str, str] = {}  # folder -> source, of this import
        self._by_id: dict[str, list[RunRef]] | None = None
        self._runs = 0

    def bring(self, source: RunSource) -> Imported:
        head = source.head
        preview = self._request.preview
        if head.part:
            return bring_part(self._root, source, preview, self._progress(head))
        if head.runless:
            return bring_runless(self._root, source, self._importer, preview, self._progress(head))
        place, became, reason = self._decide(head)
        outcome = Imported(head.source, place.folder, became, reason)
        if became in ANEW:
            outcome = self._read(source, head, place, outcome)
        self._made[place.folder] = head.source
        self._runs += 1
        self._told(ImportProgress(head.id, head.size, head.size, self._runs))
        return outcome

    # --- Where to

    def _decide(self, head: RunHead) -> tuple[RunRef, Became, str]:
        project = self._request.project or head.project
        place = _ref(*spell_place(project, head.name, head.id))
        policy = self._request.conflict
        if not self._stands(place):
            moved = self._moved(head, place)
            return (place, "added", "") if moved is None else self._known(head, moved)
        other = _ref(place.project, place.name, spell_apart(place.id, f"{self._importer.name}:{head.source}"))
        beside = self._made.get(place.folder, head.source) != head.source  # what this import has just brought stays
        if (beside or policy != "overwrite") and not self._same(head, place):
            if self._stands(other) and self._same(head, other):
                place = other
            elif beside:
                return other, "skipped" if self._stands(other) else "renamed", "another run has its place"
        if self._same(head, place) and (policy != "overwrite" or head.digests is not None):
            return self._known(head, place)
        if policy in ("skip", "update"):
            meta = (head.digests or {}).get("meta.json")
            same = meta is not None and meta == _digest(join(self._root, place.folder) / "meta.json")
            reason = "the run is here with other content" if same else "another run has its place"
            return place, "skipped", f"{reason}; see --on-conflict"
        if policy == "overwrite":
            if self._running(place):
                return place, "failed", "the run in its place is still being written"
            return place, "replaced", ""
        return (other, "skipped", "another run has its place") if self._stands(other) else (other, "renamed", "")

    def _known(self, head: RunHead, place: RunRef) -> tuple[RunRef, Became, str]:
        """What to do with a run that an earlier import brought, or that is the same."""
        if place.folder in self._made or not self._grown(head, place):
            return place, "there", ""
        if self._request.conflict != "update":
            return place, "there", _GROWN
        if any((join(self._root, place.folder) / "writers").glob("*")):
            return place, "skipped", "it has changed where it came from since, but it was continued here"
        return place, "updated", ""

    def _grown(self, head: RunHead, place: RunRef) -> bool:
        origin = read_object(join(self._root, place.folder) / "meta.json").get("imported_from")
        known = origin.get("state") if isinstance(origin, Mapping) else None
        return bool(head.state and known and known != head.state)

    def _stands(self, place: RunRef) -> bool:
        return place.folder in self._made or os.path.lexists(join(self._root, place.folder))

    def _same(self, head: RunHead, place: RunRef) -> bool:
        """Whether the run that stands there came from this source, or is this run."""
        if place.folder in self._made:
            return self._made[place.folder] == head.source
        folder = join(self._root, place.folder)
        origin = read_object(folder / "meta.json").get("imported_from")
        if isinstance(origin, Mapping) and origin.get("importer") == self._importer.name:
            return bool(origin.get("source") == head.source)
        return head.digests is not None and all(
            _digest(folder / path) == digest for path, digest in head.digests.items()
        )

    def _moved(self, head: RunHead, place: RunRef) -> RunRef | None:
        """Where the run is that an earlier import brought, when somebody has moved it since."""
        if self._by_id is None:
            self._by_id = {}
            for record in self._store.list_runs(deleted=None):
                self._by_id.setdefault(record.ref.id, []).append(record.ref)
        others = self._by_id.get(place.id, [])
        return next((ref for ref in others if ref.folder != place.folder and self._same(head, ref)), None)

    def _running(self, place: RunRef) -> bool:
        return any(r.ref.folder == place.folder and r.status == "running" for r in self._store.find_runs(place.id))

    # --- Getting there

    def _read(self, source: RunSource, head: RunHead, place: RunRef, outcome: Imported) -> Imported:
        told = self._progress(head)

        def work() -> Imported:
            if self._request.preview:
                incoming = IncomingRun(None, told)
                source.read(incoming)
            else:
                incoming = self._make(source, head, place, outcome.became, told)
            return evolve(
                outcome,
                points=incoming.points,
                lines=incoming.lines,
                media=incoming.media_files,
                artifacts=len(incoming.artifacts),
                bytes=incoming.bytes,
                left_out=dict(sorted(incoming.omitted.items())),
            )

        return outcome_of(outcome, self._root, lambda: importers().owner(self._importer.name), work)

    def _progress(self, head: RunHead) -> Callable[[int], None]:
        done = 0

        def told(more: int) -> None:
            nonlocal done
            done += more
            self._told(ImportProgress(head.id, done, head.size, self._runs))

        told(0)
        return told

    def _make(
        self, source: RunSource, head: RunHead, place: RunRef, became: Became, told: Callable[[int], None]
    ) -> IncomingRun:
        final = join(self._root, place.folder)
        with staging(self._root) as beside:
            folder = beside / "run"
            folder.mkdir()
            incoming = IncomingRun(folder, told)
            try:
                source.read(incoming)
                keep_artifacts(self._root, place, incoming)
                if became == "updated":
                    incoming.keep(final)
                incoming.finish(head, place, self._importer.name)
            finally:
                incoming.close()
            final.parent.mkdir(parents=True, exist_ok=True)
            if not os.path.lexists(final):
                folder.rename(final)
            elif became in ("replaced", "updated"):
                with put_aside(beside, self._root, place.folder):
                    folder.rename(final)
            else:
                raise ImportProblem(str(final), "another run has come there meanwhile")
            flush_folder(final.parent)
        return incoming


def _ref(project: str, name: str, run_id: str) -> RunRef:
    return RunRef(run_id, project, name, f"{project}/{name}/runs/{run_id}")


def _digest(path: Path) -> str | None:
    digest = sha256()
    try:
        with path.open("rb") as file:
            while piece := file.read(1 << 20):
                digest.update(piece)
    except OSError:
        return None
    return digest.hexdigest()
