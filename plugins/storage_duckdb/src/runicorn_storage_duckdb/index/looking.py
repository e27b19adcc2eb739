"""What an index is to those who only look: our own, or another process's that is asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from runicorn.model.run import RunRef

    from .progress import Progress
    from .tracking import Tracked


class LookCursor(Protocol):
    """One reader's: it sees one state of the index."""

    def execute(self, statement: str, values: Sequence[Any] = ..., /) -> LookCursor: ...

    def fetchall(self) -> list[tuple[Any, ...]]: ...

    def fetchnumpy(self) -> dict[str, Any]: ...


class LookDatabase(Protocol):
    def reading(self) -> AbstractContextManager[LookCursor]: ...


class LookFollowing(Protocol):
    @property
    def complete(self) -> bool: ...

    def refresh(self) -> None: ...

    def begin(self) -> None: ...

    def wait(self, timeout: float | None = None) -> bool: ...


class LookIndex(Protocol):
    """Thread-safe. Its methods are those of :class:`~.index.Index`."""

    @property
    def broken(self) -> Exception | None: ...

    @property
    def progress(self) -> Progress: ...

    @property
    def following(self) -> LookFollowing: ...

    @property
    def database(self) -> LookDatabase: ...

    def holds(self, refs: Sequence[RunRef]) -> bool: ...

    def unreadable(self, refs: Sequence[RunRef]) -> Mapping[str, str]: ...

    def fresh(self, refs: Sequence[RunRef]) -> AbstractContextManager[dict[str, Tracked]]: ...

    def guarded(self) -> AbstractContextManager[None]: ...

    def close(self) -> None: ...

    def discard(self) -> None: ...
