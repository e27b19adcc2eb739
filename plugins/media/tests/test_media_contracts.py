"""This plugin keeps the promises of every plugin, and its images those of every media type."""

from __future__ import annotations

import numpy as np
import pytest
from runicorn.contracts import MediaType
from runicorn.testing import MediaTypeContract, PluginContract
from runicorn_media.image import Image
from runicorn_media.media_type import ImageType


class TestPlugin(PluginContract):
    name = "media"
    hooks = frozenset(["register_api", "register_media_types"])


class TestImage(MediaTypeContract):
    @pytest.fixture
    def media_type(self) -> MediaType:
        return ImageType()

    @pytest.fixture
    def value(self) -> object:
        return Image(np.eye(4))
