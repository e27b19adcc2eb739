"""JSON: everything that is known of a run."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, BinaryIO

from attrs import asdict, frozen
from runicorn.serialize import dumps

if TYPE_CHECKING:
    from runicorn.contracts import ExportReader, RunReader

_CHUNK = 1 << 16  # bytes gathered before they are written


@frozen
class JsonOptions:
    """What can be chosen."""

    metrics: bool = True  # each log() call as it was logged
    logs: bool = False  # the lines of the log


class JsonExporter:
    """One document ``{"runs": [...]}``. Written piece by piece: a long run needs no more memory than a short one."""

    name = "json"
    suffix = ".json"
    media_type = "application/json"
    options = JsonOptions

    def export(self, reader: ExportReader, out: BinaryIO, options: JsonOptions) -> None:
        out.write(b'{"runs": [')
        for number, run in enumerate(reader.runs):
            out.write(b",\n" if number else b"\n")
            _write_run(run, out, options)
        out.write(b"\n]}\n")


def _write_run(run: RunReader, out: BinaryIO, options: JsonOptions) -> None:
    head = dumps(_head(run))
    out.write(head[:-1])
    if options.metrics:
        records = (
            {"step": record.step, "ts": record.ts, "stage": record.stage, "data": record.data}
            for record in run.records()
        )
        _write_list(b"metrics", records, out)
    if options.logs:
        lines = (
            {"ts": line.time, "stream": line.stream, "level": line.level, "text": line.text} for line in _lines(run)
        )
        _write_list(b"logs", lines, out)
    out.write(b"}")


def _head(run: RunReader) -> dict[str, Any]:
    record = run.record
    return {
        "run": record.ref.id,
        "project": record.ref.project,
        "name": record.ref.name,
        "display_name": record.display_name,
        "status": record.status,
        "created_at": record.created_at,
        "started_at": record.started_at,
        "ended_at": record.ended_at,
        "duration_s": record.duration_s,
        "host": record.hostname,
        "tags": list(record.tags),
        "note": record.note,
        "exit": record.exit,
        "trouble": list(record.trouble),
        "best": None if record.best is None else asdict(record.best),
        "params": run.read("params"),
        "summary": dict(record.summary),
        "environment": run.read("environment"),
        "media": [asdict(medium) for medium in run.media()],
        "alerts": list(run.alerts()),
    }


def _lines(run: RunReader) -> Iterator[Any]:
    page = run.logs(0)
    while page.lines:
        yield from page.lines
        page = run.logs(page.next_offset)


def _write_list(name: bytes, items: Iterator[dict[str, Any]], out: BinaryIO) -> None:
    out.write(b', "' + name + b'": [')
    waiting = bytearray()
    between = b"\n"
    for item in items:
        waiting += between + dumps(item)
        between = b",\n"
        if len(waiting) >= _CHUNK:
            out.write(waiting)
            waiting.clear()
    out.write(waiting)
    out.write(b"\n]")


@frozen
class JsonlOptions:
    """What can be chosen."""

    keys: tuple[str, ...] = ()  # none: all


class JsonlExporter:
    """JSON lines: one object for each run, then one for each of its ``log()`` calls, exactly as it was logged."""

    name = "jsonl"
    suffix = ".jsonl"
    media_type = "application/jsonl"
    options = JsonlOptions

    def export(self, reader: ExportReader, out: BinaryIO, options: JsonlOptions) -> None:
        wanted = frozenset(options.keys)
        waiting = bytearray()
        for run in reader.runs:
            waiting += dumps({"type": "run", **_head(run)}) + b"\n"
            for record in run.records():
                data = record.data if not wanted else {k: v for k, v in record.data.items() if k in wanted}
                if not data:
                    continue
                head = {"type": "metrics", "run": run.record.ref.id, "step": record.step, "ts": record.ts}
                waiting += dumps({**head, "stage": record.stage, "data": data}) + b"\n"
                if len(waiting) >= _CHUNK:
                    out.write(waiting)
                    waiting.clear()
        out.write(waiting)
