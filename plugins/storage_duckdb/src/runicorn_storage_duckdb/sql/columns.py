"""Cells of a list of runs as Arrow columns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pyarrow as pa


def column_of(values: Sequence[object]) -> Any:
    """A column of a type that holds all of them: numbers, flags, lists of texts, else texts."""
    kinds = {type(value) for value in values if value is not None}
    if not kinds:
        return pa.nulls(len(values), pa.string())
    if kinds <= {float, int}:
        return pa.array(values, pa.float64())
    if kinds == {bool}:
        return pa.array(values, pa.bool_())
    if kinds == {tuple}:
        return pa.array([None if value is None else list(value) for value in values], pa.list_(pa.string()))  # type: ignore[call-overload]  # tuples all of them
    return pa.array([None if value is None else _text(value) for value in values], pa.string())


def _text(value: object) -> str:
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode()
    return f"{value:.17g}" if isinstance(value, float) else str(value)
