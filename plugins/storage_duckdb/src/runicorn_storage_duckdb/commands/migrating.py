"""``runicorn storage migrate``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click
from runicorn.errors import RunicornError
from runicorn.hooks import open_store

from .choosing import dry_run_option, json_option
from .outcomes import Outcome, tell
from .telling import progress

if TYPE_CHECKING:
    from runicorn.model.run import ExperimentRecord

    from ..migration.migrate import Migration

_BEFORE = "brought over before"


@click.command()
@click.argument("source", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.argument("target", type=click.Path(file_okay=False, path_type=Path))
@click.option("--backend", help="What reads the source; default: what fits it best.")
@dry_run_option
@json_option
def migrate(source: Path, target: Path, backend: str | None, dry_run: bool, as_json: bool) -> None:
    """Bring the runs of SOURCE over into TARGET, in today's layout.

    SOURCE may be a root of Runicorn 0.5 or 0.7, or of any backend; it is only read. Each run is compared with its
    source before it counts. A migration that was stopped goes on where it was. What a source has gained since it was
    migrated comes over when it is migrated again, unless the run was changed in TARGET, too.
    """
    from ..migration.migrate import SHARED, Migration
    from ..segments.sizes import sizes_of

    store = open_store(source, backend)
    migration = Migration(store, target.expanduser().absolute())
    records = sorted(store.list_runs(deleted=None), key=lambda record: record.created_at)
    outcomes: list[Outcome] = []
    sizes = {record.ref.folder: sizes_of(store.open_run(record.ref).folder).total for record in records}
    with progress("migrating", 0 if dry_run else sum(sizes.values())) as tick:
        for record in records:
            run = record.ref.folder
            if record.status == "running":
                outcomes.append(Outcome(run, left="still running; migrate again when it has ended"))
            else:
                try:
                    outcomes.append(_tried(migration, record, sizes[run]) if dry_run else _done(migration, record))
                except (RunicornError, OSError) as error:
                    outcomes.append(Outcome(run, left=str(error), failed=True))
            tick(sizes[run])
    shared: list[str] = []
    for name in () if dry_run else SHARED:
        try:
            shared += [name] if migration.share(name) else []
        except (RunicornError, OSError) as error:
            outcomes.append(Outcome(name, left=str(error), failed=True))
    store.close()
    if shared and not as_json:
        click.echo(f"copied as they are: {', '.join(shared)}")
    tell(outcomes, "migrated", as_json=as_json, dry_run=dry_run)


def _done(migration: Migration, record: ExperimentRecord) -> Outcome:
    done = migration.run(record)
    if done.there:
        return Outcome(record.ref.folder, left=_BEFORE)
    return Outcome(record.ref.folder, done.bytes_before, done.bytes_after, done.points)


def _tried(migration: Migration, record: ExperimentRecord, size: int) -> Outcome:
    """Of a dry run. :raises StorageError: it would fail."""
    there = not migration.would_bring(record)
    return Outcome(record.ref.folder, left=_BEFORE) if there else Outcome(record.ref.folder, size)
