"""What a run takes on the disk, by what it is."""

from __future__ import annotations

import os
from pathlib import Path

from attrs import frozen
from runicorn.errors import StorageError

from .manifest import NAME, Manifest, read_manifest
from .sources import stream_of


@frozen
class Sizes:
    """Bytes. ``unsealed`` is what the sealed files had before; ``points`` counts the sealed points.

    ``damaged`` says whose ``segments.json`` tells neither.
    """

    plain: int = 0
    sealed: int = 0
    unsealed: int = 0
    media: int = 0
    other: int = 0
    points: int = 0
    damaged: tuple[str, ...] = ()

    @property
    def total(self) -> int:
        return self.plain + self.sealed + self.media + self.other

    def __add__(self, more: Sizes) -> Sizes:
        return Sizes(
            self.plain + more.plain,
            self.sealed + more.sealed,
            self.unsealed + more.unsealed,
            self.media + more.media,
            self.other + more.other,
            self.points + more.points,
            self.damaged + more.damaged,
        )


def sizes_of(folder: Path) -> Sizes:
    """Of a run folder; one whose ``segments.json`` is damaged has its sizes, too."""
    manifest = Manifest()
    damaged: tuple[str, ...] = ()
    try:
        manifest = read_manifest(folder)
    except StorageError as error:
        damaged = (str(error),)
    plain = sealed = media = other = 0
    for place, folders, names in os.walk(folder):
        within = os.path.relpath(place, folder)
        folders.sort()
        for name in names:
            try:
                count = os.lstat(os.path.join(place, name)).st_size  # noqa: PTH118 (a Path per file costs more)
            except OSError:
                continue
            if within == "." and stream_of(name):
                plain += count
            elif (within == "." and name == NAME) or (within in ("metrics", "logs") and name.endswith(".parquet")):
                sealed += count
            elif Path(within).parts[:1] == ("media",):
                media += count
            else:
                other += count
    return Sizes(plain, sealed, manifest.bytes_before, media, other, manifest.points, damaged)
