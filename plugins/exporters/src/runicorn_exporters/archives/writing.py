"""``runicorn export --format archive``: the files of runs, byte for byte."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import TYPE_CHECKING, BinaryIO, ClassVar

from attrs import frozen
from runicorn.hooks import archive_parts

from . import manifest as manifests
from .containers import SUFFIXES, Kind, writing
from .content import PartContent, RunContent
from .manifest import ArchiveManifest

if TYPE_CHECKING:
    from runicorn.contracts import ExportReader


@frozen
class ArchiveOptions:
    """What can be chosen."""

    kind: Kind = "zip"  # or tar.gz, tar.zst
    parts: bool = True  # what plugins keep about the runs outside of their folders, too: artifacts


class ArchiveExporter:
    """Unpacked, an archive is a storage root. The same runs give the same bytes."""

    name = "archive"
    suffix = ".zip"
    media_type = "application/zip"
    options = ArchiveOptions
    #: Further endings of file names, and the options that they mean.
    suffixes: ClassVar = {suffix: {"kind": kind} for suffix, kind in SUFFIXES.items()}

    def export(self, reader: ExportReader, out: BinaryIO, options: ArchiveOptions) -> None:
        runs = [RunContent(run) for run in reader.runs]
        parts = list(_parts(reader)) if options.parts else []
        described = ArchiveManifest([run.described() for run in runs], [part.described() for part in parts])
        manifest = manifests.encode(described)
        with writing(options.kind, out) as archive:
            archive.add(manifests.NAME, len(manifest), 0, io.BytesIO(manifest))
            for contents in (*(part.contents() for part in parts), *(run.contents() for run in runs)):
                for name, size, modified_at, content in contents:
                    archive.add(name, size, modified_at, content)


def _parts(reader: ExportReader) -> Iterator[PartContent]:
    """What the active plugins keep about the runs."""
    first = reader.runs[0]
    root = first.folder.parents[first.record.ref.folder.count("/")]
    records = [run.record for run in reader.runs]
    for name, part in sorted(archive_parts().items()):
        content = PartContent(name, list(part.files(root, records)))
        if content.files:
            yield content
