"""Parameters and outcome of a run, for TensorBoard's HPARAMS page."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from runicorn.serialize import dumps

from ..report import flat
from .records import event
from .wire import double, piece, text, whole

if TYPE_CHECKING:
    from runicorn.contracts import RunReader
    from runicorn.types import JSON

_SUCCESS, _FAILURE, _RUNNING = 1, 2, 3
_NOTHING = piece(8, b"\x08\x01\x12\x00" + piece(5, b"\x00\x00\x00\x00"))  # a tensor, which every summary has


def session_events(run: RunReader) -> Iterator[bytes]:
    """Start and end of the run's session. TensorBoard finds out the columns from all sessions by itself."""
    record = run.record
    started = record.started_at or record.created_at
    params = flat(run.read("params"))
    start = b"".join(piece(1, text(1, name) + piece(2, _value(value))) for name, value in params.items())
    start += text(4, record.ref.id) + double(5, started)
    yield event(started, 0, "_hparams_/session_start_info", _data(piece(3, start)))
    if record.status == "running":
        end = whole(1, _RUNNING)
    else:
        end = whole(1, _SUCCESS if record.status == "finished" else _FAILURE)
        end += double(2, started + (record.duration_s or 0.0))
    yield event(started, 0, "_hparams_/session_end_info", _data(piece(4, end)))


def _data(content: bytes) -> bytes:
    return piece(9, piece(1, text(1, "hparams") + piece(2, content))) + _NOTHING


def _value(value: JSON) -> bytes:
    """``google.protobuf.Value``: what TensorBoard can sort by; anything else as its JSON text."""
    if isinstance(value, bool):
        return whole(4, value)
    if isinstance(value, (int, float)):
        return double(2, value)
    return text(3, value if isinstance(value, str) else dumps(value).decode())
