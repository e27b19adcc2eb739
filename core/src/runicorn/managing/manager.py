"""``ExperimentManager``: everything that people do with runs that are there."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, TypeAlias

from attrs import evolve

from ..contracts.storage import MovingStore
from ..errors import InvalidArgument, RunicornError
from ..filters import choose_runs
from ..hooks import open_store, pick_run
from ..model.run import ExperimentRecord, RunRef, Status
from ..security import check_path, check_project
from .cleaning import Cleanup, CleanupRule, chosen
from .journal import REMOVAL, Change, Journal
from .outcome import Outcome
from .undoing import undo
from .usage import ProjectUsage, usage_of

if TYPE_CHECKING:
    from ..contracts import Store
    from ..types import JSON, PathLike

#: A run as it can be named: id (or its beginning or end), folder below the root, display name; or what lists return.
RunLike: TypeAlias = str | RunRef | ExperimentRecord


class ExperimentManager:
    """Changes runs of one storage root, many at a time. Any thread, and several processes at once.

    Every method that changes something answers an :class:`Outcome`; a run that fails stops no other. What changes can
    be undone, but for :meth:`empty`; what was so already is no change. A run that is being written may be tagged,
    pinned, archived and deleted (a mark; its process goes on writing); moving and removing it for good is refused until
    it has ended.

    :param root: a storage root, or a store that is open; None = what the configuration says.
    """

    def __init__(self, root: PathLike | Store | None = None) -> None:
        from pathlib import Path

        self._store = open_store(root) if root is None or isinstance(root, (str, Path)) else root
        self._journal = Journal(self._store.root)

    # --- Looking

    def search(
        self,
        text: str | None = None,
        *,
        filter: str | None = None,
        project: str | None = None,
        status: Status | None = None,
        tag: str | None = None,
        group: str | None = None,
        archived: bool = True,
        deleted: bool | None = False,
    ) -> list[ExperimentRecord]:
        """Runs that meet everything that is given, newest first.

        :param text: in id, project, name, displayed name, note, host, group or tags, ignoring case.
        :param filter: of the filter language, e.g. ``params.lr < 0.1 and metrics.val/acc.max > 0.9``.
        :param deleted: False = without the recycle bin, True = only it, None = both.
        :raises FilterError: the filter has no meaning.
        """
        found = choose_runs(self._store, filter, deleted=deleted) if filter else self._store.list_runs(deleted=deleted)
        wanted = text.casefold() if text else None
        return [
            run
            for run in found
            if (project is None or run.ref.project == project)
            and (status is None or run.status == status)
            and (tag is None or tag in run.tags)
            and (group is None or run.group == group)
            and (archived or not run.archived)
            and (wanted is None or wanted in _text(run))
        ]

    def recycle_bin(self) -> list[ExperimentRecord]:
        """The runs in it, newest first."""
        return list(self._store.list_runs(deleted=True))

    def usage(self) -> list[ProjectUsage]:
        """Disk space of each project, the largest first. Walks all run folders."""
        return usage_of(self._store.root, self._store.list_runs(deleted=None))

    # --- What people write about runs

    def tag(
        self,
        runs: RunLike | Iterable[RunLike],
        add: Iterable[str] = (),
        *,
        remove: Iterable[str] = (),
        replace: Iterable[str] | None = None,
    ) -> Outcome:
        """Add tags to those that a run has, and take some away; or replace all."""
        added, removed = _words(add), set(_words(remove))
        given = None if replace is None else _words(replace)

        def change(user: Mapping[str, JSON]) -> dict[str, JSON]:
            old = user.get("tags")
            has = list(old) if isinstance(old, (list, tuple)) and given is None else list(given or ())
            return {"tags": [tag for tag in dict.fromkeys([*has, *added]) if tag not in removed]}

        return self._write(runs, "tag", change)

    def note(self, runs: RunLike | Iterable[RunLike], text: str) -> Outcome:
        """Replace the note."""
        return self._write(runs, "note", lambda _: {"note": str(text)})

    def pin(self, runs: RunLike | Iterable[RunLike], value: bool = True) -> Outcome:
        """Show them first, and keep clean-ups away; or no more."""
        return self._write(runs, "pin" if value else "unpin", lambda _: {"pinned": bool(value)})

    def archive(self, runs: RunLike | Iterable[RunLike], value: bool = True) -> Outcome:
        """Hide them from lists; or show them again. Nothing is removed."""
        return self._write(runs, "archive" if value else "unarchive", lambda _: {"archived": bool(value)})

    def rename(self, run: RunLike, name: str | None) -> Outcome:
        """Show a run under another name; None or nothing: under its id. The id stays."""
        return self._write(run, "rename", lambda _: {"display_name": name or None})

    def group(self, runs: RunLike | Iterable[RunLike], name: str | None) -> Outcome:
        """Put runs into a group; None: back into the one that their process gave, if any."""
        return self._write(runs, "group", lambda _: {"group": name or None})

    def edit(
        self, run: RunLike, *, tags: Iterable[str] | None = None, note: str | None = None, name: str | None = None
    ) -> Outcome:
        """Replace what people wrote about a run, as one change; what is None stays, and an empty name shows the id."""
        new: dict[str, JSON] = {}
        if tags is not None:
            new["tags"] = list(dict.fromkeys(_words(tags)))
        if note is not None:
            new["note"] = str(note)
        if name is not None:
            new["display_name"] = name or None
        return self._write(run, "edit", lambda _: new)

    def _write(
        self,
        runs: RunLike | Iterable[RunLike],
        verb: str,
        change: Callable[[Mapping[str, JSON]], dict[str, JSON]],
    ) -> Outcome:
        """Change keys of what people wrote, and remember what they were."""

        def act(run: ExperimentRecord) -> tuple[str, dict[str, JSON]]:
            step: dict[str, JSON] = {}

            def edit(user: dict[str, JSON]) -> dict[str, JSON]:
                new = change(user)
                before = {key: user.get(key) for key in new}
                if any((old or None) != (new[key] or None) for key, old in before.items()):
                    step.update(folder=run.ref.folder, before=before, after=new)
                return {**user, **new}

            self._store.update_user(run.ref, edit)
            return run.ref.folder, step

        return self._each(runs, verb, "user", act)

    # --- Where runs are

    def move(self, runs: RunLike | Iterable[RunLike], project: str | None = None, name: str | None = None) -> Outcome:
        """Move runs to another project or name; what is None stays. The id stays, too.

        :raises UnsafePath: a name that cannot be a folder everywhere.
        :raises InvalidArgument: neither is given, or the backend cannot move runs.
        """
        store = self._store
        if project is None and name is None:
            raise InvalidArgument("project", project, "or a name is needed")
        if not isinstance(store, MovingStore):
            raise InvalidArgument("backend", store.backend, "cannot move runs")
        to_project = None if project is None else check_project(project)
        to_name = None if name is None else check_path("name", name)

        def act(run: ExperimentRecord) -> tuple[str, dict[str, JSON]]:
            moved = store.move(run.ref, to_project or run.ref.project, to_name or run.ref.name)
            if moved.folder == run.ref.folder:
                return moved.folder, {}
            return moved.folder, {"folder": moved.folder, "project": run.ref.project, "name": run.ref.name}

        return self._each(runs, "move", "move", act)

    # --- The recycle bin

    def delete(self, runs: RunLike | Iterable[RunLike], reason: str = "") -> Outcome:
        """Move runs to the recycle bin: a mark, no data moves."""

        def act(run: ExperimentRecord) -> tuple[str, dict[str, JSON]]:
            if run.deleted_at is not None:
                raise InvalidArgument("run", run.ref.folder, "is in the recycle bin already")
            self._store.soft_delete(run.ref, reason)
            return run.ref.folder, {"folder": run.ref.folder}

        return self._each(runs, "delete", "delete", act)

    def restore(self, runs: RunLike | Iterable[RunLike]) -> Outcome:
        """Bring runs back from the recycle bin."""

        def act(run: ExperimentRecord) -> tuple[str, dict[str, JSON]]:
            if run.deleted_at is None:
                raise InvalidArgument("run", run.ref.folder, "is not in the recycle bin")
            self._store.restore(run.ref)
            return run.ref.folder, {"folder": run.ref.folder, "reason": run.delete_reason}

        return self._each(runs, "restore", "restore", act)

    def empty(self, runs: RunLike | Iterable[RunLike] | None = None) -> Outcome:
        """Remove what is in the recycle bin for good; None = everything in it. This cannot be undone, and
        :meth:`undo` says so once before it goes on with what was changed earlier.

        A run that a living process still writes stays.
        """

        def act(run: ExperimentRecord) -> tuple[str, dict[str, JSON]]:
            if run.status == "running":
                raise InvalidArgument("run", run.ref.folder, "is still being written; it can be removed once it ended")
            self._store.purge(run.ref)
            return run.ref.folder, {"folder": run.ref.folder}

        outcome = self._each(self.recycle_bin() if runs is None else runs, "remove", REMOVAL, act)
        return evolve(outcome, change=None)

    def cleanup(self, rule: CleanupRule, *, dry_run: bool = True) -> Cleanup:
        """Move runs to the recycle bin by age, status and size. Unless ``dry_run`` is False, only say which.

        :raises InvalidArgument: the rule names neither age nor status nor size.
        """
        found = chosen(self._store.root, self._store.list_runs(), rule)
        if dry_run:
            return Cleanup(tuple(found), sum(found.values()), done=False)
        outcome = self.delete(found, "clean-up")
        taken = {*outcome.changed}
        moved = {ref: size for ref, size in found.items() if ref.folder in taken}
        return Cleanup(tuple(moved), sum(moved.values()), done=True, errors=outcome.errors, change=outcome.change)

    # --- Undo

    def changes(self) -> list[Change]:
        """What can be undone, newest first."""
        return self._journal.changes()

    def undo(self, change: str | None = None) -> Outcome:
        """Undo a change; None = the newest. What somebody changed since then stays, and is named in ``errors``.

        :raises NothingToUndo: there is no such change, or it was undone already; or the newest one removed runs for
            good, which is said once: the next call undoes what was changed before that.
        """
        found = self._journal.find(change)
        outcome = undo(self._store, found)
        self._journal.undone(found.id)
        return outcome

    # --- Several runs

    def _each(
        self,
        runs: RunLike | Iterable[RunLike],
        verb: str,
        kind: str,
        act: Callable[[ExperimentRecord], tuple[str, dict[str, JSON]]],
    ) -> Outcome:
        """Do something with each run.

        :param kind: how it is undone.
        :param act: does it; returns the folder, and what undoing needs: nothing where all was so already.
        """
        known = self._store.list_runs(deleted=None)
        by_folder = {record.ref.folder: record for record in known}
        wanted = [runs] if isinstance(runs, (str, RunRef, ExperimentRecord)) else list(runs)
        changed, steps, errors = [], [], {}
        for one in wanted:
            label = one if isinstance(one, str) else (one if isinstance(one, RunRef) else one.ref).folder
            try:
                record = by_folder.get(label) or pick_run(known, label, self._store.root)
                if record.ref.folder in changed:
                    continue
                folder, step = act(record)
            except (RunicornError, OSError) as error:
                errors[label] = str(error)
                continue
            changed.append(folder)
            if step:
                steps.append(step)
        change = None
        if steps:
            change = self._journal.add(f"{verb} {len(steps)} {'run' if len(steps) == 1 else 'runs'}", kind, steps)
        return Outcome(tuple(changed), errors, change)


def _words(tags: Iterable[str]) -> list[str]:
    words = [tags] if isinstance(tags, str) else list(tags)
    for tag in words:
        if not isinstance(tag, str) or not tag:
            raise InvalidArgument("tag", tag, "must be a text that is not empty")
    return words


def _text(run: ExperimentRecord) -> str:
    ref = run.ref
    held = (ref.id, ref.project, ref.name, run.display_name or "", run.note, run.hostname, run.group or "", *run.tags)
    return "\n".join(held).casefold()
