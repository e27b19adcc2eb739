"""Whether two readers tell the same of a run."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import zip_longest
from typing import TYPE_CHECKING, Any

from attrs import asdict, evolve
from runicorn.contracts import RunReader
from runicorn.errors import StorageError
from runicorn.serialize import dumps, number

if TYPE_CHECKING:
    from runicorn.model.metric import MetricRecord

_PAGE = 10_000


def compare(source: RunReader, made: RunReader) -> int:
    """Compare every record, figure, text, medium, alert and log line.

    :returns: how many values there are.
    :raises StorageError: something differs.
    """
    points = 0
    for place, (one, other) in enumerate(zip_longest(source.records(), made.records()), 1):
        if one is None or other is None or _told(one) != _told(other):
            raise StorageError("migrating", str(source.folder), f"record {place} would not be what it is")
        points += len(one.data)
    for what, tell in _TOLD.items():
        if tell(source) != tell(made):
            raise StorageError("migrating", str(source.folder), f"its {what} would not be what they are")
    offset = 0
    while True:
        one, other = source.logs(offset, _PAGE), made.logs(offset, _PAGE)
        if [line.text for line in one.lines] != [line.text for line in other.lines] or one.size != other.size:
            raise StorageError("migrating", str(source.folder), "its log would not be what it is")
        if not one.lines:
            return points
        offset = one.next_offset


def holds(reader: RunReader, other: RunReader) -> bool:
    """Whether a run has every record, medium, alert and log line of another, in their order; it may have more."""
    return (
        _within(map(_told, other.records()), map(_told, reader.records()))
        and all(_within(map(_json, tell(other)), map(_json, tell(reader))) for tell in (_media, _alerts))
        and _within(_log(other), _log(reader))
    )


def same_documents(reader: RunReader, other: RunReader) -> bool:
    """Whether parameters, summary and state are equal."""
    one, two = reader.record, other.record
    state = (one.status, one.ended_at) == (two.status, two.ended_at)
    return state and all(_TOLD[what](reader) == _TOLD[what](other) for what in ("parameters", "summary"))


def _within(part: Iterable[object], whole: Iterable[object]) -> bool:
    rest = iter(whole)
    return all(one in rest for one in part)  # which reads on from where the one before was


def _media(reader: RunReader) -> Iterator[dict[str, Any]]:
    return (asdict(medium) for medium in reader.media())


def _alerts(reader: RunReader) -> Iterator[Mapping[str, Any]]:
    return iter(reader.alerts())


def _log(reader: RunReader) -> Iterator[str]:
    offset = 0
    while (page := reader.logs(offset, _PAGE)).lines:
        yield from (line.text for line in page.lines)
        offset = page.next_offset


def _json(value: Any) -> bytes:
    return dumps(_plain(value))


def _told(record: MetricRecord) -> bytes:
    return dumps([record.ts, record.step, record.stage, _plain(record.data)])


def _plain(value: Any) -> Any:
    """Integers beyond 64 bits are floats in JSON's own reading, and may be either where a line held bare NaN."""
    if isinstance(value, int) and not -(2**63) <= value < 2**64:
        return number(value)
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list) else value


def _series(reader: RunReader) -> str:
    """Without the mean, which may differ in its last digit: every value was compared already."""
    return repr([evolve(series, mean=None) for series in reader.series()])


_TOLD: dict[str, Callable[[RunReader], object]] = {
    "series": _series,
    "texts": lambda reader: dumps(_plain(reader.texts())),
    "media": lambda reader: dumps([_plain(asdict(medium)) for medium in reader.media()]),
    "alerts": lambda reader: dumps([_plain(alert) for alert in reader.alerts()]),
    "parameters": lambda reader: dumps(_plain(reader.read("params"))),
    "summary": lambda reader: dumps(_plain(reader.read("summary"))),
    "notes and tags": lambda reader: dumps(_plain(reader.read("user"))),
}
