"""``rn.Histogram``: how values are spread, counted in the background. The record itself holds the counts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import define, evolve, field
from runicorn.serialize import dumps

from .snapshots import as_array, bytes_of, caption_of, copied, is_a, safely, usable

if TYPE_CHECKING:
    from runicorn.contracts import MediaSink
    from runicorn.types import JSON

MOST_BINS = 512
_FAR = 1e300


@define(slots=True, eq=False)
class Histogram:
    """A distribution to log: ``run.log({"weights": rn.Histogram(layer.weight)})``.

    :param values: an array, tensor or list of numbers of any shape; what ``numpy.histogram`` returns, a tuple of counts
        and edges; None where ``counts`` and ``edges`` are given.
    :param bins: of equal width, at most 512.
    :param range: lowest and highest value that is counted; None = those of the finite values.
    :param counts: how many values each bin holds, counted before.
    :param edges: one more than there are counts, ascending.
    """

    values: object = None
    bins: int = field(default=64, kw_only=True)
    range: tuple[float, float] | None = field(default=None, kw_only=True)
    counts: object = field(default=None, kw_only=True)
    edges: object = field(default=None, kw_only=True)
    caption: str | None = field(default=None, kw_only=True)

    @property
    def nbytes(self) -> int:
        """About how many bytes it holds, as a snapshot that waits to be encoded."""
        return bytes_of(self.values)


class HistogramType:
    """Encodes :class:`Histogram`."""

    name = "histogram"
    python_types = ("runicorn_media.histogram.Histogram",)
    panel = "media.histogram"

    def snapshot(self, value: Any) -> object:
        return safely(lambda: _copied(value))

    def encode(self, snapshot: object, sink: MediaSink) -> dict[str, JSON]:
        """Put the counts as JSON; they stand in the fields too, so that many steps are drawn from one answer.

        :raises ValueError: it is no distribution, with a sentence that says why.
        """
        histogram = usable(snapshot)
        fields = _given(histogram) if histogram.values is None else _counted(histogram)
        return {"path": sink.put(dumps(fields), ".json"), **fields, **caption_of(histogram)}


def _copied(value: Histogram) -> Histogram:
    values, counts, edges = value.values, value.counts, value.edges
    if isinstance(values, tuple) and len(values) == 2 and all(is_a(one, "numpy.ndarray") for one in values):
        counts, edges = values
        values = None
    return evolve(value, values=copied(values), counts=copied(counts), edges=copied(edges))


def _given(histogram: Histogram) -> dict[str, JSON]:
    import numpy as np

    if histogram.counts is None or histogram.edges is None:
        raise ValueError("a histogram needs values, or counts and edges")
    counts = as_array(histogram.counts).astype(np.float64).ravel()
    edges = as_array(histogram.edges).astype(np.float64).ravel()
    if len(edges) != len(counts) + 1 or not 1 <= len(counts) <= MOST_BINS:
        raise ValueError(
            f"{len(counts)} counts and {len(edges)} edges; there is one more edge, and at most {MOST_BINS} bins"
        )
    if not (
        np.isfinite(edges).all() and (np.diff(edges) > 0).all() and np.isfinite(counts).all() and (counts >= 0).all()
    ):
        raise ValueError("edges must ascend, counts must not be negative, and all of them must be finite")
    return {"counts": _whole(counts), "edges": edges.tolist(), "n": _whole(counts.sum())}


def _counted(histogram: Histogram) -> dict[str, JSON]:
    import numpy as np

    if not 1 <= histogram.bins <= MOST_BINS:
        raise ValueError(f"bins={histogram.bins!r} must be from 1 to {MOST_BINS}")
    array = as_array(histogram.values).ravel()
    values = array.astype(np.float64) if array.dtype.kind != "f" or array.dtype.itemsize < 4 else array
    finite = values[np.isfinite(values)]
    fields: dict[str, JSON] = {"n": int(values.size), "non_finite": int(values.size - finite.size)}
    if not finite.size and histogram.range is None:
        return {**fields, "counts": [], "edges": []}
    limits = histogram.range or (float(finite.min()), float(finite.max()))
    if not limits[0] <= limits[1]:
        raise ValueError(f"range={histogram.range!r} must be (low, high) with low < high")
    wide = finite.astype(np.float64)
    scale = 1.0 if abs(limits[0]) < _FAR and abs(limits[1]) < _FAR else 0.25  # how far they lie apart must be a number
    low, high = limits[0] * scale, limits[1] * scale
    least = max(abs(low), abs(high)) * histogram.bins * 1e-12  # bins must have a width
    if high - low <= least:
        pad = max(abs(low), abs(high)) * 1e-3 or 0.5
        low, high = low - pad, high + pad
    with np.errstate(all="ignore"):
        counts, edges = np.histogram(wide * scale, histogram.bins, (low, high))
        fields |= {"counts": counts.tolist(), "edges": (edges / scale).tolist()}
        if wide.size:
            mean, std = float((wide * scale).mean() / scale), float(wide.std())
            fields |= {"min": float(wide.min()), "max": float(wide.max()), "mean": mean, "std": std}
    return fields


def _whole(numbers: Any) -> Any:
    """Counts as whole numbers where they are."""
    import numpy as np

    rounded = np.rint(numbers)
    return (rounded.astype(np.int64) if (rounded == numbers).all() else numbers).tolist()
