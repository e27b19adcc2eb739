"""Events of TensorBoard as what was logged: scalars, pictures, texts, histograms, sounds, hyper-parameters."""

from __future__ import annotations

import math
import struct
from collections import Counter
from typing import TYPE_CHECKING

from .. import wire
from ..pictures import picture
from ..sounds import sound
from .tensors import Tensor, tensor

if TYPE_CHECKING:
    from runicorn.contracts import RunSink
    from runicorn.types import JSON

_HEAD = struct.Struct("<Bd").unpack_from
_FLOAT = struct.Struct("<f").unpack_from
_MOST_BINS = 512
_NOT_SHOWN = {4: "graphs", 8: "profiles of steps", 9: "graphs"}
_HPARAMS = "hparams"


class Events:
    """Takes one event after the other."""

    def __init__(self, sink: RunSink) -> None:
        self._sink = sink
        self._kinds: dict[str, str] = {}  # tag -> plugin: only the first event of a tag says it
        self._tags: dict[bytes, str] = {}
        self._omitted: Counter[str] = Counter()
        self.params: dict[str, JSON] = {}
        self.first = self.last = 0.0

    def take(self, record: bytes) -> None:
        """:raises ValueError: it is no event."""
        if not self._plain_scalar(record):
            self._event(wire.fields(record))

    def finish(self) -> None:
        for what, count in self._omitted.items():
            self._sink.left_out(what, count)

    def _plain_scalar(self, record: bytes) -> bool:
        """The quick way for what most events are: wall time, step, one value with a tag and a float."""
        try:
            key, ts = _HEAD(record)
            if key != 0x09:
                return False
            at, step = 9, 0
            if record[9] == 0x10:
                at, shift = 10, 0
                while (byte := record[at]) >= 0x80:
                    step |= (byte & 0x7F) << shift
                    at, shift = at + 1, shift + 7
                step |= byte << shift
                at += 1
            # summary (5) of at most 127 bytes with one value (1) that fills it: tag (1), simple_value (2)
            if record[at] != 0x2A or record[at + 1] + at + 2 != len(record) or record[at + 2] != 0x0A:
                return False
            if record[at + 3] + at + 4 != len(record) or record[at + 4] != 0x0A:
                return False
            begin, end = at + 6, at + 6 + record[at + 5]
            if record[end] != 0x15 or end + 5 != len(record) or step >= 1 << 63:
                return False
            name = record[begin:end]
            value = _FLOAT(record, end + 1)[0]
        except (IndexError, struct.error):
            return False
        tag = self._tags.get(name)
        if tag is None:
            tag = self._tags[name] = name.decode("utf-8", "replace")
        self._seen(ts)
        self._sink.metrics({tag: value}, step=step, ts=ts)
        return True

    def _seen(self, ts: float) -> None:
        if not self.first:
            self.first = ts
        if ts > self.last:
            self.last = ts

    def _event(self, event: wire.Fields) -> None:
        ts, step = wire.double(event, 1), wire.whole(event, 2)
        for number, what in _NOT_SHOWN.items():
            self._omitted[what] += len(event.get(number, ()))
        for message in wire.each(event, 6):  # a line of a log
            line = wire.fields(message)
            level = {10: "debug", 30: "warning", 40: "error", 50: "critical"}.get(wire.whole(line, 1), "info")
            self._sink.text(wire.text(line, 2), ts=ts, stream=f"log/{level}")
        values = [value for summary in wire.each(event, 5) for value in wire.each(wire.fields(summary), 1)]
        scalars: dict[str, JSON] = {}
        for value in values:
            self._value(wire.fields(value), scalars, step, ts)
        if values:
            self._seen(ts)
        if scalars:
            self._sink.metrics(scalars, step=step, ts=ts)

    def _value(self, value: wire.Fields, scalars: dict[str, JSON], step: int, ts: float) -> None:
        tag = wire.text(value, 1)
        if 9 in value:
            plugin = wire.fields(wire.raw(wire.fields(wire.raw(value, 9)), 1))
            self._kinds[tag] = wire.text(plugin, 1)
            if self._kinds[tag] == _HPARAMS:
                self._hparams(wire.fields(wire.raw(plugin, 2)))
                return
        if 2 in value:
            self._scalar(scalars, tag, wire.single(value, 2), step, ts)
        elif 4 in value:
            self._image(tag, wire.raw(wire.fields(wire.raw(value, 4)), 4), step, ts)
        elif 5 in value:
            self._old_histogram(tag, wire.fields(wire.raw(value, 5)), step, ts)
        elif 6 in value:
            self._sound(tag, wire.raw(wire.fields(wire.raw(value, 6)), 4), step, ts)
        elif 8 in value:
            self._tensor(tag, tensor(wire.raw(value, 8)), scalars, step, ts)

    def _scalar(self, scalars: dict[str, JSON], tag: str, value: float, step: int, ts: float) -> None:
        if tag in scalars:  # twice in one event: both stay
            self._sink.metrics({tag: scalars.pop(tag)}, step=step, ts=ts)
        scalars[tag] = value

    def _tensor(self, tag: str, found: Tensor, scalars: dict[str, JSON], step: int, ts: float) -> None:
        kind = self._kinds.get(tag, "")
        if kind == "scalars" and len(found.numbers) == 1:
            self._scalar(scalars, tag, found.numbers[0], step, ts)
        elif kind == "text":
            self._text(tag.removesuffix("/text_summary"), found, step, ts)
        elif kind == "images" and len(found.texts) > 2:  # width, height, then the pictures
            for data in found.texts[2:]:
                self._image(tag, data, step, ts)
        elif kind == "audio" and found.texts:  # pairs: the sound, and its label
            for data in found.texts[:: 2 if len(found.shape) == 2 else 1]:
                self._sound(tag, data, step, ts)
        elif kind == "histograms" and len(found.shape) == 2 and found.shape[1] == 3:
            rows = [found.numbers[n : n + 3] for n in range(0, len(found.numbers), 3)]
            self._histogram(
                tag, [row[2] for row in rows], [row[0] for row in rows] + [r[1] for r in rows[-1:]], step, ts
            )
        else:
            self._omitted[f"values of {kind}" if kind else "tensors"] += 1

    def _image(self, tag: str, data: bytes, step: int, ts: float) -> None:
        found = picture(data)
        if found is None:
            self._omitted["pictures of an unknown format"] += 1
            return
        self._sink.media(tag, "image", data, found.suffix, step=step, ts=ts, width=found.width, height=found.height)

    def _sound(self, tag: str, data: bytes, step: int, ts: float) -> None:
        found = sound(data)
        if found is None:
            self._omitted["sounds of an unknown format"] += 1
            return
        suffix, about = found
        self._sink.media(tag, "audio", data, suffix, step=step, ts=ts, **about)

    def _text(self, tag: str, found: Tensor, step: int, ts: float) -> None:
        said = "\n\n".join(part.decode("utf-8", "replace") for part in found.texts)
        data = said.encode()
        self._sink.media(tag, "text", data, ".txt", step=step, ts=ts, format="markdown", characters=len(said))

    def _old_histogram(self, tag: str, message: wire.Fields, step: int, ts: float) -> None:
        limits, counts = wire.packed(message, 6, "d"), wire.packed(message, 7, "d")
        low, high = wire.double(message, 1), wire.double(message, 2)
        edges = [low, *(min(limit, high) for limit in limits)]
        self._histogram(tag, counts, edges, step, ts)

    def _histogram(self, tag: str, counts: list[float], edges: list[float], step: int, ts: float) -> None:
        """Bins without width hold nothing, or go into the one before; too many are joined in pairs."""
        from runicorn.serialize import dumps

        kept_edges, kept = edges[:1], []
        waiting = 0.0
        for count, edge in zip(counts, edges[1:], strict=True):
            waiting += count
            if math.isfinite(edge) and edge > kept_edges[-1]:
                kept_edges.append(edge)
                kept.append(waiting)
                waiting = 0.0
        if kept:
            kept[-1] += waiting
        while len(kept) > _MOST_BINS:
            kept = [sum(kept[n : n + 2]) for n in range(0, len(kept), 2)]
            kept_edges = [*kept_edges[:-1:2], kept_edges[-1]]
        if not kept or not math.isfinite(kept_edges[0]):
            self._omitted["histograms without bins"] += 1
            return
        numbers: list[JSON] = [int(count) if count.is_integer() else count for count in kept]
        total = math.fsum(kept)
        shown: dict[str, JSON] = {"counts": numbers, "edges": list(kept_edges)}
        shown["n"] = int(total) if total.is_integer() else total
        self._sink.media(tag, "histogram", dumps(shown), ".json", step=step, ts=ts, **shown)

    def _hparams(self, data: wire.Fields) -> None:
        for start in wire.each(data, 3):
            for entry in wire.each(wire.fields(start), 1):
                pair = wire.fields(entry)
                self.params[wire.text(pair, 1)] = _protobuf_value(wire.fields(wire.raw(pair, 2)))


def _protobuf_value(value: wire.Fields) -> JSON:
    """A ``google.protobuf.Value`` that holds no other."""
    if 2 in value:
        number = wire.double(value, 2)
        return int(number) if number.is_integer() and abs(number) < 1 << 53 else number
    if 3 in value:
        return wire.text(value, 3)
    return bool(wire.whole(value, 4)) if 4 in value else None
