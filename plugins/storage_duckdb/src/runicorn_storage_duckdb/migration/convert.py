"""One run as today's files, from whatever reads it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from heapq import merge
from math import inf
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from runicorn.contracts import IncrementalReader
from runicorn.model.run import RunRef
from runicorn.serialize import dumps, number, write_json

if TYPE_CHECKING:
    from runicorn.contracts import RunReader
    from runicorn.contracts.storage import Document
    from runicorn.types import JSON

DOCUMENTS: tuple[Document, ...] = ("params", "user", "status", "summary", "environment", "artifacts")
_PAGE = 10_000


def convert(reader: RunReader, target: RunRef, folder: Path) -> None:
    """Write the run into a folder that is there and empty.

    :raises OSError: it could not be written.
    :raises StorageError: the source cannot be read.
    """
    from .migrate import copy_tree
    from .standing import stamp_of

    origin: dict[str, JSON] = {"format": reader.record.format, "folder": reader.record.ref.folder}
    if reader.folder.is_dir():
        origin["stamp"] = stamp_of(reader.folder)
        copy_tree(reader.folder, folder, _kept)
    _documents(reader, target, folder, origin)
    with (folder / "events.jsonl").open("wb") as out:
        for line in _lines(reader):
            out.write(line + b"\n")
    if not (folder / "logs.txt").exists():
        _logs(reader, folder)


def _kept(name: str) -> bool:
    """Files that go over as they are; today's documents and event files are written anew."""
    written = {f"{document}.json" for document in (*DOCUMENTS, "meta")}
    return name not in written and not (name.startswith("events") and name.endswith(".jsonl"))


def _documents(reader: RunReader, target: RunRef, folder: Path, origin: dict[str, JSON]) -> None:
    record, meta = reader.record, reader.read("meta")
    place: dict[str, JSON] = {"id": target.id, "project": target.project, "name": target.name}
    kept: dict[str, JSON] = {key: meta[key] for key in ("hostname", "pid", "python", "platform") if key in meta}
    write_json(
        folder / "meta.json",
        {"runicorn_format": 1, **place, "created_at": record.created_at, **kept, "migrated_from": origin},
    )
    for document in DOCUMENTS:
        value = reader.read(document)
        if value:
            write_json(folder / f"{document}.json", value)


def _lines(reader: RunReader) -> Iterator[bytes]:
    """Records of metrics in their order, and the others among them by their time."""
    yield from (line for _, line in merge(_metrics(reader), _others(reader), key=lambda pair: pair[0]))


def _metrics(reader: RunReader) -> Iterator[tuple[float, bytes]]:
    latest = -inf
    for record in reader.records():
        line: dict[str, Any] = {"ts": record.ts, "type": "metrics", "step": record.step}
        if record.stage is not None:
            line["stage"] = record.stage
        latest = max(latest, record.ts)  # never back: records keep their order even where clocks did not
        yield latest, dumps({**line, "data": record.data})


def _others(reader: RunReader) -> Iterator[tuple[float, bytes]]:
    latest = -inf
    for event in _events(reader):
        latest = max(latest, number(event.get("ts")) or latest)
        yield latest, dumps(event)


def _events(reader: RunReader) -> Iterator[Mapping[str, JSON]]:
    if isinstance(reader, IncrementalReader):
        for block in reader.increment().blocks():
            yield from block.events
        return
    for media in reader.media():
        data = {"key": media.key, "kind": media.kind, "path": media.path, **media.fields}
        yield {"ts": media.ts, "type": "media", "step": media.step, "data": data}
    for alert in reader.alerts():
        data = {key: value for key, value in alert.items() if key not in ("ts", "step")}
        yield {"ts": alert.get("ts"), "type": "alert", "step": alert.get("step"), "data": data}


def _logs(reader: RunReader, folder: Path) -> None:
    """For a source that has no log file: its lines, as today's."""
    offset = 0
    out: IO[bytes] | None = None
    while (page := reader.logs(offset, _PAGE)).lines:
        out = out or (folder / "logs.txt").open("wb")
        for line in page.lines:
            stream = f"{line.stream}/{line.level}" if line.level else line.stream
            out.write(f"{_prefix(line.time)}{stream} | {line.text}\n".encode("utf-8", "backslashreplace"))
        offset = page.next_offset
    if out is not None:
        out.close()


def _prefix(time: float | None) -> str:
    from datetime import UTC, datetime

    moment = datetime.fromtimestamp(time or 0.0, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z "
