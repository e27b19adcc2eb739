"""``rn.Text`` and ``rn.Html``: what people read."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from attrs import define, field

from .snapshots import MOST_BYTES, caption_of, safely, usable

if TYPE_CHECKING:
    from runicorn.contracts import MediaSink
    from runicorn.types import JSON

MOST_TEXT = 4 << 20  # characters


@define(slots=True, eq=False)
class Text:
    """A text to log: ``run.log({"sample": rn.Text(answer)})``.

    :param text: whatever is no string is shown as ``str()`` says it.
    :param format: ``markdown`` shows headings, lists, emphasis, code and links; nothing in it is ever taken for HTML.
    """

    text: object
    format: Literal["plain", "markdown"] = "plain"
    caption: str | None = field(default=None, kw_only=True)


@define(slots=True, eq=False)
class Html:
    """A page to log: ``run.log({"report": rn.Html(page)})``.

    It is shown in a sandbox: styles and pictures inside of it work; scripts, forms and what comes from elsewhere
    do not.

    :param html: the text of the page, its file as a ``pathlib.Path``, or an object with a method ``_repr_html_`` as
        notebooks know it.
    """

    html: object
    caption: str | None = field(default=None, kw_only=True)


class TextType:
    """Encodes :class:`Text`."""

    name = "text"
    python_types = ("runicorn_media.text.Text",)
    panel = "media.text"

    def snapshot(self, value: Any) -> object:
        return safely(lambda: Text(str(value.text), value.format, caption=value.caption))

    def encode(self, snapshot: object, sink: MediaSink) -> dict[str, JSON]:
        """Put the text; the fields are path, format and characters.

        :raises ValueError: it is too long, or the format is unknown.
        """
        text = usable(snapshot)
        if text.format not in ("plain", "markdown"):
            raise ValueError(f"format {text.format!r} is neither 'plain' nor 'markdown'")
        path = sink.put(_bytes(text.text), ".txt")
        return {"path": path, "format": text.format, "characters": len(text.text), **caption_of(text)}


class HtmlType:
    """Encodes :class:`Html`."""

    name = "html"
    python_types = ("runicorn_media.text.Html",)
    panel = "media.html"

    def snapshot(self, value: Any) -> object:
        return safely(lambda: Html(_page(value.html), caption=value.caption))

    def encode(self, snapshot: object, sink: MediaSink) -> dict[str, JSON]:
        """Put the page.

        :raises ValueError: it is too long.
        :raises TypeError: it is no page.
        """
        page = usable(snapshot)
        return {"path": sink.put(_bytes(page.html), ".html"), "characters": len(page.html), **caption_of(page)}


def _page(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, Path):
        if value.stat().st_size > MOST_BYTES:
            raise ValueError(f"the file {value.name} is no page: it has {value.stat().st_size >> 20} MiB")
        return value.read_text(encoding="utf-8", errors="replace")
    made = getattr(value, "_repr_html_", None)
    page = made() if callable(made) else None
    if not isinstance(page, str):
        raise TypeError(f"{type(value).__name__} is no page: neither a text nor something with _repr_html_()")
    return page


def _bytes(text: str) -> bytes:
    if len(text) > MOST_TEXT:
        raise ValueError(f"{len(text)} characters; at most {MOST_TEXT} are kept")
    return text.encode("utf-8", "backslashreplace")
