"""What users see: ``rn.Image`` and ``run.log_image``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, Protocol, TypeAlias

from attrs import define, evolve, field

from .snapshots import bytes_of

Layout: TypeAlias = Literal["HWC", "CHW"]


@define(slots=True, eq=False)
class Image:
    """A picture to log: ``run.log({"sample": rn.Image(pixels)})``.

    Making one never raises and copies nothing. Pixels are copied by ``log``; what cannot be shown as an image is
    counted in the run's status and training goes on.

    :param data: an image of Pillow; an array or tensor, grey or with 1, 3 or 4 channels; a figure of matplotlib, its
        axes or ``pyplot``; the bytes or the path of an image file.
    :param caption: shown below the image.
    :param layout: where the channels of an array stand. None = last if that can be, except for torch: first if that
        can be.
    :param range: the values of an array that become black and white; those beyond are clipped. None = 0..255 for whole
        numbers; for floating-point numbers 0..1 or 0..255 if all lie within, else from the smallest to the largest.
    :param boxes: frames in the picture, each a dict with ``box`` (left, top, right, bottom in pixels, or as shares of
        width and height with ``"relative": True``), and if wanted ``label``, ``score`` (0 to 1) and ``group``.
    :param masks: name -> array of the picture's height and width whose whole numbers are classes, 0 for none; or a dict
        with such an array as ``mask`` and ``labels``, a dict from class to name.
    """

    data: object
    caption: str | None = field(default=None, kw_only=True)
    layout: Layout | None = field(default=None, kw_only=True)
    range: tuple[float, float] | None = field(default=None, kw_only=True)
    boxes: Sequence[Mapping[str, Any]] | None = field(default=None, kw_only=True)
    masks: Mapping[str, Any] | None = field(default=None, kw_only=True)

    @property
    def nbytes(self) -> int:
        """About how many bytes it holds, as a snapshot that waits to be encoded."""
        return bytes_of(self.data)


class LogsMedia(Protocol):
    """The part of a run that :func:`log_image` and its like need."""

    def log_media(self, key: str, value: object, *, step: int | None = None, **fields: object) -> None: ...


def log_image(run: LogsMedia, key: str, image: object, step: int | None = None, caption: str | None = None) -> None:
    """Log one image under ``key``. Never raises: what is wrong with the image stands in the run's status.

    :param image: an :class:`Image`, or anything that one takes.
    :param step: None = the run's present step.
    """
    picture = image if isinstance(image, Image) else Image(image)
    run.log_media(key, picture if caption is None else evolve(picture, caption=caption), step=step)
