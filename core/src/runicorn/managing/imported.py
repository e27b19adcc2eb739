"""What is asked of an import, how far it is, what became of each run."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, TypeAlias

from attrs import field, frozen

#: ``update``: where another run has the place, like ``skip``; what an earlier import brought, and has grown since, is
#: brought up to date.
Conflict: TypeAlias = Literal["skip", "update", "rename", "overwrite"]
#: ``there``: an earlier import brought it, or it is the same run. ``skipped``: another run has its place.
Became: TypeAlias = Literal["added", "updated", "replaced", "renamed", "there", "skipped", "failed"]
ANEW = frozenset(["added", "updated", "replaced", "renamed"])


@frozen
class ImportProgress:
    """How far an import is."""

    run: str  # what is being read, as its source calls it
    done: int  # of ``total``: what was read of this run, in bytes
    total: int
    runs: int  # that are done


@frozen
class Imported:
    """What became of one run. In a preview: what would become of it."""

    source: str
    run: str  # its folder below the root
    became: Became
    reason: str = ""  # why it was skipped, or failed; that it has grown since it came
    points: int = 0
    lines: int = 0
    media: int = 0
    artifacts: int = 0
    bytes: int = 0
    left_out: Mapping[str, int] = field(factory=dict)  # what had no place here -> how many
    part: str = ""  # not a run, but what a plugin keeps about the runs: ``artifacts``
    told: tuple[str, ...] = ()  # what else there is to say, in sentences

    @property
    def brought(self) -> bool:
        return self.became in ANEW


@frozen
class ImportRequest:
    """What is to be imported, and how."""

    path: Path
    importer: str | None = None  # None: the one that fits
    options: Mapping[str, Any] = field(factory=dict)
    conflict: Conflict = "skip"
    project: str | None = None  # put the runs into this project instead of their own
    preview: bool = False  # read everything, write nothing
