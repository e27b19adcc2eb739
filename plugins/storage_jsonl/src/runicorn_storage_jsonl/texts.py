"""The last value of each key that never held a number."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from runicorn.types import JSON

    from .columns import Columns

_NEVER = float("-inf")


class Texts:
    """Takes the columns of one file after the other; of equal times the later one counts."""

    def __init__(self) -> None:
        self._found: dict[str, tuple[float, JSON]] = {}
        self._numeric: set[str] = set()

    def take(self, columns: Columns) -> None:
        self._numeric |= columns.keys.keys()
        for key in columns.nulls:
            self._found.setdefault(key, (_NEVER, None))
        for key, values in columns.other.items():
            row = max(reversed(values), key=columns.ts.__getitem__)
            if columns.ts[row] >= self._found.get(key, (_NEVER, None))[0]:
                self._found[key] = columns.ts[row], values[row]

    def found(self) -> Mapping[str, JSON]:
        return {key: self._found[key][1] for key in sorted(self._found) if key not in self._numeric}
