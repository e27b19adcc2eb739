"""What a plugin that extends the web viewer is given."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from .storage import Store


class Viewer(Protocol):
    """The running viewer, as ``viewer_*`` hooks see it."""

    @property
    def store(self) -> Store: ...

    @property
    def settings(self) -> Mapping[str, object]:
        """The viewer's configuration section, without secrets."""
