"""Media records, ours and those of older versions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from runicorn.model.stream import MediaRecord
from runicorn.serialize import number

_OWN = frozenset(["key", "kind", "path", "step"])


def media_of(event: Mapping[str, Any]) -> MediaRecord | None:
    """The file that a record points at; None for records of other types and for one that names no file."""
    kind, data = event.get("type"), event.get("data")
    if kind not in ("media", "image") or not isinstance(data, dict):
        return None
    path = data.get("path")
    if not isinstance(path, str) or not path:
        return None
    step = number(event.get("step") if "step" in event else data.get("step"))
    return MediaRecord(
        key=str(data.get("key", "")),
        kind="image" if kind == "image" else str(data.get("kind", "")),
        step=None if step is None or step != step else int(step),
        ts=number(event.get("ts")) or 0.0,
        path=path.replace("\\", "/"),
        fields={name: value for name, value in data.items() if name not in _OWN},
    )
