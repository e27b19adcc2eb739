"""Media in the cells of a table: taken on the training thread, kept as files of the run, named by the cell."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from itertools import chain
from typing import TYPE_CHECKING, Any

from attrs import frozen
from runicorn import hooks
from runicorn.contracts.media import MEDIA_CELL, MEDIA_COLUMN
from runicorn.serialize import dumps, loads

if TYPE_CHECKING:
    from runicorn.contracts import MediaSink, MediaType
    from runicorn.types import JSON

MOST = 10_000  # media in the cells of one table
MOST_BYTES = 512 << 20  # of their copies
_PLAIN = frozenset([str, int, float, bool, bytes, type(None), list, tuple, dict])


@frozen
class Taken:
    """A media value of a cell, as its type copied it."""

    kind: MediaType
    snapshot: object


class Taking:
    """Replaces the media in the cells of one table by copies. Costs a look at the class of each cell."""

    def __init__(self) -> None:
        self.nbytes = 0
        self._count = 0

    def rows(self, rows: list[Any]) -> None:
        """Take those of rows, which are lists and dicts, in place.

        :raises ValueError: they are too many or too large.
        """
        cells = chain.from_iterable([row.values() if type(row) is dict else row for row in rows])
        if _PLAIN.issuperset(map(type, cells)):
            return
        for row in rows:
            for place, cell in list(row.items() if isinstance(row, dict) else enumerate(row)):
                if type(cell) not in _PLAIN:
                    row[place] = self._take(cell)

    def _take(self, cell: object) -> object:
        found = hooks.media_type_for(cell)
        if found is None:
            # A tensor of one number may change, and Arrow does not know it.
            number = getattr(cell, "shape", None) == () and type(cell).__module__ != "numpy" and hasattr(cell, "item")
            return cell.item() if number else cell  # type: ignore[attr-defined]  # just asked
        taken = Taken(found[1], found[1].snapshot(cell))
        size = getattr(taken.snapshot, "nbytes", 0)
        self.nbytes += size if isinstance(size, int) else 0
        self._count += 1
        if self._count > MOST or self.nbytes > MOST_BYTES:
            raise ValueError(f"a table with more media in its cells than {MOST} or {MOST_BYTES >> 20} MiB")
        return taken


def has_media(values: Iterable[object]) -> bool:
    return any(type(value) is Taken for value in values)


def put_column(values: Iterable[object], sink: MediaSink, pa: Any) -> Any:
    """A column of structs: of media kind, path, caption and the other fields; of anything else its text as caption.

    What cannot be encoded becomes a sentence, and leaves the rest of the table as it is.
    """
    cells = [_cell(value, sink) for value in values]
    return pa.array(cells, pa.struct([(name, pa.string()) for name in MEDIA_CELL]))


def said(value: Any) -> str:
    """A value as text; what has parts, as JSON."""
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode()
    if isinstance(value, (dict, list, tuple)):
        return json.dumps(value, ensure_ascii=False, default=str)
    return str(value)


def _cell(value: object, sink: MediaSink) -> dict[str, str | None] | None:
    if value is None or (isinstance(value, float) and value != value):
        return None
    if not isinstance(value, Taken):
        return {"caption": said(value)}
    try:
        fields = dict(value.kind.encode(value.snapshot, sink))
        path, caption = str(fields.pop("path")), fields.pop("caption", None)
        return {
            "kind": value.kind.name,
            "path": path,
            "caption": None if caption is None else said(caption),
            "fields": dumps(fields).decode(),
        }
    except Exception as error:  # noqa: BLE001 (a plugin may raise anything)
        return {"caption": f"{value.kind.name} not kept: {said(str(error))}"[:1000]}


def described(field: Any) -> dict[str, JSON]:
    """Name and type of a column of Arrow, for people."""
    return {"name": field.name, "type": "media" if is_media(field) else str(field.type)}


def marked(field: Any) -> Any:
    """The field of a column that :func:`put_column` made."""
    return field.with_metadata(MEDIA_COLUMN)


def is_media(field: Any) -> bool:
    """Whether a column holds what :func:`put_column` made."""
    return bool(field.metadata) and MEDIA_COLUMN.items() <= field.metadata.items()


def shown(cell: Mapping[str, str | None]) -> JSON:
    """A cell of such a column for the viewer: its media, or its text."""
    kind, path = cell.get("kind"), cell.get("path")
    if kind is None or path is None or ".." in path.split("/"):
        return cell.get("caption")
    try:
        fields = loads(cell.get("fields") or "{}")
    except ValueError:
        fields = {}
    return {"kind": kind, "path": path, "caption": cell.get("caption"), "fields": fields}


def as_text(table: Any, members: tuple[str, ...]) -> Any:
    """A table of Arrow whose media stand for themselves as text: as the first of these members that a cell has."""
    import pyarrow.compute as pc

    for place, field in enumerate(table.schema):
        if is_media(field):
            column = table.column(place)
            texts = pc.coalesce(*(pc.struct_field(column, member) for member in members))
            table = table.set_column(place, field.name, texts)
    return table
