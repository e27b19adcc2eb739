"""The media type ``image``: a quick copy on the training thread, everything else on the background thread."""

from __future__ import annotations

import copy
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attrs import evolve, frozen

from .image import Image

if TYPE_CHECKING:
    import PIL.Image
    from runicorn.contracts import MediaSink
    from runicorn.types import JSON

#: What every browser shows. Such files are kept as they are.
KEPT = {"PNG": ".png", "JPEG": ".jpg", "GIF": ".gif", "WEBP": ".webp"}
#: Modes of Pillow that PNG can hold; others are converted.
PNG_MODES = frozenset(["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])


@frozen
class Unusable:
    """What stands for a snapshot that could not be taken: its error is raised where it may be."""

    error: Exception


class ImageType:
    """Encodes :class:`Image` and images of Pillow."""

    name = "image"
    python_types = ("runicorn_media.image.Image", "PIL.Image.Image")
    panel = "image"

    def snapshot(self, value: object) -> object:
        """The image with a copy of its pixels. Never raises; 224 x 224 x 3 floating-point numbers take about 10 us."""
        image = value if isinstance(value, Image) else Image(value)
        try:
            return evolve(image, data=_copied(image.data))
        except Exception as error:  # noqa: BLE001 (foreign arrays raise what they like; reported by encode)
            return Unusable(error)

    def encode(self, snapshot: object, sink: MediaSink) -> dict[str, JSON]:
        """Put the file; the fields are path, width, height, and caption and range where they apply.

        :raises ValueError: it is no image, with a sentence that says why.
        :raises OSError: the file of a path could not be read.
        """
        if isinstance(snapshot, Unusable):
            raise snapshot.error
        assert isinstance(snapshot, Image)
        fields: dict[str, JSON] = {}
        if isinstance(snapshot.data, bytes):
            fields = _put_file(snapshot.data, sink)
        elif _is_pillow(snapshot.data):
            fields = _put_pillow(snapshot.data, sink)
        else:
            from .pixels import to_bytes

            pixels, stretched = to_bytes(snapshot.data, snapshot.layout, snapshot.range)
            fields = _put_png(_from_pixels(pixels), sink)
            if stretched is not None:
                fields["range"] = list(stretched)
        if snapshot.caption is not None:
            fields["caption"] = str(snapshot.caption)
        return fields


def _copied(data: Any) -> object:
    """The same picture, sharing nothing that the caller may change. No library is imported for it."""
    if isinstance(data, bytes):
        return data
    if isinstance(data, (bytearray, memoryview)):
        return bytes(data)
    if isinstance(data, (str, Path)):
        return Path(data).read_bytes()  # now: the file may be written over before the background thread looks at it
    if hasattr(data, "detach") and hasattr(data, "clone"):
        return data.detach().clone()
    if hasattr(data, "shape") and hasattr(data, "dtype"):
        return data.copy() if hasattr(data, "copy") else data  # tensors without copy() cannot be changed
    return data.copy() if _is_pillow(data) else copy.deepcopy(data)


def _is_pillow(data: object) -> bool:
    return any(base.__module__ == "PIL.Image" and base.__qualname__ == "Image" for base in type(data).__mro__)


def _put_file(data: bytes, sink: MediaSink) -> dict[str, JSON]:
    """Keep a file that browsers show; turn another one into PNG."""
    from PIL import Image as Pillow
    from PIL import UnidentifiedImageError

    try:
        with Pillow.open(BytesIO(data)) as picture:
            suffix = KEPT.get(picture.format or "")
            if suffix is None:
                return _put_pillow(picture, sink)
            width, height = picture.size
            picture.verify()
    except UnidentifiedImageError:
        raise ValueError(f"{len(data)} bytes that are no image file of a known format") from None
    except SyntaxError as error:  # what Pillow says of a broken PNG
        raise ValueError(f"the image file is broken: {error}") from error
    return {"path": sink.put(data, suffix), "width": width, "height": height}


def _put_pillow(picture: Any, sink: MediaSink) -> dict[str, JSON]:
    if picture.mode.startswith(("I", "F")) and picture.mode != "I;16":  # 32 bits: numbers rather than colours
        from .pixels import to_bytes

        pixels, stretched = to_bytes(picture, "HWC", None)
        fields = _put_png(_from_pixels(pixels), sink)
        return fields if stretched is None else {**fields, "range": list(stretched)}
    if picture.mode not in PNG_MODES:
        picture = picture.convert("RGBA" if "A" in picture.mode or "a" in picture.mode else "RGB")
    return _put_png(picture, sink)


def _from_pixels(pixels: Any) -> PIL.Image.Image:
    from PIL import Image as Pillow

    return Pillow.fromarray(pixels)


def _put_png(picture: PIL.Image.Image, sink: MediaSink) -> dict[str, JSON]:
    file = BytesIO()
    picture.save(file, "PNG")
    return {"path": sink.put(file.getvalue(), ".png"), "width": picture.width, "height": picture.height}
