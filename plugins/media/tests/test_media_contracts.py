"""This plugin, its media types and its panels keep the promises of all plugins, media types and panels."""

from __future__ import annotations

from typing import Any

import matplotlib.figure
import numpy as np
import pytest
from runicorn.contracts import MediaType
from runicorn.testing import MediaTypeContract, PanelContract, PluginContract
from runicorn_media.audio import Audio, AudioType
from runicorn_media.figure import Figure, FigureType
from runicorn_media.histogram import Histogram, HistogramType
from runicorn_media.image import Image
from runicorn_media.media_type import ImageType
from runicorn_media.table import Table, TableType
from runicorn_media.text import Html, HtmlType, Text, TextType
from runicorn_media.video import Video, VideoType


class TestPlugin(PluginContract):
    name = "media"
    hooks = frozenset(["register_api", "register_media_types", "viewer_panels", "viewer_routes"])


class TestPanels(PanelContract):
    name = "media"


def figure() -> matplotlib.figure.Figure:
    made = matplotlib.figure.Figure(figsize=(2, 1))
    made.subplots().plot([1, 3, 2])
    return made


KINDS: list[tuple[Any, object]] = [
    (ImageType(), Image(np.eye(4), boxes=[{"box": (0, 0, 2, 2)}], masks={"m": np.eye(4, dtype=int)})),
    (AudioType(), Audio(np.sin(np.arange(100.0)), 8000)),
    (VideoType(), Video(np.zeros((3, 8, 8, 3), np.uint8))),
    (TableType(), Table([{"a": 1, "b": "x"}])),
    (HistogramType(), Histogram([1.0, 2.0, 2.5])),
    (FigureType(), figure()),
    (FigureType(), Figure(figure(), "svg")),
    (TextType(), Text("# Title", "markdown")),
    (HtmlType(), Html("<h1>Title</h1>")),
]


class TestMediaTypes(MediaTypeContract):
    @pytest.fixture(params=KINDS, ids=lambda pair: f"{pair[0].name}-{type(pair[1]).__name__}")
    def pair(self, request: pytest.FixtureRequest) -> tuple[MediaType, object]:
        found: tuple[MediaType, object] = request.param
        return found

    @pytest.fixture
    def media_type(self, pair: tuple[MediaType, object]) -> MediaType:
        return pair[0]

    @pytest.fixture
    def value(self, pair: tuple[MediaType, object]) -> object:
        return pair[1]
