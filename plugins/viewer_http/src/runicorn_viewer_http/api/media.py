"""What a run logged beside numbers: the list, and the files."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any, TypedDict

from attrs import frozen
from runicorn.contracts import Store
from runicorn.contracts.http import About, Call, Endpoint, NoBody, Reply
from runicorn.errors import Problem, UnsafePath
from runicorn.model.stream import MediaRecord
from runicorn.security import join
from runicorn.types import JSON

from ..asgi.files import file_reply
from .lookup import Folder, RunId, find_run


@frozen
class MediaQuery:
    id: RunId
    path: Folder = None
    key: Annotated[str | None, About("Only this key.", max_length=1000)] = None
    first_step: Annotated[int | None, About("From this step on.")] = None
    last_step: Annotated[int | None, About("Up to this step.")] = None


@frozen
class FileQuery:
    id: RunId
    file: Annotated[str, About("The `path` of a media record.", max_length=2000)]
    path: Folder = None


class Media(TypedDict):
    """One logged file; `path` is what follows `/api/runs/{id}/media/`."""

    key: str
    step: int | None
    time: float
    type: str
    path: str
    caption: str | None
    width: int | None
    height: int | None
    fields: Annotated[dict[str, JSON], About("Whatever else its media type wrote.")]


def endpoints(store: Store) -> Iterable[Endpoint[Any, Any]]:
    def media(call: Call[MediaQuery, NoBody]) -> list[Media]:
        """Images and other logged files, ordered by key and step."""
        query = call.query
        reader = store.open_run(find_run(store, query.id, query.path).ref)
        return [media_of(record) for record in reader.media(query.key, query.first_step, query.last_step)]

    def file(call: Call[FileQuery, NoBody]) -> Reply:
        """A logged file. Ranges and `If-None-Match` work; HTML and SVG come with `Content-Security-Policy: sandbox`."""
        query = call.query
        folder = store.open_run(find_run(store, query.id, query.path).ref).folder
        return file_reply(media_file(folder, query.file), call.headers)

    yield Endpoint("GET", "/api/runs/{id}/media", media, answer=list[Media], query=MediaQuery)
    yield Endpoint(
        "GET",
        "/api/runs/{id}/media/{file:path}",
        file,
        query=FileQuery,
        also={"*/*": "The file."},
        statuses={206: "The range that was asked for.", 304: "The client has it.", 416: "No such range."},
    )


def media_of(record: MediaRecord) -> Media:
    fields = dict(record.fields)
    return {
        "key": record.key,
        "step": record.step,
        "time": record.ts,
        "type": record.kind,
        "path": record.path,
        "caption": _text(fields.pop("caption", None)),
        "width": _whole(fields.pop("width", None)),
        "height": _whole(fields.pop("height", None)),
        "fields": fields,
    }


def media_file(folder: Path, name: str) -> Path:
    """The file of a media record, which never leaves the run's media folder.

    :raises Problem: 404.
    """
    try:
        path = join(folder / "media", name.removeprefix("media/"))
    except UnsafePath:
        path = None
    if path is None or not path.is_file():
        raise Problem(404, "file-not-found", f"the run has no media file {name!r}", file=name)
    return path


def _text(value: JSON) -> str | None:
    return None if value is None else str(value)


def _whole(value: JSON) -> int | None:
    return value if isinstance(value, int) else None
