"""Media of wandb: files beside the ``.wandb`` file, and values that are in it."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from runicorn.errors import MissingDependency, UnsafePath
from runicorn.security import join
from runicorn.serialize import dumps, loads, number

from ..pictures import picture
from ..tables import parquet

if TYPE_CHECKING:
    from runicorn.contracts import RunSink

#: Kinds whose file is shown as it is: wandb's name -> ours, and the endings that are allowed.
_AS_THEY_ARE = {
    "audio-file": ("audio", (".wav", ".mp3", ".ogg", ".flac", ".m4a")),
    "video-file": ("video", (".mp4", ".webm", ".gif")),
    "html-file": ("html", (".html",)),
}
_MOST_BINS = 512
_GONE = "media files that are not there any more"


def bring_media(
    sink: RunSink, files: Path, key: str, value: Mapping[str, Any], *, step: int, ts: float
) -> Mapping[str, int]:
    """Give what can be shown.

    :returns: what could not be, and how much.
    """
    kind = str(value.get("_type"))

    def read(name: object) -> bytes | None:
        try:
            return join(files, str(name)).read_bytes()
        except (OSError, UnsafePath):
            return None

    def put(name: str, data: bytes, suffix: str, **fields: Any) -> None:
        if value.get("caption"):
            fields.setdefault("caption", str(value["caption"]))
        sink.media(key, name, data, suffix, step=step, ts=ts, **fields)

    match kind:
        case "image-file":
            return _image(read(value.get("path")), put)
        case "images/separated":
            return _images(value, read, put)
        case "histogram":
            return _histogram(value, put)
        case "table-file":
            return _table(read(value.get("path")), put)
        case _ if kind in _AS_THEY_ARE:
            ours, endings = _AS_THEY_ARE[kind]
            data, suffix = read(value.get("path")), Path(str(value.get("path"))).suffix.lower()
            if data is None:
                return {_GONE: 1}
            if suffix in endings:
                put(ours, data, suffix)
                return {}
    return {f"values of type {kind}": 1}


def _image(data: bytes | None, put: Callable[..., None], **fields: Any) -> Mapping[str, int]:
    if data is None:
        return {_GONE: 1}
    found = picture(data)
    if found is None:
        return {"pictures of an unknown format": 1}
    put("image", data, found.suffix, width=found.width, height=found.height, **fields)
    return {}


def _images(
    value: Mapping[str, Any], read: Callable[[object], bytes | None], put: Callable[..., None]
) -> Mapping[str, int]:
    omitted: dict[str, int] = {}
    captions = value.get("captions")
    for place, name in enumerate(value.get("filenames") or []):
        said = captions[place] if isinstance(captions, list) and place < len(captions) else None
        for what, count in _image(read(name), put, **({"caption": str(said)} if said else {})).items():
            omitted[what] = omitted.get(what, 0) + count
    return omitted


def _table(data: bytes | None, put: Callable[..., None]) -> Mapping[str, int]:
    if data is None:
        return {_GONE: 1}
    try:
        document = loads(data)
        file, fields = parquet(document["columns"], document["data"])
    except MissingDependency:
        return {"tables (they need: pip install 'runicorn-exporters[parquet]')": 1}
    except (ValueError, KeyError, TypeError):
        return {"tables that cannot be read": 1}
    put("table", file, ".parquet", **fields)
    return {}


def _histogram(value: Mapping[str, Any], put: Callable[..., None]) -> Mapping[str, int]:
    edges = [number(edge) for edge in value.get("bins") or [] if value.get("bins")]
    counts = [number(count) for count in value.get("values") or []]
    usable = len(edges) == len(counts) + 1 and 1 <= len(counts) <= _MOST_BINS
    if not usable or any(n is None or not math.isfinite(n) for n in (*edges, *counts)):
        return {"histograms without bins": 1}
    if any(not after > before for before, after in pairwise(edges)):  # type: ignore[operator]  # none is None
        return {"histograms without bins": 1}
    plain = [int(count) if count.is_integer() else count for count in counts if count is not None]
    shown = {"counts": plain, "edges": edges, "n": sum(plain)}
    put("histogram", dumps(shown), ".json", **shown)
    return {}
