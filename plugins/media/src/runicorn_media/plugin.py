"""The entry point: images as values of ``log``. Pillow is imported when one is encoded."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from runicorn.hookspecs import hookimpl

if TYPE_CHECKING:
    from runicorn.contracts import MediaType

RUNICORN_API = 1


@hookimpl
def register_api() -> Mapping[str, str]:
    return {"Image": "runicorn_media.image:Image", "Run.log_image": "runicorn_media.image:log_image"}


@hookimpl
def register_media_types() -> Iterator[MediaType]:
    from .media_type import ImageType

    yield ImageType()
