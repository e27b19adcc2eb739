"""What ``runicorn doctor`` and ``GET /api/health`` say about roots on other machines."""

from __future__ import annotations

from attrs import frozen
from runicorn.contracts import Check

from .keeping import KeptRoot


@frozen
class RootCheck:
    """Whether the copy of one root elsewhere is in step."""

    kept: KeptRoot

    @property
    def name(self) -> str:
        return "remote root"

    def run(self) -> Check:
        return Check(self.name, not self.kept.trouble, self.kept.says)
