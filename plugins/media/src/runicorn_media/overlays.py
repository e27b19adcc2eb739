"""What is drawn over a picture: boxes as fields of the record, masks as pictures of their own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import isfinite
from typing import TYPE_CHECKING, Any

from .snapshots import as_array, copied

if TYPE_CHECKING:
    from collections.abc import Callable

    from runicorn.types import JSON

MOST_BOXES = 10_000
MOST_CLASSES = 255


def copied_masks(masks: Mapping[str, Any]) -> dict[str, Any]:
    """Masks that share nothing with the caller's."""
    return {
        str(name): {**mask, "mask": copied(mask["mask"])} if isinstance(mask, Mapping) else copied(mask)
        for name, mask in masks.items()
    }


def box_fields(boxes: Iterable[Mapping[str, Any]], width: int, height: int) -> list[JSON]:
    """Boxes as records hold them: ``box`` in shares of width and height.

    :raises ValueError: one is no box, or there are too many.
    """
    found: list[JSON] = []
    for given in boxes:
        corners = [float(number) for number in given["box"]] if isinstance(given, Mapping) and "box" in given else []
        if len(corners) != 4 or not all(map(isfinite, corners)):
            raise ValueError(f"{given!r} is no box: a dict with box=(left, top, right, bottom)"[:500])
        if not given.get("relative"):
            corners = [corner / side for corner, side in zip(corners, (width, height, width, height), strict=True)]
        box: dict[str, JSON] = {"box": [round(corner, 6) for corner in corners]}
        for name in ("label", "group"):
            if given.get(name) is not None:
                box[name] = str(given[name])
        if given.get("score") is not None:
            box["score"] = float(given["score"])
        found.append(box)
    if len(found) > MOST_BOXES:
        raise ValueError(f"{len(found)} boxes; at most {MOST_BOXES} are kept")
    return found


def mask_fields(masks: Mapping[str, Any], width: int, height: int, put: Callable[[Any], str]) -> list[JSON]:
    """Masks as records hold them: a grey picture whose values are the classes, and the names of those.

    :param put: stores such a picture and returns its path.
    :raises ValueError: one does not fit the picture.
    """
    import numpy as np

    found: list[JSON] = []
    for name, given in masks.items():
        labels = given.get("labels") or {} if isinstance(given, Mapping) else {}
        classes = as_array(given["mask"] if isinstance(given, Mapping) else given)
        if classes.shape != (height, width):
            raise ValueError(f"the mask {name!r} has the shape {classes.shape}, the picture {(height, width)}")
        if classes.dtype.kind == "f" or classes.min() < 0 or classes.max() > MOST_CLASSES:
            raise ValueError(f"the mask {name!r} holds other values than classes from 0 to {MOST_CLASSES}")
        grey = classes.astype(np.uint8)
        present = {str(number): str(labels.get(number, number)) for number in np.unique(grey).tolist() if number}
        found.append({"name": name, "path": put(grey), "labels": present})
    return found
