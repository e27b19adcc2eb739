"""A folder of files as one ZIP, written from the first byte to the last."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, BinaryIO, cast
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from .counted import Counted

if TYPE_CHECKING:
    from runicorn.contracts import FolderFile


def write_zip(files: Iterable[FolderFile], out: BinaryIO) -> None:
    """The same files give the same bytes."""
    with ZipFile(cast(BinaryIO, Counted(out)), "w", ZIP_DEFLATED, compresslevel=1) as archive:
        for name, pieces in files:
            about = ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            about.compress_type = ZIP_DEFLATED
            about.external_attr = 0o644 << 16
            with archive.open(about, "w", force_zip64=True) as file:
                for piece in pieces:
                    file.write(piece)
