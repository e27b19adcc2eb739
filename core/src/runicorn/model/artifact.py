"""Artifacts as runs and observers see them; the rest is the business of the plugin that keeps them."""

from __future__ import annotations

from attrs import frozen


@frozen
class ArtifactLink:
    """One version of one artifact."""

    type: str
    name: str
    version: int
    size: int = 0  # bytes of all files
    files: int = 0

    def __str__(self) -> str:
        return f"{self.type}/{self.name}:v{self.version}"
