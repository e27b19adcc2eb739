"""What wandb draws over a picture: boxes and masks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

from runicorn.serialize import loads, number

from ..pictures import picture

if TYPE_CHECKING:
    from runicorn.types import JSON

#: Classes by number, as text: of a layer.
Labels: TypeAlias = "Mapping[str, str]"
Read: TypeAlias = "Callable[[object], bytes | None]"

_MOST_BOXES = 10_000
_LEFT = "boxes and masks of pictures that cannot be read"


def drawn(
    value: Mapping[str, Any],
    read: Read,
    put: Callable[[bytes, str], str],
    labels: Callable[[str, str], Labels],
    leave: Callable[[str], object],
) -> dict[str, JSON]:
    """The fields ``boxes`` and ``masks`` of a picture's record.

    :param value: the picture, as the history or a cell of a table has it.
    :param labels: the classes of a layer, by ``box`` or ``mask`` and its name.
    :param leave: told of each layer that is gone or malformed.
    """
    boxes: list[JSON] = []
    masks: list[JSON] = []
    for layer, held in _items(value.get("boxes")):
        document = held if isinstance(held, list) else _document(read(_path(held)))
        found = document.get("box_data", []) if isinstance(document, dict) else document
        if not isinstance(found, list):
            leave(_LEFT)
            continue
        own = document.get("class_labels") if isinstance(document, dict) else None
        names = {str(key): str(name) for key, name in _items(own)} or labels("box", layer)
        boxes += [box for each in found if (box := _box(each, layer, names, value)) is not None]
    for layer, held in _items(value.get("masks")):
        data = read(_path(held))
        if data is None or picture(data) is None:
            leave(_LEFT)
            continue
        shown: dict[str, JSON] = {key: name for key, name in labels("mask", layer).items() if key != "0"}
        masks.append({"name": layer, "path": put(data, ".png"), "labels": shown})
    fields: dict[str, JSON] = {"boxes": boxes[:_MOST_BOXES]} if boxes else {}
    return fields | ({"masks": masks} if masks else {})


def _box(given: Any, layer: str, names: Labels, picture: Mapping[str, Any]) -> dict[str, JSON] | None:
    """In shares of the picture's width and height."""
    if not isinstance(given, Mapping) or not isinstance(place := given.get("position"), Mapping):
        return None
    pixels = given.get("domain") == "pixel"
    wide, high = (number(picture.get(side)) or 1.0 if pixels else 1.0 for side in ("width", "height"))
    if isinstance(middle := place.get("middle"), list) and len(middle) == 2:
        (x, y), half, tall = map(number, middle), _half(place, "width"), _half(place, "height")
        if x is None or y is None:
            return None
        corners = [x - half, y - tall, x + half, y + tall]
    else:
        corners = [number(place.get(side)) for side in ("minX", "minY", "maxX", "maxY")]  # type: ignore[misc]  # below
    if any(corner is None for corner in corners):
        return None
    box: dict[str, JSON] = {
        "box": [round(corner / side, 6) for corner, side in zip(corners, (wide, high, wide, high), strict=True)],
        "group": layer,
    }
    label = given.get("box_caption") or names.get(str(given.get("class_id")))
    score = next((found for _, each in _items(given.get("scores")) if (found := number(each)) is not None), None)
    return box | ({"label": str(label)} if label else {}) | ({} if score is None else {"score": score})


def _half(place: Mapping[str, Any], side: str) -> float:
    return (number(place.get(side)) or 0.0) / 2


def _items(value: object) -> list[tuple[str, Any]]:
    return [(str(key), each) for key, each in value.items()] if isinstance(value, Mapping) else []


def _path(held: object) -> object:
    return held.get("path") if isinstance(held, Mapping) else None


def _document(data: bytes | None) -> Any:
    try:
        return loads(data) if data is not None else None
    except ValueError:
        return None
