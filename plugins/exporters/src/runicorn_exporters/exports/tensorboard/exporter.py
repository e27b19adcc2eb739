"""TensorBoard: a folder of event files, one for each run and stage, that TensorBoard opens as it is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TYPE_CHECKING, Any, BinaryIO

from attrs import frozen
from runicorn.errors import MissingDependency

from ..zipped import write_zip
from .hparams import session_events
from .records import beginning
from .scalars import scalar_events
from .summaries import media_events, text_events

if TYPE_CHECKING:
    from runicorn.contracts import ExportReader, FolderFile, RunReader
    from runicorn.model.metric import RecordTable


@frozen
class TensorBoardOptions:
    """What can be chosen."""

    keys: tuple[str, ...] = ()  # none: all
    exact: bool = False  # numbers with all their 64 bits; older readers know only 32
    media: bool = True  # images, sounds, histograms and texts


class TensorBoardExporter:
    """Folders are ``project/name/run``, and below it one for each stage, as TensorBoard's own users do it."""

    name = "tensorboard"
    suffix = ".tensorboard.zip"
    media_type = "application/zip"
    options = TensorBoardOptions

    def export(self, reader: ExportReader, out: BinaryIO, options: TensorBoardOptions) -> None:
        write_zip(self.files(reader, options), out)

    def files(self, reader: ExportReader, options: TensorBoardOptions) -> Iterator[FolderFile]:
        try:
            import numpy  # noqa: F401 (asked for before anything is written)
        except ImportError as error:
            raise MissingDependency("exporting to TensorBoard", "'runicorn-exporters[tensorboard]'") from error
        pieces = reader.pieces(options.keys or None)
        taken: set[str] = set()
        for run, read in zip(reader.runs, pieces, strict=True):
            tables = _held(read)
            host = _safe(run.record.hostname or "host")
            name = f"events.out.tfevents.{int(run.record.created_at):010d}.{host}"
            folder = _folder(run, taken)
            yield f"{folder}/{name}", _of_run(run, tables, options)
            for stage, meant in sorted(_stages(tables).items()):
                yield f"{folder}/{stage}/{name}", _of_stage(run, tables, meant, options)


def _folder(run: RunReader, taken: set[str]) -> str:
    """``project/name/run``; a copy that carries the same id gets a number."""
    ref = run.record.ref
    folder = "/".join(_safe(part) for part in (ref.project, *ref.name.split("/"), ref.id))
    number, wanted = 1, folder
    while folder in taken:
        number += 1
        folder = f"{wanted}-{number}"
    taken.add(folder)
    return folder


def _of_run(run: RunReader, tables: Iterable[RecordTable], options: TensorBoardOptions) -> Iterator[bytes]:
    yield beginning(run.record.created_at)
    yield from session_events(run)
    for table in tables:
        yield from _scalars(table, frozenset([None, ""]), options)
    if options.media:
        yield from media_events(run)
        yield from text_events(run)


def _of_stage(
    run: RunReader, tables: Iterable[RecordTable], stages: frozenset[str | None], options: TensorBoardOptions
) -> Iterator[bytes]:
    yield beginning(run.record.created_at)
    for table in tables:
        yield from _scalars(table, stages, options)


def _held(tables: Iterable[RecordTable]) -> Iterable[RecordTable]:
    """A run in one piece stays; one in several is read again for each file."""
    first = list(islice(tables, 2))
    return tables if len(first) > 1 else first


def _stages(tables: Iterable[RecordTable]) -> dict[str, frozenset[str | None]]:
    """Name of a folder -> the stages that it holds."""
    found: dict[str, frozenset[str | None]] = {}
    for stage in {stage for table in tables for stage in set(table.stage)}:
        if stage:
            found[_safe(stage)] = found.get(_safe(stage), frozenset()) | {stage}
    return found


def _scalars(table: RecordTable, stages: frozenset[str | None], options: TensorBoardOptions) -> Iterator[bytes]:
    import numpy as np

    step, ts = np.asarray(table.step), np.asarray(table.ts)
    here: Any = None
    if not len(table.stage) and None not in stages:
        return
    if len(table.stage):
        here = np.fromiter((stage in stages for stage in table.stage), bool, len(table.stage))
    for key, column in sorted(table.columns.items()):
        values = np.asarray(column.values)
        rows = np.arange(len(step)) if column.rows is None else np.asarray(column.rows)
        if here is not None:
            values, rows = values[here[rows]], rows[here[rows]]
        if len(rows):
            yield from scalar_events(key, step[rows], ts[rows], values, exact=options.exact)


def _safe(part: str) -> str:
    """A name as that of a folder or file on every system."""
    name = "".join("_" if character in '<>:"/\\|?*' or ord(character) < 32 else character for character in part)
    return name.strip(". ") or "_"
