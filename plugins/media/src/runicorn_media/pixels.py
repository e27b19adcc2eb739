"""Arrays and tensors become bytes that a picture is made of. Needs numpy, which whoever has an array has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from .image import Layout

CHANNELS = (1, 3, 4)
_PIECE = 1 << 20  # numbers that are scaled at once


def to_bytes(
    data: Any, layout: Layout | None, limits: tuple[float, float] | None
) -> tuple[NDArray[np.uint8], tuple[float, float] | None]:
    """Pixels of shape (H, W), (H, W, 3) or (H, W, 4), and the range that was stretched to 0..255 if one was.

    :raises ValueError: the shape or the type of the values is not that of an image.
    """
    _check(layout)
    array, channels_first = _as_array(data)
    if 0 in array.shape:
        raise ValueError(f"an array of shape {array.shape} has no pixels")
    return _scale(_arrange(array, layout, channels_first), limits)


def frames_to_bytes(
    data: Any, layout: Layout | None, limits: tuple[float, float] | None
) -> tuple[NDArray[np.uint8], tuple[float, float] | None]:
    """Like :func:`to_bytes` for a video: shape (T, H, W), (T, H, W, 3) or (T, H, W, 4), one range for all frames.

    :raises ValueError: the shape or the type of the values is not that of a video.
    """
    _check(layout)
    array, channels_first = _as_array(data)
    if array.ndim not in (3, 4) or 0 in array.shape:
        raise ValueError(
            f"an array of shape {array.shape} is no video; one has frames, height, width and maybe channels"
        )
    if array.ndim == 4:
        if layout is None:
            last, first = array.shape[3] in CHANNELS, array.shape[1] in CHANNELS
            layout = "CHW" if first and (channels_first or not last) else "HWC"
        if layout == "CHW":
            array = array.transpose(0, 2, 3, 1)
        if array.shape[3] not in CHANNELS:
            raise ValueError(f"an array of shape {array.shape} has not 1, 3 or 4 channels where {layout} has them")
        if array.shape[3] == 1:
            array = array[..., 0]
    return _scale(array, limits)


def _check(layout: Layout | None) -> None:
    if layout not in (None, "HWC", "CHW"):
        raise ValueError(f"layout {layout!r} is neither 'HWC' nor 'CHW'")


def _as_array(data: Any) -> tuple[NDArray[Any], bool]:
    """The values as a numpy array, and whether the library they come from puts channels first."""
    from .snapshots import as_array

    torch_like = hasattr(data, "detach") and hasattr(data, "cpu")
    try:
        return as_array(data), torch_like
    except ValueError:
        raise ValueError(f"{type(data).__name__} is no picture: no numbers, image of Pillow, bytes or path") from None


def _arrange(array: NDArray[Any], layout: Layout | None, channels_first: bool) -> NDArray[Any]:
    if array.ndim == 2:
        return array
    if array.ndim != 3:
        raise ValueError(f"an array of shape {array.shape} is no image; one has 2 dimensions, or 3 with its channels")
    last, first = array.shape[2] in CHANNELS, array.shape[0] in CHANNELS
    if layout is None:
        layout = "CHW" if first and (channels_first or not last) else "HWC"
    if not (first if layout == "CHW" else last):
        raise ValueError(f"an array of shape {array.shape} has not 1, 3 or 4 channels where {layout} has them")
    if layout == "CHW":
        array = array.transpose(1, 2, 0)
    return array[:, :, 0] if array.shape[2] == 1 else array


def _scale(
    array: NDArray[Any], limits: tuple[float, float] | None
) -> tuple[NDArray[np.uint8], tuple[float, float] | None]:
    import numpy as np

    if array.dtype == np.uint8 and limits is None:
        return np.ascontiguousarray(array), None
    if array.dtype == np.bool_:
        return array.astype(np.uint8) * np.uint8(255), None
    # Piece by piece: 64-bit floating-point numbers of a long video would take many times its memory.
    size = max(1, _PIECE // array[0].size)
    pieces = [slice(begin, begin + size) for begin in range(0, len(array), size)]
    told = [(finite.min(), finite.max()) for finite in (_finite(array[piece]) for piece in pieces) if finite.size]
    low, high = (float(min(least for least, _ in told)), float(max(most for _, most in told))) if told else (0.0, 0.0)
    stretched = None
    if limits is not None:
        low, high = limits
        if not low < high:
            raise ValueError(f"range={limits!r} must be (low, high) with low < high")
    elif low >= 0 and high <= 1 and array.dtype.kind == "f":
        low, high = 0.0, 1.0
    elif low >= 0 and high <= 255:
        low, high = 0.0, 255.0
    else:
        stretched = (low, high)
    pixels = np.empty(array.shape, np.uint8)
    with np.errstate(over="ignore"):  # from -1e308 to 1e308 is farther than a float can say
        factor = 255.0 / ((high - low) or 1.0)
        for piece in pieces:
            values = np.nan_to_num(array[piece].astype(np.float64), nan=low, posinf=high, neginf=low)
            pixels[piece] = np.clip(np.rint((values - low) * factor), 0, 255)
    return pixels, stretched


def _finite(array: NDArray[Any]) -> NDArray[np.float64]:
    import numpy as np

    values = array.astype(np.float64)
    return values[np.isfinite(values)]
