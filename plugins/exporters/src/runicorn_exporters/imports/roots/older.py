"""A run of Runicorn 0.5 or 0.7 in today's form. What of it has no meaning today is kept as the file that it is."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from runicorn.contracts import RunHead
from runicorn.errors import UnsafePath
from runicorn.security import join
from runicorn.serialize import number

from ...run_files import run_files
from ..sizes import sizes

if TYPE_CHECKING:
    from runicorn.contracts import RunReader, RunSink
    from runicorn.contracts.storage import Document
    from runicorn.types import JSON

_DOCUMENTS: tuple[Document, ...] = ("params", "user", "status", "summary", "environment", "artifacts")
_KEPT = ("hostname", "pid", "python", "platform")
_PIECE = 1 << 20


class OlderRun:
    def __init__(self, reader: RunReader) -> None:
        self._reader, record = reader, reader.record
        meta = reader.read("meta")
        self.head = RunHead(
            source=f"{record.format}:{record.ref.folder}",
            project=record.ref.project,
            name=record.ref.name,
            id=record.ref.id,
            created_at=record.created_at,
            size=sum((reader.folder / path).stat().st_size for path in run_files(reader.folder)),
            state=sizes(reader.folder / path for path in run_files(reader.folder)),
            meta={key: meta[key] for key in _KEPT if key in meta},
            origin={"format": record.format, "folder": record.ref.folder},
        )

    def read(self, sink: RunSink) -> None:
        reader = self._reader
        for document in _DOCUMENTS:
            value = reader.read(document)
            if value:
                sink.document(document, value)
        for record in reader.records():
            sink.metrics(record.data, step=record.step, ts=record.ts, stage=record.stage)
        shown = self._media(sink)
        for alert in reader.alerts():
            step = number(alert.get("step"))
            sink.alert(
                str(alert.get("title")), str(alert.get("text") or ""), level=str(alert.get("level") or "warning"),
                step=None if step is None else int(step), ts=number(alert.get("ts")) or self.head.created_at,
            )  # fmt: skip
        for path in run_files(reader.folder):
            if path not in shown and not _written(path):
                sink.file(path, _pieces(reader.folder / path))
        sink.advance(self.head.size)

    def _media(self, sink: RunSink) -> set[str]:
        """Give what was logged and is there.

        :returns: the files.
        """
        shown: set[str] = set()
        for media in self._reader.media():
            try:
                data = join(self._reader.folder, media.path).read_bytes()
            except (OSError, UnsafePath):
                sink.left_out("media files that are not there any more")
                continue
            suffix = Path(media.path).suffix
            usable = suffix if suffix[1:].isalnum() and suffix.isascii() else ".bin"
            fields: dict[str, JSON] = {k: v for k, v in media.fields.items() if k not in ("key", "kind", "path")}
            sink.media(media.key, media.kind, data, usable, step=media.step, ts=media.ts, **fields)
            shown.add(media.path)
        return shown


def _written(path: str) -> bool:
    """Whether today's form has it in a file of its own making."""
    documents = {f"{document}.json" for document in (*_DOCUMENTS, "meta")}
    return path in documents or (path.startswith("events") and path.endswith(".jsonl"))


def _pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            yield piece
