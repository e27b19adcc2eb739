"""``GET /api/runs/{id}/logs``: pages of the log, or all of it as text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Annotated, Any, TypedDict

from attrs import frozen
from runicorn.contracts import RunReader, Store
from runicorn.contracts.http import About, Call, Endpoint, NoBody, Reply
from runicorn.model.stream import LogLine

from .lookup import Folder, RunId, find_run

PAGE = 5000  # lines of the log that are turned into text at a time


@frozen
class LogsQuery:
    id: RunId
    path: Folder = None
    offset: Annotated[int, About("First line, counted from 0.", minimum=0)] = 0
    limit: Annotated[
        int | None, About("At most so many lines; 1000 in JSON, all of them as text.", minimum=1, maximum=100_000)
    ] = None
    tail: Annotated[int | None, About("The last so many lines, instead of offset.", minimum=0, maximum=100_000)] = None
    stream: Annotated[
        str | None, About("Only stdout, stderr, text, log (all levels) or log/<level>.", max_length=100)
    ] = None
    q: Annotated[str | None, About("Only lines that contain this, ignoring case.", max_length=1000)] = None


class Line(TypedDict):
    """One line; `n` counts from 0 over all log files of the run."""

    n: int
    time: float | None
    stream: str
    level: str | None
    text: str


class Logs(TypedDict):
    lines: list[Line]
    next_offset: Annotated[int, About("Pass it as offset to go on.")]
    size: Annotated[int, About("Lines in the log.")]


def endpoints(store: Store) -> Iterable[Endpoint[Any, Any]]:
    def logs(call: Call[LogsQuery, NoBody]) -> Logs | Reply:
        """Lines of the run's log. `Accept: text/plain` gives them as they are written."""
        query = call.query
        reader = store.open_run(find_run(store, query.id, query.path).ref)
        if call.prefers("application/json", "text/plain") == "text/plain":
            headers = {"Cache-Control": "no-cache", "Vary": "Accept"}
            return Reply(as_text(reader, query), 200, "text/plain", headers)
        page = reader.logs(query.offset, query.limit or 1000, tail=query.tail, stream=query.stream, q=query.q)
        return {"lines": [line_of(line) for line in page.lines], "next_offset": page.next_offset, "size": page.size}

    yield Endpoint(
        "GET",
        "/api/runs/{id}/logs",
        logs,
        answer=Logs,
        query=LogsQuery,
        also={"text/plain": "`2026-11-23T15:01:02.123Z stdout | text`, one line each."},
    )


def line_of(line: LogLine) -> Line:
    return {"n": line.n, "time": line.time, "stream": line.stream, "level": line.level, "text": line.text}


def as_text(reader: RunReader, query: LogsQuery) -> Iterator[bytes]:
    """The lines as they stand in the files, page by page."""
    offset, left, tail = query.offset, query.limit, query.tail
    while left is None or left > 0:
        wanted = PAGE if left is None else min(PAGE, left)
        page = reader.logs(offset, wanted, tail=tail, stream=query.stream, q=query.q)
        yield "".join(map(_written, page.lines)).encode("utf-8", "replace")
        if tail is not None or page.next_offset <= offset or page.next_offset >= page.size:
            return
        offset = page.next_offset
        left = None if left is None else left - len(page.lines)


def _written(line: LogLine) -> str:
    if line.time is None:  # an older folder: only a time of day is known, and not of which day
        return f"{line.text}\n"
    moment = datetime.fromtimestamp(line.time, UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3]
    stream = f"{line.stream}/{line.level}" if line.level else line.stream
    return f"{moment}Z {stream} | {line.text}\n"
