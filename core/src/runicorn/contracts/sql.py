"""What plugins add to SQL over the runs: rows of their own, or columns beside those of a view that is there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Literal, Protocol, TypeAlias

#: ``texts`` is a list of texts; times are numbers, Unix seconds.
SqlType: TypeAlias = Literal["text", "integer", "number", "flag", "texts"]


class SqlView(Protocol):
    """What ``register_sql_views`` returns."""

    @property
    def name(self) -> str:
        """The view: a lower-case word, ``_`` between several."""

    @property
    def columns(self) -> Mapping[str, SqlType]:
        """In their order."""

    @property
    def beside(self) -> Sequence[str]:
        """Columns that tell to which rows of the view that is there by this name the other columns belong: rows without
        any keep their place, with NULL. Empty: a view of its own."""

    def rows(self, root: Path) -> Iterable[Sequence[object]]:
        """All rows of a storage root; None is NULL. Called for each statement that names the view, on its thread.

        :raises Exception: they cannot be read; who asks is told, with the plugin's sentence.
        """
