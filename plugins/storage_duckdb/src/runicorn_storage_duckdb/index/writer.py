"""Bringing runs into the tables: what is new of them, with the place up to which it was read, in one transaction."""

# ruff: noqa: S608 (what is put together are names of our own tables; every value is a parameter)
from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from runicorn.contracts import IncrementalReader
from runicorn.errors import RunicornError
from runicorn.serialize import dumps

from .batch import Batch
from .described import digest_of, run_row, value_rows
from .figures import ROWS, merged
from .pairs import curve, listed, plain
from .rollups import NEW_POINTS, Rollups
from .schema import OF_EVENTS, OF_RUNS
from .tracking import Tracked

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection
    from runicorn.contracts import Increment, RunReader, Store
    from runicorn.model.run import ExperimentRecord, RunRef
    from runicorn.types import JSON

    from .database import Database
    from .parts import Array

_log = logging.getLogger("runicorn.index")
#: Points of one transaction, roughly.
_POINTS = 1 << 18
#: Runs with at most so many figures, and four times as many as change, are written anew as a whole: quicker than to
#: look for those that change.
_FEW, _MOST = 1000, 20_000
#: Key numbers that are remembered; those of one run with a million keys are asked for again.
_KEYS = 200_000
#: The types of a table's columns, asked once.
_TYPES: dict[str, list[str]] = {}


class _State:
    """A run while it is read: as the tables have it, as they will have it, and whether its rows are made anew."""

    def __init__(self, before: Tracked, after: Tracked, increment: Increment, anew: bool) -> None:
        self.before, self.after, self.increment, self.anew = before, after, increment, anew


class Writer:
    """The one that changes the tables. Every method wants the database's ``writing`` to be held."""

    def __init__(self, database: Database, files: Store) -> None:
        self._database = database
        self.files = files
        self._keys: dict[str, int] = {}
        self._rollups = Rollups()
        self.known: dict[str, Tracked] = {}  # by folder
        self.unreadable: dict[str, str] = {}  # by folder: why its events are not, or not all, in the tables
        self._next_run, self._next_key = 1, 1
        self._checked: type[object] | None = None  # the readers' class
        self.generation = 0  # counts transactions that changed something
        self._load()

    def _load(self) -> None:
        with self._database.reading() as cursor:
            rows = cursor.execute(
                "select r.folder, r.id, r.digest, t.position, t.records, t.low_step, t.high_step, t.low_ts, t.high_ts,"
                " t.bare from runs r left join tracked t on t.run = r.id"
            ).fetchall()
            (highest_key,) = cursor.execute("select coalesce(max(id), 0) from keys").fetchall()[0]
            self._rollups.load(cursor)
        self.known = {folder: Tracked.written(row) for folder, *row in rows}
        self._next_run = max((tracked.id for tracked in self.known.values()), default=0) + 1
        self._next_key = highest_key + 1

    # --- What runs say of themselves

    def describe(self, records: Iterable[ExperimentRecord]) -> None:
        """Write the rows of runs that are new or have changed."""
        changed: list[tuple[Tracked, ExperimentRecord, str, Mapping[str, JSON]]] = []
        same: list[tuple[Tracked, ExperimentRecord]] = []
        for record in records:
            tracked = self.known.get(record.ref.folder)
            try:
                params = self.files.open_run(record.ref).read("params")
            except RunicornError:
                continue  # gone since it was listed
            digest = digest_of(record, params)
            if tracked is None:
                tracked = Tracked(self._next_run + len(changed))
            if tracked.digest == digest:
                same.append((tracked, record))
            else:
                changed.append((tracked, record, digest, params))
        if changed:
            with self._database.transaction() as cursor:
                ids = [tracked.id for tracked, *_ in changed]
                for table, column in (("runs", "id"), ("params", "run"), ("summaries", "run")):
                    _delete(cursor, table, column, ids)
                _insert(cursor, "runs", [run_row(tracked.id, record, digest) for tracked, record, digest, _ in changed])
                _insert(cursor, "params", [row for t, _, _, params in changed for row in value_rows(t.id, params)])
                _insert(cursor, "summaries", [row for t, r, *_ in changed for row in value_rows(t.id, r.summary)])
            self._next_run += len(changed)
            self.generation += 1
        for tracked, record, digest, _ in changed:
            tracked.digest, tracked.record = digest, record
            self.known[record.ref.folder] = tracked
        for tracked, record in same:
            tracked.record = record

    def forget(self, folders: Sequence[str]) -> None:
        """Remove runs that are no more."""
        ids = [self.known[folder].id for folder in folders]
        if not ids:
            return
        with self._database.transaction() as cursor:
            _delete(cursor, "runs", "id", ids)
            for table in OF_RUNS:
                _delete(cursor, table, "run", ids)
        for folder in folders:
            del self.known[folder]
            self.unreadable.pop(folder, None)
        self._rollups.forget(ids)
        self.generation += 1

    # --- What runs logged

    def follow(self, refs: Sequence[RunRef]) -> int:
        """Bring in what came in the event files of known runs.

        :returns: how many of them were brought in before the batch was full; call again for the others.
        """
        batch = Batch(self._ids_of)
        states: list[_State] = []
        done = 0
        for ref in refs:
            done += 1
            mark = batch.mark()
            try:
                state = self._begin(self.known[ref.folder], ref)
                if state is None:
                    self.unreadable.pop(ref.folder, None)
                    continue
                states.append(state)
                for block in state.increment.blocks():
                    state.after.count(block)
                    batch.add(state.after.id, block)
                    if batch.points >= _POINTS:
                        state.after.position = None  # unfinished: whoever finds it so begins this run anew
                        self._write(batch, states)
                        batch, states, state.anew = Batch(self._ids_of), [state], False
                        mark = batch.mark()
                state.after.position = state.increment.position()
                self.unreadable.pop(ref.folder, None)
            except RunicornError as error:
                # This run cannot be read now; the others can.
                if self.unreadable.get(ref.folder) != str(error):
                    _log.info("the index leaves out %s: %s", ref.folder, error)
                self.unreadable[ref.folder] = str(error)
                batch.cut(mark)
                states = [other for other in states if other is not state]
            if batch.points >= _POINTS // 2:
                break
        if states:
            self._write(batch, states)
        return done

    def _begin(self, tracked: Tracked, ref: RunRef) -> _State | None:
        """What is new of a run; None when nothing is."""
        reader = self.files.open_run(ref)
        increment = self._incremental(reader).increment(tracked.position)
        if tracked.was_read and not increment.changed:
            return None
        after = tracked.copy()
        if increment.whole:
            after.clear()
        return _State(tracked, after, increment, increment.whole)

    def _incremental(self, reader: RunReader) -> IncrementalReader:
        if type(reader) is self._checked:  # looking at a protocol takes as long as looking at a file
            return cast("IncrementalReader", reader)
        if not isinstance(reader, IncrementalReader):
            raise TypeError(f"the backend {self.files.backend!r} tells no increments")
        self._checked = type(reader)
        return reader

    def _write(self, batch: Batch, states: Sequence[_State]) -> None:
        with self._database.transaction() as cursor:
            anew = [
                state.before.id for state in states if state.anew and (state.before.records or state.before.was_read)
            ]
            for table in OF_EVENTS:
                _delete(cursor, table, "run", anew)
            if anew:
                self._rollups.forget(anew)
            if batch.points:
                known = [state.before.id for state in states if state.before.records and not state.anew]
                self._write_points(cursor, batch, known)
            _insert(cursor, "media", batch.media)
            _insert(cursor, "alerts", batch.alerts)
            _delete(cursor, "tracked", "run", [state.before.id for state in states])
            _insert(cursor, "tracked", [_tracked_row(state.after) for state in states])
        for state in states:
            state.before.take(state.after)
        self.generation += 1

    def _write_points(self, cursor: DuckDBPyConnection, batch: Batch, known: Sequence[int]) -> None:
        """:param known: runs of the batch that have figures in the tables."""
        points, fresh, stages = batch.columns()
        cursor.register("new_points", points)
        stage = "list_extract(?::varchar[], stage)" if stages else "null"
        cursor.execute(
            f"insert into points select run, key, rec, step, ts, value, {stage} from {NEW_POINTS}",
            [stages] if stages else [],
        )
        rows = self._write_series(cursor, fresh, known)
        self._rollups.extend(cursor, points, rows)
        cursor.unregister("new_points")

    def _write_series(
        self, cursor: DuckDBPyConnection, fresh: Mapping[str, Array], known: Sequence[int]
    ) -> Mapping[str, Array]:
        """Put figures to those that stand, and give what those of ``fresh`` come to."""
        if known:
            stand, those = self._standing(cursor, fresh, known)
            rows = merged({name: np.concatenate([plain(stand[name]), column]) for name, column in fresh.items()})
            if len(stand["run"]):
                cursor.execute(f"delete from series where {those}")
            cursor.unregister("fresh")
        else:
            rows = merged(fresh)
        cursor.register("merged", dict(rows))
        cursor.execute(f"insert into series {ROWS}")
        cursor.unregister("merged")
        if known:
            new = np.isin(curve(rows["run"], rows["key"]), curve(fresh["run"], fresh["key"]))
            rows = {name: column[new] for name, column in rows.items()}
        return rows

    def _standing(
        self, cursor: DuckDBPyConnection, fresh: Mapping[str, Array], known: Sequence[int]
    ) -> tuple[Mapping[str, Any], str]:
        """Figures of these runs, those of ``fresh`` at least, and the condition in SQL that is true for them."""
        few = min(max(_FEW, 4 * len(fresh["run"])), _MOST)
        columns, those = ", ".join(fresh), f"run in ({listed(known)})"
        stand = cursor.execute(f"select {columns} from series where {those} limit {few + 1}").fetchnumpy()
        if len(stand["run"]) > few:
            cursor.register("fresh", {"run": fresh["run"], "key": fresh["key"]})
            stand = cursor.execute(
                f"select {columns} from series semi join fresh using (run, key) where {those}"
            ).fetchnumpy()
            those += " and (run, key) in (select (run, key) from fresh)"
        return stand, those

    def _ids_of(self, names: Sequence[str]) -> Sequence[int]:
        missing = [name for name in names if name not in self._keys]
        if missing:
            self._number(missing)
        ids = [self._keys[name] for name in names]
        if len(self._keys) > _KEYS:
            self._keys.clear()
        return ids

    def _number(self, names: Sequence[str]) -> None:
        """Numbers of keys, in a transaction of their own: a number without points does no harm."""
        texts = list(dict.fromkeys(map(_storable, names)))
        with self._database.transaction() as cursor:
            found = dict(
                cursor.execute(
                    "select name, id from keys semi join (select unnest(?::varchar[]) as name) using (name)", [texts]
                ).fetchall()
            )
            new = [name for name in texts if name not in found]
            numbers = list(range(self._next_key, self._next_key + len(new)))
            _insert(cursor, "keys", list(zip(numbers, new, strict=True)))
        self._next_key += len(new)
        found.update(zip(new, numbers, strict=True))
        self._keys.update((name, found[_storable(name)]) for name in names)


def _storable(name: str) -> str:
    """Lone surrogates, which UTF-8 cannot carry, as question marks."""
    return name if name.isascii() else name.encode("utf-8", "replace").decode()


def _delete(cursor: DuckDBPyConnection, table: str, column: str, ids: Sequence[int]) -> None:
    if ids:
        cursor.execute(f"delete from {table} where {column} in ({', '.join(map(str, ids))})")


def _insert(cursor: DuckDBPyConnection, table: str, rows: Sequence[Sequence[object]]) -> None:
    if not rows:
        return
    types = _TYPES.get(table)
    if types is None:
        described = cursor.execute(f"describe {table}").fetchall()
        types = _TYPES[table] = [row[1] for row in described]
    columns = ", ".join(f"unnest(?::{type_}[])" for type_ in types)
    cursor.execute(f"insert into {table} select {columns}", [list(values) for values in zip(*rows, strict=True)])


def _tracked_row(state: Tracked) -> tuple[object, ...]:
    position = None if state.position is None else dumps(state.position).decode()
    finite = bool(np.isfinite(state.low_ts))
    return (
        state.id, position, state.records, state.low_step, state.high_step,
        state.low_ts if finite else None, state.high_ts if finite else None, state.bare,
    )  # fmt: skip
