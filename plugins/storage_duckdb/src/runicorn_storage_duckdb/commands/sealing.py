"""``runicorn storage seal``, ``unseal`` and ``compact``."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click
from runicorn.errors import StorageError
from runicorn.hooks import open_store
from runicorn.model.run import ExperimentRecord

from .choosing import chosen_runs, dry_run_option, run_options
from .outcomes import Outcome, tell
from .telling import progress

if TYPE_CHECKING:
    from runicorn.contracts import Store

    from ..segments.seal import Progress, Sealed

_OPEN = re.compile(r"is open in process .*")


@click.command()
@run_options
@dry_run_option
@click.option(
    "--min-bytes", type=click.IntRange(0), default=None, help="Leave smaller runs as they are.  [default: 16384]"
)
def seal(
    runs: tuple[str, ...], project: str | None, root: Path | None, as_json: bool, dry_run: bool, min_bytes: int | None
) -> None:
    """Turn the event and log files of finished runs into Parquet segments: all of the root, or those named.

    Each is read back and compared before its files are removed; runs that may still be written stay as they are.
    """
    from ..segments.endings import why_not
    from ..segments.seal import WORTHWHILE, seal_run, unsealed_bytes

    worthwhile = WORTHWHILE if min_bytes is None else min_bytes

    store = open_store(root)
    records = chosen_runs(store, runs, project)

    def left(record: ExperimentRecord) -> str | None:
        folder = store.open_run(record.ref).folder
        waiting = unsealed_bytes(folder)
        if waiting is None:
            return "nothing to seal"
        reason = why_not(store.open_run(record.ref))
        if reason is None and waiting < worthwhile and not runs:
            return f"smaller than {worthwhile:,} bytes"
        return reason

    def act(record: ExperimentRecord, tick: Progress) -> Sealed:
        reader = store.open_run(record.ref)
        return seal_run(reader.folder, lambda: why_not(reader), tick)

    def waits(record: ExperimentRecord) -> int:
        return unsealed_bytes(store.open_run(record.ref).folder) or 0

    outcomes = _each(store, records, "sealing", left, waits, act, dry_run=dry_run, named=bool(runs))
    tell(outcomes, "sealed", as_json=as_json, dry_run=dry_run)


@click.command()
@run_options
@dry_run_option
@click.option("--all", "everything", is_flag=True, help="Every sealed run of the root.")
def unseal(
    runs: tuple[str, ...], project: str | None, root: Path | None, as_json: bool, dry_run: bool, everything: bool
) -> None:
    """Bring back the event and log files of sealed runs, byte for byte."""
    from ..segments.manifest import read_manifest
    from ..segments.seal import unseal_run

    if not runs and project is None and not everything:
        raise click.UsageError("which runs? Give --run, --project or --all")
    store = open_store(root)
    outcomes = _each(
        store,
        chosen_runs(store, runs, project),
        "unsealing",
        lambda record: None if read_manifest(_folder(store, record)).sources else "not sealed",
        lambda record: read_manifest(_folder(store, record)).bytes_before,
        lambda record, tick: unseal_run(_folder(store, record), tick).turned(),
        dry_run=dry_run,
        named=bool(runs),
    )
    tell(outcomes, "unsealed", as_json=as_json, dry_run=dry_run)


@click.command()
@run_options
@dry_run_option
def compact(runs: tuple[str, ...], project: str | None, root: Path | None, as_json: bool, dry_run: bool) -> None:
    """Merge the segments of runs that were resumed and sealed again."""
    from ..segments.manifest import read_manifest
    from ..segments.seal import compact_run

    store = open_store(root)

    def left(record: ExperimentRecord) -> str | None:
        count = len(read_manifest(_folder(store, record)).segments)
        return None if count > 1 else "one segment" if count else "not sealed"

    outcomes = _each(
        store,
        chosen_runs(store, runs, project),
        "merging",
        left,
        lambda record: read_manifest(_folder(store, record)).bytes_before,
        lambda record, tick: compact_run(_folder(store, record), tick),
        dry_run=dry_run,
        named=bool(runs),
    )
    tell(outcomes, "merged", as_json=as_json, dry_run=dry_run)


def _folder(store: Store, record: ExperimentRecord) -> Path:
    return store.open_run(record.ref).folder


def _each(
    store: Store,
    records: Sequence[ExperimentRecord],
    what: str,
    left: Callable[[ExperimentRecord], str | None],
    waits: Callable[[ExperimentRecord], int],
    act: Callable[[ExperimentRecord, Progress], Sealed],
    *,
    dry_run: bool,
    named: bool,
) -> list[Outcome]:
    """Do it to one run after the other; one that fails stops none of the others.

    :param named: the user named these runs: one that is left as it is is a failure.
    """
    outcomes: list[Outcome] = []
    chosen: list[tuple[ExperimentRecord, int]] = []
    for record in records:
        try:
            reason = left(record)
            if reason is None:
                chosen.append((record, waits(record)))
            else:
                failed = named and reason not in ("nothing to seal", "one segment")
                outcomes.append(Outcome(record.ref.folder, left=reason if named else _short(reason), failed=failed))
        except StorageError as error:
            outcomes.append(Outcome(record.ref.folder, left=str(error), failed=True))
    with progress(what, 0 if dry_run else sum(size for _, size in chosen)) as tick:
        for record, size in chosen:
            if dry_run:
                outcomes.append(Outcome(record.ref.folder, bytes_before=size))
                continue
            try:
                done = act(record, tick)
            except StorageError as error:
                outcomes.append(Outcome(record.ref.folder, left=str(error), failed=True))
            else:
                outcomes.append(Outcome(record.ref.folder, done.bytes_before, done.bytes_now, done.points, done.lines))
    store.close()
    return outcomes


def _short(reason: str) -> str:
    """Alike for all runs, so that they can be counted together."""
    return _OPEN.sub("open in another process", reason)
