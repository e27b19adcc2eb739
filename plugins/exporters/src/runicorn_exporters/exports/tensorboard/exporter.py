"""TensorBoard: a folder of event files, one for each run and stage, that TensorBoard opens as it is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, BinaryIO

from attrs import frozen
from runicorn.errors import MissingDependency

from ..zipped import write_zip
from .hparams import session_events
from .numbers import Numbers
from .records import beginning
from .summaries import media_events, text_events

if TYPE_CHECKING:
    from runicorn.contracts import ExportReader, FolderFile, RunReader


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
            numbers = Numbers(read)
            host = _safe(run.record.hostname or "host")
            name = f"events.out.tfevents.{int(run.record.created_at):010d}.{host}"
            folder = _folder(run, taken)
            yield f"{folder}/{name}", _of_run(run, numbers, options)
            for stage, meant in sorted(_stages(numbers).items()):
                yield f"{folder}/{stage}/{name}", _of_stage(run, numbers, meant, options)


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


def _of_run(run: RunReader, numbers: Numbers, options: TensorBoardOptions) -> Iterator[bytes]:
    yield beginning(run.record.created_at)
    yield from session_events(run)
    yield from numbers.events(frozenset([None, ""]), exact=options.exact)
    if options.media:
        yield from media_events(run)
        yield from text_events(run)


def _of_stage(
    run: RunReader, numbers: Numbers, stages: frozenset[str | None], options: TensorBoardOptions
) -> Iterator[bytes]:
    yield beginning(run.record.created_at)
    yield from numbers.events(stages, exact=options.exact)


def _stages(numbers: Numbers) -> dict[str, frozenset[str | None]]:
    """Name of a folder -> the stages that it holds."""
    found: dict[str, frozenset[str | None]] = {}
    for stage in numbers.stages:
        if stage:
            found[_safe(stage)] = found.get(_safe(stage), frozenset()) | {stage}
    return found


def _safe(part: str) -> str:
    """A name as that of a folder or file on every system."""
    name = "".join("_" if character in '<>:"/\\|?*' or ord(character) < 32 else character for character in part)
    return name.strip(". ") or "_"
