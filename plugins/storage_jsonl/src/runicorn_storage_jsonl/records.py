"""Lines of an event file as records, whoever wrote them."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any, NamedTuple

import orjson
from runicorn.serialize import number
from runicorn.types import JSON

_OLDER_KEYS = frozenset(["global_step", "time", "stage"])
_LIMIT = 2**63 - 1
_NON_FINITE: Mapping[str, JSON] = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}


def parse(piece: bytes) -> tuple[list[Any], int]:
    """The JSON values of whole lines, and how many lines were none.

    All lines at once as one array is the quick way; a line that strict JSON does not know (bare NaN, half a line,
    garbage) makes this piece go line by line.
    """
    body = piece[:-1]
    try:
        values = orjson.loads(b"[" + body.replace(b"\n", b",") + b"]")
        if len(values) == body.count(b"\n") + 1:
            return values, 0
    except orjson.JSONDecodeError:
        pass  # line by line, below
    values, skipped = [], 0
    for line in body.split(b"\n"):
        try:
            values.append(orjson.loads(line))
        except orjson.JSONDecodeError:
            found, lost = _salvage(line)
            values += found
            skipped += lost
    return values, skipped


def _salvage(line: bytes) -> tuple[list[Any], int]:
    if not line.strip():
        return [], 0
    try:
        return [json.loads(line)], 0
    except (ValueError, RecursionError):
        pass  # older versions glued a record to the half line that a killed process had left
    begin = line.rfind(b'{"ts"')
    if begin > 0:
        try:
            return [json.loads(line[begin:])], 1
        except (ValueError, RecursionError):
            return [], 1
    return [], 1


class Metric(NamedTuple):
    """One ``log()`` call."""

    ts: float
    step: int
    stage: str | None
    data: Mapping[str, Any]


def metric_of(record: Any, last: tuple[float, int]) -> Metric | None:
    """The ``log()`` call that a record is; None for records of other types and for what is no record.

    :param last: time and step of the record before it, for one that has none of its own.
    """
    if not isinstance(record, dict) or record.get("type") != "metrics":
        return None
    data = record.get("data")
    if not isinstance(data, dict):
        return None
    step, stage, ts = record.get("step"), record.get("stage"), record.get("ts")
    if "step" not in record:  # 0.5 and 0.7 kept these among the values
        step, stage = data.get("global_step"), data.get("stage", stage)
        ts = data.get("time") if ts is None else ts
        data = {key: value for key, value in data.items() if key not in _OLDER_KEYS}
    return Metric(_time(ts, last[0]), _step(step, last[1]), None if stage is None else str(stage), data)


def _time(value: Any, last: float) -> float:
    ts = number(value)
    return last if ts is None or not math.isfinite(ts) else ts


def _step(value: Any, last: int) -> int:
    step = number(value)
    if step is None or not math.isfinite(step):
        return min(last + 1, _LIMIT)
    whole = value if isinstance(value, int) else int(step)
    return max(-_LIMIT, min(whole, _LIMIT))


def plain(data: Mapping[str, Any]) -> dict[str, JSON]:
    """The values as they were logged: non-finite numbers are spelled in the file and numbers here."""
    return {key: _NON_FINITE.get(value, value) if isinstance(value, str) else value for key, value in data.items()}
