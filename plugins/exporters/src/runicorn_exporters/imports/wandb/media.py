"""Media of wandb: files beside the ``.wandb`` file, and values that are in it."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Mapping
from functools import lru_cache, partial
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from runicorn.errors import MissingDependency, UnsafePath
from runicorn.security import join
from runicorn.serialize import dumps, loads, number

from ..pictures import picture
from ..tables import MediaCell, parquet
from .drawn import Labels, drawn

if TYPE_CHECKING:
    from runicorn.contracts import RunSink
    from runicorn.types import JSON

    from .manifests import Entry

#: Kinds whose file is shown as it is: wandb's name -> ours, and the endings that are allowed.
_AS_THEY_ARE = {
    "audio-file": ("audio", (".wav", ".mp3", ".ogg", ".flac", ".m4a")),
    "video-file": ("video", (".mp4", ".webm", ".gif")),
    "html-file": ("html", (".html",)),
}
_MOST_BINS = 512
_GONE = "media files that are not there any more"

#: The content of a file that a value names; None where it is not there.
_Read: TypeAlias = "Callable[[object], bytes | None]"


class _Shown(NamedTuple):
    """What the record of a medium says of it."""

    kind: str
    data: bytes
    suffix: str
    fields: dict[str, JSON]


class Media:
    """Gives the media of one run; what cannot be given is counted.

    :param labels: the classes of what is drawn over a picture: by its key, ``box`` or ``mask``, and the layer's name.
    :param tables: the files of the artifact that a table of the run in a folder was logged in, by their paths in it.
    """

    def __init__(
        self,
        sink: RunSink,
        labels: Callable[[str, str, str], Labels],
        tables: Callable[[object, Path], Mapping[str, Entry]],
    ) -> None:
        self._sink, self._labels, self._tables = sink, labels, tables
        self.omitted: Counter[str] = Counter()

    def bring(self, folder: Path, key: str, value: Mapping[str, Any], *, step: int, ts: float) -> None:
        """:param folder: the run's files."""

        def read(name: object) -> bytes | None:
            try:
                return join(folder, str(name)).read_bytes()
            except (OSError, UnsafePath):
                return None

        kind = str(value.get("_type"))
        found: list[_Shown | None]
        if kind == "images/separated":
            found = [self._one(key, each, read) for each in _separated(value)]
        elif kind == "histogram":
            found = [self._histogram(value)]
        elif kind in ("table-file", "incremental-table-file"):
            found = [self._table(value, read, folder.parent)]
        else:
            found = [self._one(key, value, read)]
        for shown in found:
            if shown is not None:
                self._sink.media(key, shown.kind, shown.data, shown.suffix, step=step, ts=ts, **shown.fields)

    def _one(self, key: str, value: Mapping[str, Any], read: _Read, labels: Labels | None = None) -> _Shown | None:
        """A medium that is one file.

        :param labels: the classes, where they are known by the table.
        """
        kind = str(value.get("_type"))
        ours, endings = _AS_THEY_ARE.get(kind, ("image", ()))
        if kind != "image-file" and kind not in _AS_THEY_ARE:
            return self._leave(f"values of type {kind}")
        data, suffix = read(value.get("path")), Path(str(value.get("path"))).suffix.lower()
        if data is None:
            return self._leave(_GONE)
        fields: dict[str, JSON] = {"caption": str(value["caption"])} if value.get("caption") else {}
        if kind in _AS_THEY_ARE:
            return _Shown(ours, data, suffix, fields) if suffix in endings else self._leave(f"values of type {kind}")
        found = picture(data)
        if found is None:
            return self._leave("pictures of an unknown format")

        def classes(over: str, layer: str) -> Labels:
            return labels if labels is not None else self._labels(key, over, layer)

        over = drawn(
            {"width": found.width, "height": found.height, **value}, read, self._sink.put, classes, self._leave
        )
        return _Shown("image", data, found.suffix, {"width": found.width, "height": found.height, **fields, **over})

    def _table(self, value: Mapping[str, Any], read: _Read, run: Path) -> _Shown | None:
        """Media in its cells lie in the artifact that the table was logged in: wandb's page gets them from there."""
        entries = self._tables(value.get("artifact_path"), run) if value.get("artifact_path") else {}

        def kept(name: object) -> bytes | None:
            entry = entries.get(str(name))
            place = entry.content(run) if entry is not None else None
            return place.read_bytes() if place is not None else read(name)

        name = str(value.get("artifact_path")).rpartition("/")[2]
        data = kept(name) if name in entries else None
        whole = data is not None
        if data is None:
            data = read(value.get("path"))
        if data is None:
            return self._leave(_GONE)
        lost = sum(path.startswith("media/") for path in entries) if not whole else 0
        try:
            document = loads(data)
            labels = lru_cache(partial(self._classes, kept))
            rows = [[self._cell(cell, kept, labels) for cell in row] for row in document["data"]]
            file, fields = parquet(document["columns"], rows)
        except MissingDependency:
            return self._leave("tables (they need: pip install 'runicorn-exporters[parquet]')")
        except (ValueError, KeyError, TypeError):
            return self._leave("tables that cannot be read")
        self.omitted.update({"media in cells of tables that are not there any more": lost} if lost else {})
        return _Shown("table", file, ".parquet", fields)

    def _cell(self, cell: object, read: _Read, labels: Callable[[str], Labels]) -> object:
        if not isinstance(cell, dict) or "_type" not in cell:
            return cell
        classes = cell.get("classes")
        named = str(classes.get("path")) if isinstance(classes, dict) else ""
        shown = self._one("", cell, read, labels(named))
        if shown is None:
            return str(cell["_type"])
        fields = dict(shown.fields)
        caption = fields.pop("caption", None)
        path = self._sink.put(shown.data, shown.suffix)
        return MediaCell(shown.kind, path, None if caption is None else str(caption), fields)

    def _classes(self, read: _Read, name: str) -> Labels:
        """The set of classes that a picture of a table names."""
        data = read(name) if name else None
        if data is None:
            return {}
        try:
            return {str(each["id"]): str(each["name"]) for each in loads(data)["class_set"]}
        except (ValueError, KeyError, TypeError):
            self._leave("sets of classes that cannot be read")
            return {}

    def _histogram(self, value: Mapping[str, Any]) -> _Shown | None:
        edges = [number(edge) for edge in _listed(value.get("bins"))]
        counts = [number(count) for count in _listed(value.get("values"))]
        usable = len(edges) == len(counts) + 1 and 1 <= len(counts) <= _MOST_BINS
        if not usable or any(n is None or not math.isfinite(n) for n in (*edges, *counts)):
            return self._leave("histograms without bins")
        if any(not after > before for before, after in pairwise(edges)):  # type: ignore[operator]  # none is None
            return self._leave("histograms without bins")
        plain = [int(count) if count.is_integer() else count for count in counts if count is not None]
        shown: dict[str, JSON] = {"counts": [*plain], "edges": [*edges], "n": sum(plain)}
        return _Shown("histogram", dumps(shown), ".json", shown)

    def _leave(self, what: str) -> _Shown | None:
        self.omitted[what] += 1
        return None


def _separated(value: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The pictures of a list, each as one alone would be."""
    found = []
    for place, name in enumerate(_listed(value.get("filenames"))):
        one: dict[str, Any] = {"_type": "image-file", "path": name}
        for member, of_all in (("caption", "captions"), ("boxes", "all_boxes"), ("masks", "all_masks")):
            each = value.get(of_all)
            if isinstance(each, list) and place < len(each) and each[place]:
                one[member] = each[place]
        found.append(one)
    return found


def _listed(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
