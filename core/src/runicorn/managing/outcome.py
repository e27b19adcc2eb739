"""What became of a change."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import field, frozen


@frozen
class Outcome:
    """Of one change to several runs. One run that fails stops no other."""

    changed: tuple[str, ...]  # folders of the runs, below the root; of moved runs the new ones
    errors: Mapping[str, str] = field(factory=dict)  # folder, or what was asked for -> one sentence
    change: str | None = None  # what undo() takes; None = nothing was changed, or it cannot be undone

    @property
    def ok(self) -> bool:
        return not self.errors
