"""Runs of a store that has no index: read when a query needs them, and again only when they have changed."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from ..errors import RunicornError
from .background import background
from .facts import flatten

if TYPE_CHECKING:
    from concurrent.futures import Future

    from ..contracts import Store
    from ..model.metric import Series
    from ..model.run import ExperimentRecord
    from ..types import JSON


class Known:
    """What was read of one run. A run that has ended and whose record is the same is not read again."""

    __slots__ = ("outdated", "params", "reading", "record", "series", "summary")

    def __init__(self, record: ExperimentRecord) -> None:
        self.record = record
        self.params: dict[str, JSON] | None = None
        self.summary: dict[str, JSON] | None = None
        self.series: dict[str, Series] | None = None
        self.reading: Future[dict[str, Series]] | None = None  # an earlier query could not wait for its end
        self.outdated = False  # it was begun before the record was told: it is shown, and read again


class Looking:
    """What one query reads. When its time is up, it makes do with what is known, and ``partial`` says so.

    A run that takes longer is read to its end behind the query's back, for the next one.
    """

    def __init__(self, store: Store, known: dict[str, Known], budget_s: float | None) -> None:
        self.store = store
        self._known = known
        self._until = None if budget_s is None else time.monotonic() + budget_s
        self.partial = False

    def at(self, record: ExperimentRecord) -> LookedAt:
        known = self._known.get(record.ref.folder)
        if known is None or known.record is not record:  # a store gives the same object while nothing has changed
            before, known = known, Known(record)
            if before is not None and before.reading is not None and before.record == record:
                known.reading, known.outdated = before.reading, True
            self._known[record.ref.folder] = known
        return LookedAt(self, known)

    def read_so_far(self) -> int:
        """How many runs' metrics are known."""
        return sum(known.series is not None for known in list(self._known.values()))

    def series_of(self, known: Known) -> dict[str, Series] | None:
        """The figures of a run, or None when they could not be read in time.

        :raises RunicornError: they cannot be read.
        """

        def read() -> dict[str, Series]:
            return {one.key: one for one in self.store.open_run(known.record.ref).series()}

        if self._until is None:
            return read()
        if known.reading is None:
            known.reading, known.outdated = background.submit(read), False
        reading = known.reading
        try:
            found = reading.result(max(0.0, self._until - time.monotonic()))
        except TimeoutError:
            self.partial = True
            return None
        except RunicornError:
            known.reading = None
            raise
        known.reading = None
        return found

    def may_read(self) -> bool:
        if self._until is not None and time.monotonic() > self._until:
            self.partial = True
            return False
        return True


class LookedAt:
    """One run, as a query sees it (:class:`~runicorn.filters.Facts`)."""

    __slots__ = ("_known", "_looking", "_series", "record", "unreadable")

    def __init__(self, looking: Looking, known: Known) -> None:
        self.record = known.record
        self._looking, self._known = looking, known
        self._series: Mapping[str, Series] | None = None
        self.unreadable: str | None = None  # why figures that were asked for are missing

    @property
    def params(self) -> Mapping[str, JSON]:
        if self._known.params is None:
            if not self._looking.may_read():
                return {}
            try:
                self._known.params = flatten(self._looking.store.open_run(self.record.ref).read("params"))
            except RunicornError:  # gone, or unreadable: a list shows the others
                return {}
        return self._known.params

    @property
    def summary(self) -> Mapping[str, JSON]:
        if self._known.summary is None:
            self._known.summary = flatten(self.record.summary)
        return self._known.summary

    @property
    def series(self) -> Mapping[str, Series]:
        if self._series is None:
            self._series = self._read_series()
        return self._series

    def _read_series(self) -> Mapping[str, Series]:
        ended = self.record.status != "running" and not self._known.outdated
        if self._known.series is not None and (ended or not self._looking.may_read()):
            return self._known.series
        if not self._looking.may_read():
            return {}
        try:
            found = self._looking.series_of(self._known)
        except RunicornError as error:
            self.unreadable = str(error)
            return {}
        if found is None:
            return self._known.series or {}
        self._known.series = found
        return found


_lock = threading.Lock()
_memory: WeakKeyDictionary[Store, dict[str, Known]] = WeakKeyDictionary()


def look(store: Store, records: Sequence[ExperimentRecord] | None = None, budget_s: float | None = None) -> Looking:
    """A look at a store, with what earlier looks have read.

    :param records: all runs of the store, so that what was read of others is forgotten.
    """
    with _lock:
        try:
            known = _memory.setdefault(store, {})
        except TypeError:  # a store that cannot be remembered is read each time
            known = {}
        if records is not None and len(known) > len(records):
            folders = {record.ref.folder for record in records}
            for folder in [folder for folder in known if folder not in folders]:
                del known[folder]
    return Looking(store, known, budget_s)
