"""The lines of a file of the run folder, wherever they stand: in the file itself, or in segments."""

from __future__ import annotations

from pathlib import Path
from typing import TypeAlias

from .growing import GrowingFile
from .sealed import Sealed
from .sealedfile import SealedFile

Lines: TypeAlias = GrowingFile | SealedFile


def lines_at(folder: Path, name: str, sealed: Sealed) -> Lines:
    """The lines of a file from its first one on. A file that is sealed counts no more itself."""
    return SealedFile(folder, name, sealed) if name in sealed.sources else GrowingFile(folder / name)


def same_lines(lines: Lines) -> Lines:
    """The same lines, from the first one on."""
    return GrowingFile(lines.path) if isinstance(lines, GrowingFile) else lines.again()


def stands(lines: Lines, sealed: Sealed) -> bool:
    """Whether the lines are where they were: in a file that was not sealed, or in the same segments."""
    if isinstance(lines, SealedFile):
        return lines.sealed is sealed
    return lines.name not in sealed.sources


def moved(lines: Lines, folder: Path, name: str, sealed: Sealed) -> Lines:
    """The same place in the same lines, where they were sealed or brought back meanwhile."""
    if stands(lines, sealed):
        return lines
    if name in sealed.sources:
        return SealedFile(folder, name, sealed, lines.offset)
    file = GrowingFile(folder / name)
    file.continue_at(lines.offset)
    return file
