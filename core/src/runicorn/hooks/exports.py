"""``register_exporters``: runs into files of other formats, whole or not at all."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from ..appearing import appearing
from ..errors import InvalidArgument, PluginError, RunicornError, StorageError
from .calling import Offers, offers
from .exporting import Counter, Told, WatchedOutput, WatchedReader
from .formats import chosen_options, no_such_format, with_options

if TYPE_CHECKING:
    from ..contracts import Exporter, ExportReader

_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def exporters() -> Offers[Exporter]:
    """Every exporter of the active plugins, by name."""
    return offers(
        "register_exporters",
        "exporter",
        lambda result: with_options(result, "suffix", "media_type", "export"),
        lambda name, _: f"exporter {name}",
    )


def check_export(name: str, options: Mapping[str, Any] | None = None) -> tuple[Exporter, Any]:
    """The exporter of a format and its options, before anything is written.

    :param name: an exporter's name.
    :param options: field name of the exporter's options -> value, or its text.
    :raises InvalidArgument: there is no such exporter, or an option is unknown or unusable.
    :raises PluginConflict: several plugins provide it, and nothing is preferred.
    """
    known = exporters()
    exporter = known.get(name)
    if exporter is None:
        raise no_such_format("format", name, "exporter", known)
    return exporter, chosen_options(exporter, options)


def export_runs(
    name: str,
    reader: ExportReader,
    out: BinaryIO,
    options: Mapping[str, Any] | None = None,
    told: Told | None = None,
) -> None:
    """Write runs in the format of one exporter.

    :param name: an exporter's name.
    :param options: field name of the exporter's options -> value, or its text.
    :param told: called with an :class:`~.exporting.ExportProgress` before a run is read and when something is written.
        What it raises (e.g. ``Cancelled``) ends the export.
    :raises InvalidArgument: there is no such exporter, or an option is unknown or unusable.
    :raises PluginConflict: several plugins provide it, and nothing is preferred.
    :raises PluginError: the exporter failed; what has been written is of no use.
    """
    exporter, chosen = check_export(name, options)
    if told is not None:
        counter = Counter(len(reader.runs), told)
        reader, out = WatchedReader(reader, counter), WatchedOutput(out, counter)  # type: ignore[assignment]
    _contained(name, lambda: exporter.export(reader, out, chosen))


def _contained(name: str, work: Callable[[], None]) -> None:
    try:
        work()
    except (RunicornError, BrokenPipeError):
        raise
    except Exception as error:
        owner = exporters().owner(name)
        raise PluginError(owner, f"exporting {name}", f"{type(error).__name__}: {error}") from error


def export_to_file(
    name: str,
    reader: ExportReader,
    path: Path,
    options: Mapping[str, Any] | None = None,
    told: Told | None = None,
) -> None:
    """Like :func:`export_runs`, into a file that appears when it is whole. An existing file stays until then.

    :raises InvalidArgument: there is a folder at ``path``, or none to put it into; nothing was read for it.
    :raises StorageError: the file cannot be written.
    """
    exporter, _ = check_export(name, options)
    if path.is_dir():
        raise InvalidArgument(
            "output", str(path), f"is a folder; name a file in it, such as {path / 'runs'}{exporter.suffix}"
        )
    _check_parent(path)
    with _whole(path) as beside, beside.open("wb") as file:
        export_runs(name, reader, file, options, told)


def export_to_folder(
    name: str,
    reader: ExportReader,
    path: Path,
    options: Mapping[str, Any] | None = None,
    told: Told | None = None,
) -> None:
    """Like :func:`export_to_file`, into a folder, where the format is one (:class:`FolderExporter`).

    :raises InvalidArgument: the format is one file, or there is something at ``path`` already.
    :raises StorageError: the folder cannot be written.
    """
    from ..contracts import FolderExporter
    from ..security import join

    exporter, chosen = check_export(name, options)
    if not isinstance(exporter, FolderExporter):
        raise InvalidArgument("format", name, "is one file, not a folder")
    if path.exists() and (not path.is_dir() or any(path.iterdir())):
        raise InvalidArgument("output", str(path), "exists already and is no empty folder; name another one")
    _check_parent(path)
    counter = Counter(len(reader.runs), told or (lambda _: None))

    def work(folder: Path) -> None:
        for relative, pieces in exporter.files(WatchedReader(reader, counter), chosen):
            target = join(folder, relative)
            target.parent.mkdir(parents=True, exist_ok=True)
            with target.open("xb") as file:
                out = WatchedOutput(file, counter)
                for piece in pieces:
                    out.write(piece)
                file.flush()
                os.fsync(file.fileno())

    with _whole(path, folder=True) as beside:
        _contained(name, lambda: work(beside))


@contextmanager
def _whole(path: Path, *, folder: bool = False) -> Iterator[Path]:
    try:
        with appearing(path, folder=folder) as beside:
            yield beside
    except OSError as error:
        raise _mapped(error, path) from error
    except PluginError as error:
        if isinstance(cause := error.__cause__, OSError) and cause.errno in _NO_ROOM:
            raise _mapped(cause, path) from cause  # the disk's fault, not the plugin's
        raise


def _check_parent(path: Path) -> None:
    if not path.parent.is_dir():
        raise InvalidArgument("output", str(path), f"cannot be made: there is no folder {path.parent}; make it first")


def _mapped(error: OSError, path: Path) -> RunicornError:
    if isinstance(error, RunicornError):
        return error
    return StorageError("exporting", str(path), error.strerror or str(error))
