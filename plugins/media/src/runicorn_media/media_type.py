"""The media type ``image``: a quick copy on the training thread, everything else on the background thread."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Any

from .image import Image
from .libraries import PILLOW, load_here
from .overlays import box_fields, copied_masks, mask_fields
from .snapshots import caption_of, copied, is_a, safely, usable

if TYPE_CHECKING:
    import PIL.Image
    from runicorn.contracts import MediaSink
    from runicorn.types import JSON

#: What every browser shows. Such files are kept as they are.
KEPT = {"PNG": ".png", "JPEG": ".jpg", "MPO": ".jpg", "GIF": ".gif", "WEBP": ".webp"}
_ORIENTATION = 0x0112  # of EXIF: from 5 on width and height change places when it is shown
#: Modes of Pillow that PNG can hold; others are converted.
PNG_MODES = frozenset(["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
_PILLOW = "PIL.Image.Image"


class ImageType:
    """Encodes :class:`Image` and images of Pillow."""

    name = "image"
    python_types = ("runicorn_media.image.Image", _PILLOW)
    panel = "media.image"

    def snapshot(self, value: object) -> object:
        """The image with a copy of its pixels. Never raises; 224 x 224 x 3 floating-point numbers take about 10 us."""
        load_here(*PILLOW)
        image = value if isinstance(value, Image) else Image(value)
        return safely(lambda: _copied(image))

    def encode(self, snapshot: object, sink: MediaSink) -> dict[str, JSON]:
        """Put the file; the fields are path, width, height, and caption, range, boxes and masks where they apply.

        :raises ValueError: it is no image, with a sentence that says why.
        :raises OSError: the file of a path could not be read.
        """
        image: Image = usable(snapshot)
        if isinstance(image.data, bytes):
            fields = _put_file(image.data, sink)
        elif is_a(image.data, _PILLOW):
            fields = _put_pillow(image.data, sink)
        else:
            from .pixels import to_bytes

            pixels, stretched = to_bytes(image.data, image.layout, image.range)
            fields = _put_png(_from_pixels(pixels), sink)
            if stretched is not None:
                fields["range"] = list(stretched)
        return {**fields, **_overlays(image, fields, sink), **caption_of(image)}


def _copied(image: Image) -> Image:
    data, boxes, masks = image.data, image.boxes, image.masks
    if type(data).__module__ == "numpy":  # most images: no figure has to be looked for
        data = copied(data)
    else:
        from .figure import Figure, drawn, figure_of

        # Tensors have no figure; asking them for one costs nothing.
        data = copied(data) if figure_of(data) is None else drawn(Figure(data)).data
    return Image(
        data,
        caption=image.caption,
        layout=image.layout,
        range=image.range,
        boxes=None if boxes is None else [dict(box) for box in boxes],
        masks=None if masks is None else copied_masks(masks),
    )


def _overlays(image: Image, fields: dict[str, JSON], sink: MediaSink) -> dict[str, JSON]:
    width, height = fields["width"], fields["height"]
    assert isinstance(width, int)
    assert isinstance(height, int)
    found: dict[str, JSON] = {}
    if image.boxes:
        found["boxes"] = box_fields(image.boxes, width, height)
    if image.masks:
        found["masks"] = mask_fields(
            image.masks, width, height, lambda grey: str(_put_png(_from_pixels(grey), sink)["path"])
        )
    return found


def _put_file(data: bytes, sink: MediaSink) -> dict[str, JSON]:
    """Keep a file that browsers show; turn another one into PNG."""
    from PIL import Image as Pillow
    from PIL import UnidentifiedImageError

    try:
        with Pillow.open(BytesIO(data)) as picture:
            suffix = KEPT.get(picture.format or "")
            if suffix is None:
                return _put_pillow(_upright(picture), sink)
            width, height = picture.size
            if suffix == ".jpg" and _orientation(picture) in range(5, 9):
                width, height = height, width
            picture.verify()
    except UnidentifiedImageError:
        raise ValueError(f"{len(data)} bytes that are no image file of a known format") from None
    except SyntaxError as error:  # what Pillow says of a broken PNG
        raise ValueError(f"the image file is broken: {error}") from error
    return {"path": sink.put(data, suffix), "width": width, "height": height}


def _orientation(picture: PIL.Image.Image) -> int:
    try:
        found = picture.getexif().get(_ORIENTATION, 1)
    except Exception:  # noqa: BLE001 (of broken EXIF libraries raise what they like; the picture is whole)
        return 1
    return found if isinstance(found, int) else 1


def _upright(picture: PIL.Image.Image) -> PIL.Image.Image:
    """A picture whose file says that it lies on its side, as it is meant; PNG does not say such things."""
    if _orientation(picture) == 1:
        return picture
    from PIL import ImageOps

    return ImageOps.exif_transpose(picture)


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
