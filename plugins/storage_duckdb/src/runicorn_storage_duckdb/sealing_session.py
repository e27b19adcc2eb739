"""A session after whose end the run is sealed."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from runicorn.contracts import RunSession, RunWriter
    from runicorn.contracts.storage import Document, Stream
    from runicorn.model.run import RunRef
    from runicorn.model.writer import WriterRecord
    from runicorn.types import JSON, JSONObject

_ENDED = frozenset(["finished", "failed", "interrupted"])


class SealingSession:
    """Writes as the session inside does; nothing is added to ``append``.

    When this process has said that it ended and its files are closed, and the run is over, a process is started
    that seals the run. It is detached: neither ``finish()`` nor the end of the training wait for it, and it lives on
    when the training is gone. If it is killed, or cannot be started, the run stays plain files until somebody seals.
    """

    def __init__(self, inner: RunSession, root: Path) -> None:
        self._inner = inner
        self._root = root
        self._lock = threading.Lock()
        self._open = 0
        self._ended = False

    @property
    def ref(self) -> RunRef:
        return self._inner.ref

    @property
    def folder(self) -> Path:
        return self._inner.folder

    def open_writer(self, stream: Stream) -> RunWriter:
        writer = self._inner.open_writer(stream)
        with self._lock:
            self._open += 1
        return _Watched(writer, self._closed)

    def reopen(self) -> RunSession:
        return SealingSession(self._inner.reopen(), self._root)

    def read(self, document: Document) -> dict[str, JSON]:
        return self._inner.read(document)

    def write(self, document: Document, value: JSONObject) -> None:
        self._inner.write(document, value)

    def update(self, document: Document, change: Callable[[dict[str, JSON]], JSONObject]) -> None:
        self._inner.update(document, change)

    def put_media(self, data: bytes, suffix: str) -> str:
        return self._inner.put_media(data, suffix)

    def share_media(self, path: str) -> None:
        from runicorn.contracts.media import SharesMedia

        if isinstance(self._inner, SharesMedia):
            self._inner.share_media(path)

    def last_step(self) -> int:
        return self._inner.last_step()

    def beat(self, writer: WriterRecord) -> None:
        self._inner.beat(writer)
        if writer.ended_at is not None:
            self._ended = True
            self._seal_if_over()

    def _closed(self) -> None:
        with self._lock:
            self._open -= 1
        self._seal_if_over()

    def _seal_if_over(self) -> None:
        with self._lock:
            if not self._ended or self._open:
                return
            self._ended = False  # once
        if self.read("status").get("status") in _ENDED:
            seal_detached(self._root, self.ref)


class _Watched:
    """A writer whose end is noticed. ``append``, ``sync`` and ``path`` are those of the writer inside."""

    def __init__(self, inner: RunWriter, closed: Callable[[], None]) -> None:
        self.path = getattr(inner, "path", None)
        self.append = inner.append
        self.sync = inner.sync
        self._inner = inner
        self._closed: Callable[[], None] | None = closed

    def close(self) -> None:
        self._inner.close()
        closed, self._closed = self._closed, None
        if closed is not None:
            closed()


def seal_detached(root: Path, ref: RunRef) -> None:
    """Start a process that seals a run, if it is over by then. Never raises."""
    options: dict[str, Any] = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.DEVNULL)
    if os.name == "nt":
        options["creationflags"] = 0x00000008 | 0x00000200  # DETACHED_PROCESS, CREATE_NEW_PROCESS_GROUP
    else:
        options["start_new_session"] = True
    command = [sys.executable, "-m", f"{__package__}.segments.detached", str(root), ref.folder]
    try:
        process = subprocess.Popen(command, **options)  # noqa: S603 (our own module, no shell)
    except OSError:  # no processes left, no memory: the run stays plain files, which loses nothing
        return
    threading.Thread(target=process.wait, name="runicorn-sealing", daemon=True).start()  # so that no zombie stays
