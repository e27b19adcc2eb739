"""Boxes and masks over pictures, and figures as pictures."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import matplotlib.figure
import numpy as np
import PIL.Image
import pytest
from runicorn.testing.media import Kept
from runicorn_media.image import Image
from runicorn_media.media_type import ImageType

PICTURE = np.zeros((10, 20, 3), np.uint8)


def logged(**overlays: Any) -> tuple[dict[str, Any], Kept]:
    sink, kind = Kept(), ImageType()
    return dict(kind.encode(kind.snapshot(Image(PICTURE, **overlays)), sink)), sink


def test_boxes_are_kept_as_shares_of_the_picture() -> None:
    fields, _ = logged(
        boxes=[
            {"box": np.array([5, 0, 10, 10]), "label": "cat", "score": np.float32(0.5), "group": "prediction"},
            {"box": (0.1, 0.2, 0.3, 0.4), "relative": True},
        ]
    )
    assert fields["boxes"] == [
        {"box": [0.25, 0.0, 0.5, 1.0], "label": "cat", "score": 0.5, "group": "prediction"},
        {"box": [0.1, 0.2, 0.3, 0.4]},
    ]


def test_masks_are_pictures_of_their_classes_with_names() -> None:
    mask = np.zeros((10, 20), int)
    mask[2:4], mask[5] = 1, 7
    fields, sink = logged(masks={"plain": mask, "named": {"mask": mask, "labels": {1: "cat", 2: "absent"}}})
    plain, named = fields["masks"]
    assert (plain["labels"], named["labels"]) == ({"1": "1", "7": "7"}, {"1": "cat", "7": "7"})
    assert plain["path"] == named["path"]
    with PIL.Image.open(BytesIO(sink.files[plain["path"]])) as picture:
        assert np.array_equal(np.asarray(picture), mask)


def test_overlays_may_be_changed_after_they_were_logged() -> None:
    mask, boxes = np.ones((10, 20), int), [{"box": (0, 0, 10, 10)}]
    sink, kind = Kept(), ImageType()
    snapshot = kind.snapshot(Image(PICTURE, boxes=boxes, masks={"m": mask}))
    mask[:] = 0
    boxes[0]["box"] = (9, 9, 9, 9)
    fields: Any = kind.encode(snapshot, sink)
    assert fields["boxes"] == [{"box": [0.0, 0.0, 0.5, 1.0]}]
    assert fields["masks"][0]["labels"] == {"1": "1"}


@pytest.mark.parametrize(
    ("overlays", "sentence"),
    [
        ({"boxes": [{"box": (1, 2, 3)}]}, "is no box"),
        ({"boxes": [{"box": (1, 2, 3, float("nan"))}]}, "is no box"),
        ({"boxes": [{"label": "cat"}]}, "is no box"),
        ({"masks": {"m": np.zeros((3, 3), int)}}, r"shape \(3, 3\), the picture \(10, 20\)"),
        ({"masks": {"m": np.full((10, 20), 256)}}, "other values than classes"),
        ({"masks": {"m": np.zeros((10, 20))}}, "other values than classes"),
    ],
)
def test_what_does_not_fit_says_so(overlays: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        logged(**overlays)


def test_a_figure_may_be_logged_as_an_image() -> None:
    figure = matplotlib.figure.Figure(figsize=(2, 1), dpi=50)
    sink, kind = Kept(), ImageType()
    snapshot = kind.snapshot(Image(figure))
    figure.clear()
    fields = kind.encode(snapshot, sink)
    assert (fields["width"], fields["height"]) == (100, 50)
