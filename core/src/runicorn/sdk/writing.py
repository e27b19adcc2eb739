"""Where this process writes a run to: the storage's session, a spool during an outage, a new session after fork."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from ..config import state_dir
from ..errors import RunNotFound
from .spool_session import SpoolSession  # now: an import needs a descriptor, and an outage may be the lack of one

if TYPE_CHECKING:
    from ..contracts.storage import Document, RunSession, RunWriter, Store, Stream
    from ..model.run import RunMeta
    from ..model.writer import WriterRecord
    from ..types import JSON, JSONObject
    from .echo import Echo
    from .spool_file import Spool
    from .trouble import Troubles

Change: TypeAlias = Callable[["dict[str, JSON]"], "JSONObject"]
Append: TypeAlias = Callable[[bytes], None]
_CLOSE_S = 0.2  # for the lock; after that the files stay open, which ends with the process


class Writing:
    """The writing end of one run in one process, through outages and forks.

    ``events``, ``logs`` and ``system`` append one line. They are replaced when the destination changes, so that the
    way of a record is one call. They are called with the run's lock held; what they raise goes to :meth:`failed`.
    """

    events: Append
    logs: Append
    system: Append

    def __init__(
        self,
        session: RunSession,
        store: Store | None,
        root: Path,
        meta: RunMeta,
        lock: threading.RLock,
        troubles: Troubles,
        *,
        spooling: SpoolSession | None,
        power: bool,
    ) -> None:
        """
        :param spooling: the session, where it is a spool's already.
        :param store: what can attach to the run again after an outage; None = nothing can.
        :param power: flush each line to the disk before ``append`` returns.
        """
        self.session = session
        self._store, self._root, self._meta, self._power = store, root, meta, power
        self._lock, self._troubles = lock, troubles
        self._spooling = spooling
        self._made = spooling is None  # the run folder has existed
        self._sealed: list[Spool] = []  # not home yet
        self._orphans: list[tuple[Stream, Any]] = []  # writers whose files were removed; still open
        self.echo: Echo | None = None  # only where somebody observes
        self._begin()

    # --- Lines

    def _begin(self, started: Callable[[], None] | None = None) -> None:
        """Open each file with its first line."""
        self._writers: dict[Stream, RunWriter] = {}

        def first(stream: Stream) -> Append:
            def append(line: bytes) -> None:
                if started is not None:
                    started()
                self.open(stream)
                self.append(stream, line)

            return append

        self.events, self.logs, self.system = first("events"), first("logs"), first("system")

    def append(self, stream: Stream, line: bytes) -> None:
        """Append one line to a stream; ``events(line)`` and its like are the short way."""
        (self.events if stream == "events" else self.logs if stream == "logs" else self.system)(line)

    def open(self, stream: Stream) -> None:
        """Open a stream's file now.

        :raises StorageError: it could not be made.
        """
        writer = self._writers[stream] = self.session.open_writer(stream)
        plain = writer.append if self.echo is None or stream != "events" else self.echo.follow(writer)

        def durable(line: bytes) -> None:
            plain(line)
            writer.sync()

        setattr(self, stream, durable if self._power else plain)

    def failed(self, stream: Stream, line: bytes, error: BaseException) -> None:
        """A line could not be appended: it and everything that follows go to the spool. Never raises."""
        self.interrupt(error)
        self.append(stream, line)

    def sync(self) -> None:
        """Make what was appended survive a power cut, and notice a folder that was removed.

        :raises StorageError: the storage has failed.
        """
        for writer in list(self._writers.values()):
            writer.sync()

    # --- Documents

    def update(self, document: Document, change: Change) -> None:
        """Read, change and replace a document; where the storage fails, in the spool. Never raises.

        A ``change`` that raises is reported, and leaves the document as it is: that is no failure of the storage.
        """
        broken: list[Exception] = []

        def guarded(disk: dict[str, JSON]) -> JSONObject:
            try:
                return change(disk)
            except Exception as error:
                broken.append(error)
                raise

        for _ in range(2):
            try:
                self.session.update(document, guarded)
            except Exception as error:  # noqa: BLE001 (whatever the storage raises: on to the spool)
                if broken:
                    self.report(f"making the {document}", broken[0])
                    return
                self.interrupt(error)
            else:
                return

    def report(self, what: str, error: BaseException) -> None:
        """Count a trouble of the run. Never raises."""
        self._troubles.report("runicorn", what, error)

    def put_media(self, data: bytes, suffix: str) -> str:
        """Store a file; where the storage fails, in the spool. Never raises."""
        try:
            return self.session.put_media(data, suffix)
        except Exception as error:  # noqa: BLE001 (whatever the storage raises: on to the spool)
            self.interrupt(error)
            return self.session.put_media(data, suffix)

    def share_media(self, path: str) -> None:
        """Keep a file once for all runs of the project, where the storage can. Never raises."""
        from ..contracts.media import SharesMedia

        try:
            if isinstance(self.session, SharesMedia):
                self.session.share_media(path)
        except Exception as error:  # noqa: BLE001 (whatever the storage raises; the file is there all the same)
            self.report("sharing media", error)

    def beat(self, record: WriterRecord) -> None:
        """:raises StorageError: the storage has failed."""
        self.session.beat(record)

    def abandoned(self) -> bool:
        """Whether the run counts as running though no process writes it any more. Never raises."""
        if self._store is None or self.spooled:
            return False
        try:
            return self._store.open_run(self.session.ref).record.status == "crashed"
        except Exception as error:  # noqa: BLE001 (whatever the storage raises)
            self._troubles.report("runicorn", "reading the run's status", error)
            return False

    # --- Outages

    @property
    def away(self) -> bool:
        """Whether anything of the run stands in a spool, and can be brought home."""
        return self._store is not None and self.spooled

    @property
    def spooled(self) -> bool:
        """Whether something of the run stands in a spool."""
        return self._spooling is not None or bool(self._sealed)

    def interrupt(self, error: BaseException) -> None:
        """The storage has failed: go on in a spool. Any thread. Never raises."""
        held = self._lock.acquire(timeout=_CLOSE_S)  # see close()
        try:
            if self._spooling is not None:
                return
            self._orphans += self._removed()
            if held:
                self._close_writers()
            self.session = self._spooling = SpoolSession(self._root, self._meta, self.session.ref, self._lost)
            self._begin()
        finally:
            if held:
                self._lock.release()
        self._troubles.report("runicorn", "storage", f"{error}; {spool_hint()}")

    def _removed(self) -> list[tuple[Stream, Any]]:
        """Take out the writers whose files have no name any more."""
        found: list[tuple[Stream, Any]] = []
        for stream, writer in list(self._writers.items()):
            try:
                if writer.removed():  # type: ignore[attr-defined]  # not every writer can tell
                    found.append((stream, self._writers.pop(stream)))
            except (AttributeError, OSError):  # what cannot be looked at cannot be read back either
                continue
        return found

    def salvage(self) -> None:
        """Bring what stands only in removed files into a spool. Background thread; never raises."""
        while self._orphans:
            stream, writer = self._orphans.pop(0)
            spool = SpoolSession(self._root, self._meta, self.session.ref, self._lost)
            append = spool.open_writer(stream).append
            try:
                for line in writer.lines():
                    append(line)
                writer.close()
            except Exception as error:  # noqa: BLE001 (whatever the storage raises)
                self._troubles.report("runicorn", f"reading back the removed {stream}", error)
            spool.spool.seal()
            self._sealed.append(spool.spool)

    def come_home(self) -> bool:
        """Try to write the run itself again, and bring home what was spooled. Background thread; never raises.

        :returns: whether the outage ended with this call; then all documents are to be written anew.
        """
        spooling = self._spooling
        assert self._store is not None
        try:
            if spooling is None:
                self._bring(self.session)
                return False
            if not self._sealed:
                if not self._lock.acquire(timeout=_CLOSE_S):  # see close()
                    return False
                try:
                    self._sealed.append(spooling.rotate())
                finally:
                    self._lock.release()
            session = self._reattach(self._store)
            self._bring(session)
        except Exception as error:  # noqa: BLE001 (whatever the storage raises: the outage goes on)
            self._troubles.report("runicorn", "coming back from the spool", error)
            return False
        if not self._lock.acquire(timeout=_CLOSE_S):
            return False
        try:
            self.session, self._spooling = session, None
            self._begin()
            spooling.spool.seal()
            self._sealed.append(spooling.spool)
        finally:
            self._lock.release()
        return True

    def _bring(self, session: RunSession) -> None:
        from .spool import bring_home

        while self._sealed:
            if self._sealed[0].path.exists():
                bring_home(self._sealed[0].path, session)
            del self._sealed[0]

    def _reattach(self, store: Store) -> RunSession:
        try:
            return store.attach_run(self.session.ref)
        except RunNotFound:
            if self._made:
                raise  # somebody removed it: it does not come back unasked
            session = store.create_run(self._meta)
            self._made = True
            return session

    def _lost(self, records: int) -> None:
        self._troubles.report("runicorn", "records lost", "neither run nor spool can be written", count=records)

    # --- The ends

    def forked(self, lock: threading.RLock, started: Callable[[], None]) -> None:
        """This process is a child: take files of its own with the first line. The parent's are left alone.

        :param started: called with the first line.
        """
        self._lock = lock
        self._sealed, self._orphans = [], []
        self.echo = None
        if self._spooling is None:
            self.session = self.session.reopen()
        else:
            self.session = self._spooling = self._spooling.reopen()
        self._begin(started)

    def close(self, late: Append) -> None:
        """Release the files. ``late`` gets what is appended afterwards."""
        # The lock may be held by a thread that hangs in the storage, or by a log() that stands still below a signal
        # handler, which waits for this very thread.
        if not self._lock.acquire(timeout=_CLOSE_S):
            self.refuse(late)
            return
        try:
            self.events = self.logs = self.system = late
            self._close_writers()
            if self._spooling is not None:
                self._spooling.spool.seal()
        finally:
            self._lock.release()

    def refuse(self, late: Append) -> None:
        """Like :meth:`close` where the storage hangs: nothing is touched that could wait for it."""
        self.events = self.logs = self.system = late

    def _close_writers(self) -> None:
        for writer in self._writers.values():
            try:
                writer.close()
            except Exception as error:  # noqa: BLE001 (the file is of no use any more)
                self._troubles.report("runicorn", "closing a file", error)
        self._writers = {}


def spool_hint() -> str:
    """What the user is told when records go to a spool."""
    return f"records are kept in {state_dir()} until the run can be written again (runicorn runs recover)"
