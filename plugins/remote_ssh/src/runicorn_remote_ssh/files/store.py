"""A store that only reads: the ordinary one of the copy, which asks for a run when somebody looks at it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NoReturn

from attrs import evolve
from runicorn.contracts import RunReader, Store
from runicorn.errors import StorageReadOnly
from runicorn.model.query import RunPage, RunQuery
from runicorn.model.run import RunRef

from .keeping import KeptRoot
from .reader import remote_reader

_WRITES = frozenset(
    ["create_run", "attach_run", "update_user", "soft_delete", "restore", "purge", "move"]  # all that a Store changes
)


class RemoteStore:
    """Everything else is the inner store's, so that whatever it can do is there."""

    def __init__(self, inner: Store, kept: KeptRoot, closed: Callable[[], None]) -> None:
        """
        :param closed: called once, when the store is.
        """
        self._inner, self._kept, self._closed = inner, kept, closed

    def __getattr__(self, name: str) -> Any:
        if name in _WRITES:
            getattr(self._inner, name)  # what the inner one cannot do is missing here too
            return self._refuse
        found = getattr(self._inner, name)
        return self._query_runs if name == "query_runs" else found

    def list_runs(self, *arguments: Any, **named: Any) -> Any:
        """Complete, as every store's: waits until all runs over there are listed."""
        self._kept.listed()
        return self._inner.list_runs(*arguments, **named)

    def _query_runs(self, query: RunQuery) -> RunPage:
        """``partial`` as long as older runs are still on their way."""
        counted = self._kept.counted
        page: RunPage = self._inner.query_runs(query)  # type: ignore[attr-defined]  # asked only where it is there
        if counted is None or page.partial:
            return page
        return evolve(page, partial=True, indexed=counted)

    def open_run(self, ref: RunRef) -> RunReader:
        self._kept.fetch(ref.folder)
        return remote_reader(self._inner.open_run(ref), lambda: self._kept.fetch_media(ref.folder))

    def read_metrics(self, runs: Sequence[RunRef], *arguments: Any, **named: Any) -> Any:
        for ref in runs:
            if len(runs) <= 16:  # a page of curves; of more, what has come has to do
                self._kept.fetch(ref.folder)
        return self._inner.read_metrics(runs, *arguments, **named)

    def close(self) -> None:
        self._inner.close()
        self._closed()

    def _refuse(self, *_: object, **__: object) -> NoReturn:
        raise StorageReadOnly("writing", self._kept.uri, "what lies on another machine is only read from here")
