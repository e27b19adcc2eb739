"""What a statement sees: the views of the run folder's format, with ids for runs and names for metrics."""

# ruff: noqa: S608 (what is put together are our own names)
from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pyarrow as pa
from runicorn.contracts.storage import SystemReader

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection
    from runicorn.contracts import RunReader, Store

    from .wanted import Wanted

_RUN = "r.run, r.folder"
_OF = "join {main}.runs r on t.run = r.id"

VIEWS = {
    "runs": """select run, folder, project, name, display_name, status, created_at, started_at, ended_at,
        duration_s, host, "group", job_type, tags, note, pinned, archived, deleted, best, best_metric, best_step
        from {main}.runs""",
    "params": f"select {_RUN}, t.key, t.value, t.number from {{main}}.params t {_OF}",
    "summaries": f"select {_RUN}, t.key, t.value, t.number from {{main}}.summaries t {_OF}",
    "series": f"""select {_RUN}, k.name as key, t.n, t.first_step, t.last_step, t.last, t.min, t.min_step, t.max,
        t.max_step, t.mean, t.n_nan, t.n_posinf, t.n_neginf, t.last_ts
        from {{main}}.series t {_OF} join {{main}}.keys k on t.key = k.id""",
    "metrics": f"""select {_RUN}, k.name as key, t.step, t.ts, t.value, t.stage, t.rec as record
        from {{main}}.points t {_OF} join {{main}}.keys k on t.key = k.id""",
    "media": f"select {_RUN}, t.key, t.step, t.ts, t.kind, t.path, t.caption from {{main}}.media t {_OF}",
    "alerts": f"select {_RUN}, t.ts, t.step, t.level, t.title, t.text from {{main}}.alerts t {_OF}",
    "artifacts": """select a ->> '$.name' as name, a ->> '$.type' as type,
        try_cast(a ->> '$.version' as integer) as version, run, folder, a ->> '$.role' as role,
        coalesce(try_cast(coalesce(a ->> '$.at', a ->> '$.created_at', a ->> '$.used_at') as double), created_at)
        as created_at, try_cast(coalesce(a ->> '$.size', a ->> '$.size_bytes') as bigint) as bytes,
        try_cast(coalesce(a ->> '$.files', a ->> '$.num_files') as bigint) as files
        from (select run, folder, created_at, unnest(from_json(artifacts, '["JSON"]')) as a
        from {main}.runs where artifacts is not null)""",
}

#: Read from the files of every run, by whoever asks for them.
READ = {
    "logs": "run varchar, folder varchar, n bigint, ts double, stream varchar, level varchar, text varchar",
    "system": "run varchar, folder varchar, key varchar, ts double, value double",
}
_PAGE = 5000


def make_views(cursor: DuckDBPyConnection, main: str) -> dict[str, str]:
    """Views of this connection alone, under which nothing else is found without its schema's name; as SQL."""
    made = {name: sql.format(main=main) for name, sql in VIEWS.items()}
    for name, sql in made.items():
        cursor.execute(f"create temp view {name} as {sql}")
    for name, columns in READ.items():
        cursor.execute(f"create temp table {name} ({columns})")
    cursor.execute("use memory")
    return made


def fill(cursor: DuckDBPyConnection, store: Store, name: str, wanted: Wanted | None) -> None:
    """Read ``logs`` or ``system`` of runs.

    :param wanted: those that :func:`wanted_runs` names; None = all.
    """
    for record in store.list_runs(deleted=None):
        if wanted is not None and ("run", record.ref.id) not in wanted and ("folder", record.ref.folder) not in wanted:
            continue
        reader = store.open_run(record.ref)
        rows = _log_rows(reader) if name == "logs" else _system_rows(reader)
        for page in rows:
            if page:
                columns = [pa.array(column) for column in zip(*page, strict=True)]
                ends = [pa.array([end] * len(page)) for end in (record.ref.id, record.ref.folder)]
                names = [part.split()[0] for part in READ[name].split(", ")]
                cursor.register("these_rows", pa.table([*ends, *columns], names=names))
                cursor.execute(f"insert into {name} select * from these_rows")
                cursor.unregister("these_rows")


def _log_rows(reader: RunReader) -> Iterator[list[tuple[object, ...]]]:
    offset = 0
    while True:
        page = reader.logs(offset, _PAGE)
        yield [(line.n, line.time, line.stream, line.level or "", line.text) for line in page.lines]
        if not page.lines or page.next_offset >= page.size:
            return
        offset = page.next_offset


def _system_rows(reader: RunReader) -> Iterator[list[tuple[object, ...]]]:
    for series in reader.system() if isinstance(reader, SystemReader) else ():
        yield [(series.key, float(ts), float(value)) for ts, value in zip(series.ts, series.values, strict=True)]
