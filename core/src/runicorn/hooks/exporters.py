"""``register_exporters``: runs into files of other formats, whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import attrs

from ..config.values import structure
from ..errors import ConfigError, InvalidArgument, PluginError, RunicornError, StorageError
from .calling import Offers, named, offers

if TYPE_CHECKING:
    from ..contracts import Exporter, ExportReader, RunReader, Store
    from ..model.metric import RecordTable
    from ..model.run import RunRef


def exporters() -> Offers[Exporter]:
    """Every exporter of the active plugins, by name."""
    return offers("register_exporters", "exporter", _checked, lambda name, _: f"exporter {name}")


def _checked(result: Iterable[Exporter]) -> list[tuple[str, Exporter]]:
    pairs = named(result, "suffix", "media_type", "options", "export")
    for name, exporter in pairs:
        if not attrs.has(exporter.options):
            raise TypeError(f"returned {name!r}, whose options are no attrs class")
    return pairs


@attrs.frozen
class Selection:
    """Runs of one store, as exporters read them (:class:`runicorn.contracts.ExportReader`)."""

    store: Store
    refs: Sequence[RunRef]
    runs: Sequence[RunReader] = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        object.__setattr__(self, "runs", [self.store.open_run(ref) for ref in self.refs])

    def metrics(self, keys: Sequence[str] | None = None) -> Sequence[RecordTable]:
        return self.store.read_metrics(self.refs, keys)


def export_runs(name: str, reader: ExportReader, out: BinaryIO, options: Mapping[str, Any] | None = None) -> None:
    """Write runs in the format of one exporter.

    :param name: an exporter's name.
    :param options: field name of the exporter's options -> value, or its text.
    :raises InvalidArgument: there is no such exporter, or an option is unknown or unusable.
    :raises PluginConflict: several plugins provide it, and nothing is preferred.
    :raises PluginError: the exporter failed; what has been written is of no use.
    """
    known = exporters()
    exporter = known.get(name)
    if exporter is None:
        raise InvalidArgument("format", name, f"is no exporter of an active plugin (there are: {_listed(known)})")
    try:
        chosen = structure(name, exporter.options, dict(options or {}), {})
    except ConfigError as error:
        raise InvalidArgument("option", error.key, error.reason) from error
    try:
        exporter.export(reader, out, chosen)
    except (RunicornError, BrokenPipeError):
        raise
    except Exception as error:
        raise PluginError(known.owner(name), f"exporting {name}", f"{type(error).__name__}: {error}") from error


def _listed(known: Iterable[str]) -> str:
    return ", ".join(sorted(known)) or "none"


def export_to_file(name: str, reader: ExportReader, path: Path, options: Mapping[str, Any] | None = None) -> None:
    """Like :func:`export_runs`, into a file that appears when it is whole. An existing file stays until then.

    :raises StorageError: the file cannot be written.
    """
    beside = path.with_name(f".{path.name}.{os.getpid():x}{os.urandom(3).hex()}.tmp")
    try:
        with beside.open("xb") as file:
            export_runs(name, reader, file, options)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except OSError as error:
        beside.unlink(missing_ok=True)
        if isinstance(error, RunicornError):
            raise
        raise StorageError("exporting", str(path), error.strerror or str(error)) from error
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
