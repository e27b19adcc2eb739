"""What a plugin that extends the web viewer is given."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias, TypeVar

from attrs import frozen

from .storage import Store

if TYPE_CHECKING:
    import asyncio

Result = TypeVar("Result")

#: From an ASGI application to one around it.
Middleware: TypeAlias = Callable[[Any], Any]


@frozen
class Topic:
    """What ``viewer_topics`` returns: something beside runs that pages follow while it changes."""

    name: str  # pages follow ``topic:<name>``
    #: Compared with the one before: another one is news. Called on a worker thread while somebody follows, the more
    #: seldom the longer it takes: within a fiftieth of the time, or every ten seconds.
    state: Callable[[], object]
    every_s: float = 1.0  # at most so often


class Viewer(Protocol):
    """The running viewer, as ``viewer_*`` hooks see it."""

    @property
    def store(self) -> Store: ...

    @property
    def settings(self) -> Mapping[str, object]:
        """The viewer's configuration section, without secrets."""

    @property
    def stopping(self) -> asyncio.Event:
        """Set when the viewer is told to stop: a socket closes then, or is cut off."""

    def admits(self, headers: Mapping[str, str]) -> bool:
        """Whether a request with these headers (names in lower case) carries the viewer's token; True where none is
        asked for. For plugins that listen at an address of their own: whom the viewer refuses, they refuse."""

    def in_thread(self, work: Callable[[], Result]) -> Awaitable[Result]:
        """Do blocking work (files, numbers) on a worker thread; the event loop stays free for everybody else."""
