"""Rows of curves in columns: numpy arrays of one length, by name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
from runicorn.model.metric import BucketTable

#: ``run`` and ``key`` (int32 positions), ``bucket`` (float64 position on the grid) and the columns below.
Block: TypeAlias = dict[str, Any]

XS = ("x_first", "x_last")
VALUES = ("first", "min", "max", "last", "mean")
COUNTS = ("n", "n_nan", "n_posinf", "n_neginf")
_ALL = ("run", "key", "bucket", *XS, *VALUES, *COUNTS)


def joined(blocks: Sequence[Block]) -> Block:
    """One block after the other; an empty one for none."""
    if not blocks:
        made: Block = {name: np.empty(0) for name in _ALL}
        return {**made, "run": np.empty(0, np.int32), "key": np.empty(0, np.int32)}
    if len(blocks) == 1:
        return blocks[0]
    return {name: np.concatenate([block[name] for block in blocks]) for name in blocks[0]}


def pick(block: Block, rows: Any) -> Block:
    return {name: column[rows] for name, column in block.items()}


def from_buckets(table: BucketTable, runs: Any) -> Block:
    """The rows of a store's table.

    :param runs: the run of each of the table's runs.
    """
    columns: Mapping[str, Any] = table.columns
    block: Block = {name: np.asarray(columns[name]) for name in (*XS, *VALUES, *COUNTS, "key")}
    block["run"] = runs[np.asarray(columns["run"])].astype(np.int32)
    block["bucket"] = np.asarray(columns["bucket"]).astype(np.float64)
    return block


def _starts(*columns: Any) -> Any:
    """Where a row differs from the one before."""
    new = np.zeros(len(columns[0]), bool)
    new[:1] = True
    for column in columns:
        new[1:] |= column[1:] != column[:-1]
    return np.flatnonzero(new)


def coarser(block: Block, width: float, wanted: float) -> Block:
    """The same rows on a grid whose buckets are a power of two times as wide. Curves are ordered by bucket."""
    if width == wanted or not len(block["run"]):
        return block
    bucket = np.floor(block["bucket"] * (width / wanted))
    starts = _starts(block["run"], block["key"], bucket)
    ends = np.append(starts[1:], len(bucket)) - 1
    made = {name: block[name][starts] for name in ("run", "key", "x_first", "first")}
    made |= {name: block[name][ends] for name in ("x_last", "last")}
    made |= {name: np.add.reduceat(block[name], starts) for name in COUNTS}
    made["bucket"] = bucket[starts]
    made["min"] = np.fmin.reduceat(block["min"], starts)
    made["max"] = np.fmax.reduceat(block["max"], starts)
    weighted = np.where(block["n"] > 0, block["mean"] * block["n"], 0.0)
    made["mean"] = np.add.reduceat(weighted, starts) / np.where(made["n"] > 0, made["n"], np.nan)
    return made


def grouped(block: Block, group_of: Any) -> Block:
    """The mean over the runs of each group, of their means in each bucket, with its spread.

    ``run`` is the group, ``n`` how many of its runs have a finite value there, ``std`` the sample's.
    """
    group = group_of[block["run"]] if len(block["run"]) else block["run"]
    order = np.lexsort((block["bucket"], group, block["key"]))
    block, group = pick(block, order), group[order]
    if not len(group):
        return {**block, "run": group, "std": np.empty(0)}
    starts = _starts(block["key"], group, block["bucket"])
    mean, known = block["mean"], np.isfinite(block["mean"])
    n = np.add.reduceat(known.astype(np.int64), starts)
    some = np.where(n > 0, n, np.nan)
    center = np.add.reduceat(np.where(known, mean, 0.0), starts) / some
    off = np.where(known, mean - np.repeat(center, np.diff(np.append(starts, len(mean)))), 0.0)
    made = {name: block[name][starts] for name in ("key", "bucket")}
    made |= {name: np.add.reduceat(block[name], starts) for name in COUNTS[1:]}
    made |= {"run": group[starts], "n": n, "mean": center, "first": center, "last": center}
    made["std"] = np.sqrt(np.add.reduceat(off * off, starts) / np.where(n > 1, n - 1, np.nan))
    made["min"] = np.fmin.reduceat(mean, starts)
    made["max"] = np.fmax.reduceat(mean, starts)
    made["x_first"] = np.fmin.reduceat(block["x_first"], starts)
    made["x_last"] = np.fmax.reduceat(block["x_last"], starts)
    return made
