"""A run session that keeps everything in a spool."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from .spool_file import Spool

if TYPE_CHECKING:
    from ..contracts.storage import Document, RunWriter, Stream
    from ..model.run import RunMeta, RunRef
    from ..model.writer import WriterRecord
    from ..types import JSON, JSONObject

#: Media below this size stands in the spool itself.
_MEDIA_BYTES = 8 << 20


class SpoolSession:
    """Stands in for the storage's session while the run folder cannot be written.

    Keeps the promises of :class:`~runicorn.contracts.RunSession` as far as this process goes: what was written is
    read back, and reaches the run when the spool is brought home. Nothing in it raises for lack of space.
    """

    def __init__(self, root: Path, meta: RunMeta, ref: RunRef, lost: Callable[[int], None]) -> None:
        self._root, self._meta, self._ref, self._lost = root, meta, ref, lost
        self.spool = Spool(root, meta, ref, lost)
        self._documents: dict[str, dict[str, JSON]] = {}

    @property
    def ref(self) -> RunRef:
        return self._ref

    @property
    def folder(self) -> Path:
        return self._root / self._ref.folder

    def open_writer(self, stream: Stream) -> RunWriter:
        return _SpoolWriter(self, stream)

    def reopen(self) -> SpoolSession:
        return SpoolSession(self._root, self._meta, self._ref, self._lost)

    def rotate(self) -> Spool:
        """Go on in a new spool file and hand out the old one, sealed."""
        old, self.spool = self.spool, Spool(self._root, self._meta, self._ref, self._lost)
        old.seal()
        return old

    def read(self, document: Document) -> dict[str, JSON]:
        return dict(self._documents.get(document, {}))

    def write(self, document: Document, value: JSONObject) -> None:
        self._documents[document] = dict(value)
        self.spool.put(document=document, value=value)

    def update(self, document: Document, change: Callable[[dict[str, JSON]], JSONObject]) -> None:
        self.write(document, change(self.read(document)))

    def put_media(self, data: bytes, suffix: str) -> str:
        from base64 import b64encode
        from hashlib import sha256  # 3 ms: only in an outage

        digest = sha256(data).hexdigest()
        path = f"media/{digest[:2]}/{digest}{suffix}"
        if len(data) > _MEDIA_BYTES:
            self._lost(1)
        else:
            self.spool.put(media=path, content=b64encode(data).decode())
        return path

    def last_step(self) -> int:
        return 0

    def beat(self, writer: WriterRecord) -> None:
        """Nobody can see a heartbeat here; the spool's first line names the process."""


class _SpoolWriter:
    def __init__(self, session: SpoolSession, stream: Stream) -> None:
        self._session, self._stream = session, stream

    def append(self, line: bytes) -> None:
        if self._stream == "logs":
            self._session.spool.put(logs=line.decode("utf-8", "backslashreplace"))
        else:
            self._session.spool.append(line)

    def sync(self) -> None:
        self._session.spool.flush()

    def close(self) -> None:
        """The spool is sealed when the run is finished."""
