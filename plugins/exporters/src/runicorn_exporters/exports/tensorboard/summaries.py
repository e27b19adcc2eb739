"""What runs carry beside numbers: images, sounds, histograms, texts."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from runicorn.errors import UnsafePath
from runicorn.security import join
from runicorn.serialize import dumps

from .records import event
from .wire import double, doubles, piece, single, text, whole

if TYPE_CHECKING:
    from runicorn.contracts import RunReader
    from runicorn.model.stream import MediaRecord
    from runicorn.types import JSON

_IMAGES = (".png", ".jpg", ".jpeg", ".gif", ".webp", ".bmp")  # what a browser draws, which TensorBoard leaves it to
_SOUNDS = {".wav": "audio/wav", ".mp3": "audio/mpeg", ".ogg": "audio/ogg", ".flac": "audio/flac"}
_MOST_BYTES = 64 << 20  # of one file; TensorBoard holds it in memory


def media_events(run: RunReader) -> Iterator[bytes]:
    """Images (figures that are images too), sounds, histograms and texts; in the order of keys and steps.

    Several under one key and step are ``key``, ``key/1``, ``key/2``. Tables, videos and pages have no place there; a
    file that is gone is left out.
    """
    before: tuple[str, int | None] | None = None
    number = 0
    for record in run.media():
        number = number + 1 if (record.key, record.step) == before else 0
        before = record.key, record.step
        value = _value(run, record)
        if value is not None:
            tag = f"{record.key}/{number}" if number else record.key
            yield event(record.ts, record.step or 0, tag, value)


def text_events(run: RunReader) -> Iterator[bytes]:
    """Texts among the values of ``log()``."""
    keys = run.texts()
    if not keys:
        return
    for record in run.records():
        for key in keys.keys() & record.data.keys():
            value = record.data[key]
            if value is not None:
                shown = value if isinstance(value, str) else dumps(value).decode()
                yield event(record.ts, record.step, key, _text(shown.encode("utf-8", "replace")))


def _value(run: RunReader, record: MediaRecord) -> bytes | None:
    suffix = f".{record.path.rpartition('.')[2].lower()}"
    if record.kind == "histogram":
        return _histogram(record.fields)
    if record.kind in ("image", "figure") and suffix in _IMAGES:
        data = _content(run, record)
        return None if data is None else piece(4, _image(record.fields, data))
    if record.kind == "audio" and suffix in _SOUNDS:
        data = _content(run, record)
        return None if data is None else piece(6, _sound(record.fields, data, _SOUNDS[suffix]))
    if record.kind == "text":
        data = _content(run, record)
        return None if data is None else _text(data)
    return None


def _content(run: RunReader, record: MediaRecord) -> bytes | None:
    try:
        with join(run.folder, record.path).open("rb") as file:
            data = file.read(_MOST_BYTES + 1)
    except (OSError, UnsafePath):
        return None
    return data if len(data) <= _MOST_BYTES else None


def _image(fields: Mapping[str, JSON], data: bytes) -> bytes:
    return whole(1, _whole(fields, "height")) + whole(2, _whole(fields, "width")) + whole(3, 3) + piece(4, data)


def _sound(fields: Mapping[str, JSON], data: bytes, media_type: str) -> bytes:
    rate, seconds = fields.get("sample_rate"), fields.get("duration_s")
    known = rate if isinstance(rate, (int, float)) else 0
    frames = round(known * seconds) if isinstance(seconds, (int, float)) else 0
    head = single(1, known) + whole(2, _whole(fields, "channels")) + whole(3, frames)
    return head + piece(4, data) + text(5, media_type)


def _histogram(fields: Mapping[str, JSON]) -> bytes | None:
    counts, edges = _numbers(fields.get("counts")), _numbers(fields.get("edges"))
    if not counts or len(edges) != len(counts) + 1:
        return None
    middles = [(left + right) / 2 for left, right in itertools.pairwise(edges)]
    known = sum(counts)
    mean = _number(fields, "mean", sum(n * x for n, x in zip(counts, middles, strict=True)) / (known or 1))
    spread = _number(fields, "std", 0.0)
    parts = [double(1, edges[0]), double(2, edges[-1]), double(3, known), double(4, mean * known)]
    parts += [double(5, (spread * spread + mean * mean) * known), doubles(6, edges[1:]), doubles(7, counts)]
    return piece(5, b"".join(parts))


def _text(data: bytes) -> bytes:
    """A tensor of one string, which the text plugin shows as Markdown."""
    tensor = whole(1, 7) + piece(2, piece(2, whole(1, 1))) + piece(8, data)
    return piece(9, piece(1, text(1, "text")) + whole(4, 2)) + piece(8, tensor)


def _whole(fields: Mapping[str, JSON], name: str) -> int:
    value = fields.get(name)
    return value if isinstance(value, int) else 0


def _number(fields: Mapping[str, JSON], name: str, otherwise: float) -> float:
    value = fields.get(name)
    return float(value) if isinstance(value, (int, float)) else otherwise


def _numbers(value: JSON) -> list[float]:
    if not isinstance(value, list) or not all(isinstance(each, (int, float)) for each in value):
        return []
    return [float(each) for each in value if isinstance(each, (int, float))]
