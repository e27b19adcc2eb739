"""The entry point: what a run carries beside numbers. Libraries are imported when a value is encoded or looked at."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from runicorn.hookspecs import hookimpl

if TYPE_CHECKING:
    from runicorn.contracts import MediaType, Viewer
    from runicorn.contracts.http import Endpoint
    from runicorn.contracts.panels import Static

RUNICORN_API = 1


@hookimpl
def register_api() -> Mapping[str, str]:
    return {
        "Image": "runicorn_media.image:Image",
        "Audio": "runicorn_media.audio:Audio",
        "Video": "runicorn_media.video:Video",
        "Table": "runicorn_media.table:Table",
        "Histogram": "runicorn_media.histogram:Histogram",
        "Figure": "runicorn_media.figure:Figure",
        "Text": "runicorn_media.text:Text",
        "Html": "runicorn_media.text:Html",
        "Run.log_image": "runicorn_media.image:log_image",
        "Run.log_audio": "runicorn_media.audio:log_audio",
        "Run.log_table": "runicorn_media.table:log_table",
    }


@hookimpl
def register_media_types() -> Iterator[MediaType]:
    from .audio import AudioType
    from .figure import FigureType
    from .histogram import HistogramType
    from .media_type import ImageType
    from .table import TableType
    from .text import HtmlType, TextType
    from .video import VideoType

    yield from (
        ImageType(),
        AudioType(),
        VideoType(),
        TableType(),
        HistogramType(),
        FigureType(),
        TextType(),
        HtmlType(),
    )


@hookimpl
def viewer_routes(viewer: Viewer) -> Iterable[Endpoint[Any, Any]]:
    from .table_pages import endpoints

    return endpoints(viewer.store)


@hookimpl
def viewer_panels() -> Iterator[Static]:
    from .panels import panels

    yield panels()
