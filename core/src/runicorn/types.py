"""Shared type aliases. No code lives here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias, Union

if TYPE_CHECKING:
    from array import array

    import numpy as np

JSON: TypeAlias = Union[bool, int, float, str, Sequence["JSON"], Mapping[str, "JSON"], None]  # noqa: UP007 (names itself)
JSONObject: TypeAlias = Mapping[str, "JSON"]
MutableJSONObject: TypeAlias = "dict[str, JSON]"
PathLike: TypeAlias = str | Path

# What a user may pass to log(): a number, or something that becomes one, or small JSON.
Loggable: TypeAlias = object

# One column of a table: anything with the buffer protocol and a length (array.array, numpy.ndarray).
# ``array('d')`` and ``array('q')`` need no numpy, and numpy and Arrow read them without a copy.
FloatColumn: TypeAlias = "array[float] | np.ndarray[tuple[int], np.dtype[np.float64]]"
IntColumn: TypeAlias = "array[int] | np.ndarray[tuple[int], np.dtype[np.int64]]"
