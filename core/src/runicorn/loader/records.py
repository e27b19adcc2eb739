"""What is known about a plugin."""

from __future__ import annotations

from typing import Literal, TypeAlias

from attrs import frozen

State: TypeAlias = Literal["active", "disabled", "incompatible", "broken", "conflicting"]

#: States that somebody should do something about.
UNWELL: frozenset[State] = frozenset(["incompatible", "broken", "conflicting"])


@frozen
class PluginInfo:
    """One installed plugin and what became of it in this process."""

    name: str  # of the entry point, e.g. storage-jsonl
    distribution: str  # e.g. runicorn-storage-jsonl
    version: str
    module: str
    state: State
    reason: str = ""  # empty when active
    hooks: tuple[str, ...] = ()
    load_ms: float | None = None  # None: not loaded
    errors: tuple[str, ...] = ()  # what its hooks raised since it was loaded
    load_mb: float | None = None  # memory that loading took; None: not loaded, or not known on this system
    file: str = ""  # where its module was found
    adds: tuple[str, ...] = ()  # what it has offered so far, e.g. "storage jsonl"
    warnings: tuple[str, ...] = ()  # deprecated hooks and arguments that it uses

    def line(self) -> str:
        """State and reason as they are printed, e.g. ``broken: SyntaxError in foo/plugin.py line 3``."""
        return f"{self.state}: {self.reason}" if self.reason else self.state
