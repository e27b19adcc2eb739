"""``rn.Figure``: charts of matplotlib as pictures, charts of plotly as JSON."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from io import BytesIO
from typing import TYPE_CHECKING, Any, Literal

from attrs import define, field, frozen
from runicorn.serialize import dumps, loads

from .snapshots import MOST_BYTES, caption_of, is_a, safely, usable

if TYPE_CHECKING:
    from runicorn.contracts import MediaSink
    from runicorn.types import JSON

MATPLOTLIB = "matplotlib.figure.Figure"
PLOTLY = "plotly.basedatatypes.BaseFigure"


@define(slots=True, eq=False)
class Figure:
    """A chart to log: ``run.log({"confusion": rn.Figure(figure)})``. Figures may be logged as they are, too.

    One of matplotlib is drawn on the calling thread, because it cannot be copied and may be closed afterwards.

    :param figure: of matplotlib, anything with a ``figure`` of it (axes, ``pyplot``'s results), or ``pyplot`` itself
        for its current one; of plotly, or what plotly says of it: a dict or JSON with ``data`` and ``layout``.
    :param format: of matplotlib: ``png`` or ``svg``.
    """

    figure: object
    format: Literal["png", "svg"] = "png"
    caption: str | None = field(default=None, kw_only=True)


@frozen
class Drawn:
    """A figure that is bytes already."""

    data: bytes
    suffix: str
    made_with: str  # the library: plotly, matplotlib
    caption: str | None = None
    width: int | None = None
    height: int | None = None


class FigureType:
    """Encodes :class:`Figure`, and figures of matplotlib and plotly."""

    name = "figure"
    python_types = ("runicorn_media.figure.Figure", MATPLOTLIB, PLOTLY)
    panel = "media.figure"

    def snapshot(self, value: object) -> object:
        return safely(lambda: drawn(value if isinstance(value, Figure) else Figure(value)))

    def encode(self, snapshot: object, sink: MediaSink) -> dict[str, JSON]:
        """Put the picture or the JSON; the fields are path, library and, of a picture, width and height.

        :raises ValueError: it is no figure.
        """
        figure = usable(snapshot)
        if len(figure.data) > MOST_BYTES:
            raise ValueError(f"the figure has {len(figure.data) >> 20} MiB; at most {MOST_BYTES >> 20} MiB are kept")
        fields: dict[str, JSON] = {"path": sink.put(figure.data, figure.suffix), "library": figure.made_with}
        if figure.width is not None:
            fields |= {"width": figure.width, "height": figure.height}
        return {**fields, **caption_of(figure)}


def drawn(value: Figure) -> Drawn:
    """The figure as bytes.

    :raises ValueError: it is no figure.
    """
    figure: Any = value.figure
    if is_a(figure, PLOTLY):
        return Drawn(str(figure.to_json()).encode(), ".json", "plotly", value.caption)
    if isinstance(figure, (str, bytes, Mapping)):
        return Drawn(_described(figure), ".json", "plotly", value.caption)
    figure = figure_of(figure)
    if figure is None:
        raise ValueError(f"{type(value.figure).__name__} is no figure of matplotlib or plotly")
    if value.format not in ("png", "svg"):
        raise ValueError(f"format {value.format!r} is neither 'png' nor 'svg'")
    file = BytesIO()
    # Without a date and random names the same figure is the same file.
    with sys.modules["matplotlib"].rc_context({"svg.hashsalt": "runicorn"}):
        figure.savefig(file, format=value.format, metadata={"Date": None} if value.format == "svg" else None)
    width, height = (int(side) for side in figure.canvas.get_width_height())
    return Drawn(file.getvalue(), f".{value.format}", "matplotlib", value.caption, width, height)


def figure_of(value: Any) -> Any:
    """The figure of matplotlib that a value is, belongs to, or stands for; None where there is none."""
    if getattr(value, "__name__", None) == "matplotlib.pyplot":
        return value.gcf()
    for _ in range(3):  # of a part of a subfigure
        if value is None or is_a(value, MATPLOTLIB):
            return value
        value = getattr(value, "figure", None)
    return None


def _described(figure: str | bytes | Mapping[str, Any]) -> bytes:
    """The JSON of a figure of plotly.

    :raises ValueError: it describes none.
    """
    if isinstance(figure, Mapping):
        described = dumps(_plain(figure))
    else:
        described = figure.encode() if isinstance(figure, str) else figure
    try:
        data = loads(described)
    except ValueError as error:
        raise ValueError(f"the text is no figure of plotly: {error}") from None
    if isinstance(data, dict) and isinstance(data.get("data"), list):
        return described
    raise ValueError("a figure of plotly has a list of traces as data, and a layout")


def _plain(value: Any) -> Any:
    """Arrays as lists, at any depth."""
    if isinstance(value, Mapping):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(inner) for inner in value]
    return value.tolist() if hasattr(value, "tolist") else value
