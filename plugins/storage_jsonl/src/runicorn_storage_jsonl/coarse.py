"""Curves of a sealed run from the rollups beside its points, where the chart's buckets are as wide as theirs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import inf
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from runicorn.model.grid import halvings, width_for
from runicorn.serialize import loads

from .events import event_files
from .parquet import nulls_of, read_where
from .partial import Part, join
from .sealed import NAME, Sealed, SealedFiles

#: Steps of a stretch, the coarsest first.
_WIDTHS = (4096, 64)
_EXACT = 2**53
_COUNTS = ("n", "n_nan", "n_posinf", "n_neginf")


class Coarse(NamedTuple):
    """Keys of a run over all of its steps."""

    parts: dict[str, Part]
    low: int
    high: int
    width: float
    records: int


def coarse_curves(folder: Path, keys: Sequence[str], buckets: int) -> Coarse | None:
    """The curves over steps, on the run's own grid; None where its points have to be looked at.

    :raises StorageError: a Parquet file is missing or damaged.
    """
    sealed = SealedFiles(folder).look()
    if not any("rollups" in segment.paths for segment in sealed.segments) or not _is_whole(folder, sealed):
        return None
    segments = loads((folder / NAME).read_bytes())["segments"]
    low = min((first for one in segments if (first := one["first_step"]) is not None), default=0)
    high = max((last for one in segments if (last := one["last_step"]) is not None), default=0)
    width = width_for(low, high, buckets)
    steps = next((steps for steps in _WIDTHS if steps <= width), None)
    if steps is None or width == inf or not -_EXACT < low <= high < _EXACT:
        return None
    found: dict[str, list[Part]] = {}
    records = 0
    for segment, described in zip(sealed.segments, segments, strict=True):
        parts = _parts(folder, segment.paths, described["keys"], keys, steps)
        others = nulls_of(folder, segment.paths["records"], "shape") if "records" in segment.paths else 0
        if parts is None or others is None:
            return None
        records += described["records"] - others
        for key, part in parts.items():
            found.setdefault(key, []).append(part)
    return Coarse(
        {key: join(pieces, halvings(float(steps), width)) for key, pieces in found.items()}, low, high, width, records
    )


def _is_whole(folder: Path, sealed: Sealed) -> bool:
    """Nothing stands beside the segments, and every line in them is one that columns tell."""
    odd = any(segment.irregular or "keys" in segment.paths for segment in sealed.segments)
    torn = any(sealed.sources[name].torn for name in sealed.names("events"))
    return not odd and not torn and set(event_files(folder, sealed)) == set(sealed.names("events"))


def _parts(
    folder: Path, paths: Mapping[str, str], described: Mapping[str, Any], keys: Sequence[str], steps: int
) -> dict[str, Part] | None:
    """What a segment holds of the keys; None where one of them has points and no rollups, since it is short."""
    wanted = {key: described[key][0] for key in keys if key in described and described[key][0]}
    if not wanted:
        return {}
    if "rollups" not in paths:
        return None
    table = read_where(folder, paths["rollups"], "key", list(wanted))
    names = np.array(table["key"].to_pylist(), object)
    right = table["width"].to_numpy() == steps
    columns = {name: table[name].to_numpy() for name in table.column_names if name not in ("key", "width")}
    parts = {}
    for key, numbers in wanted.items():
        rows = np.flatnonzero((names == key) & right)
        part = {name: column[rows] for name, column in columns.items()}
        if sum(int(part[name].sum()) for name in _COUNTS) != numbers:
            return None
        parts[key] = _part(part)
    return parts


def _part(columns: dict[str, Any]) -> Part:
    none = columns["n"] == 0
    part: Part = {name: columns[name] for name in ("bucket", *_COUNTS, "first", "last", "ts_first", "ts_last")}
    part["step_first"] = columns["step_first"]
    part["x_first"], part["x_last"] = (columns[name].astype(np.float64) for name in ("step_first", "step_last"))
    for name, empty in (("min", np.inf), ("max", -np.inf), ("mean", 0.0)):
        part[name] = np.where(none, empty, columns[name])
    return part
