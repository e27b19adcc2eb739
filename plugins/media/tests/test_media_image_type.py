"""What an image becomes: its file, size and range. Through the media type's contract, with a folder as the sink."""

from __future__ import annotations

import hashlib
import os
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import PIL.Image
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from runicorn.contracts import MediaType
from runicorn_media.image import Image
from runicorn_media.media_type import ImageType
from runicorn_media.table import Table, TableType
from runicorn_media.video import Video, VideoType


class Folder:
    """A sink that keeps files by content."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def put(self, data: bytes, suffix: str) -> str:
        name = hashlib.sha256(data).hexdigest() + suffix
        (self.folder / name).write_bytes(data)
        return name

    put_shared = put


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


def logged(value: object, folder: Folder) -> dict[str, Any]:
    kind: MediaType = ImageType()
    return dict(kind.encode(kind.snapshot(value), folder))


def picture(fields: dict[str, Any], folder: Folder) -> PIL.Image.Image:
    with PIL.Image.open(folder.folder / fields["path"]) as image:
        image.load()
    assert image.size == (fields["width"], fields["height"])
    return image


def pixels(value: object, folder: Folder) -> np.ndarray[Any, Any]:
    return np.asarray(picture(logged(value, folder), folder))


def file_of(format: str) -> bytes:
    file = BytesIO()
    PIL.Image.new("RGB", (6, 4), (200, 10, 10)).save(file, format)
    return file.getvalue()


# --- Arrays


@pytest.mark.parametrize("channels", [3, 4])
def test_bytes_of_an_array_are_shown_as_they_are(channels: int, folder: Folder) -> None:
    array = np.arange(5 * 7 * channels, dtype=np.uint8).reshape(5, 7, channels)
    assert np.array_equal(pixels(Image(array), folder), array)


def test_grey_may_have_a_channel_axis_or_none(folder: Folder) -> None:
    grey = np.arange(35, dtype=np.uint8).reshape(5, 7)
    for shape in (grey, grey[:, :, None], grey[None]):
        assert np.array_equal(pixels(Image(shape), folder), grey)


def test_channels_first_is_recognised_where_last_cannot_be(folder: Folder) -> None:
    array = np.arange(3 * 5 * 7, dtype=np.uint8).reshape(3, 5, 7)
    assert np.array_equal(pixels(Image(array), folder), array.transpose(1, 2, 0))


def test_layout_decides_where_both_could_be_meant(folder: Folder) -> None:
    array = np.arange(3 * 5 * 3, dtype=np.uint8).reshape(3, 5, 3)
    assert np.array_equal(pixels(Image(array), folder), array)
    assert np.array_equal(pixels(Image(array, layout="CHW"), folder), array.transpose(1, 2, 0))


def test_floats_within_0_and_1_fill_0_to_255(folder: Folder) -> None:
    assert pixels(Image(np.array([[0.0, 0.5, 1.0]])), folder).tolist() == [[0, 128, 255]]


def test_floats_within_0_and_255_are_taken_as_they_are(folder: Folder) -> None:
    assert pixels(Image(np.array([[0.0, 2.4, 254.6]])), folder).tolist() == [[0, 2, 255]]


def test_other_values_are_stretched_and_the_record_says_from_where_to_where(folder: Folder) -> None:
    fields = logged(Image(np.array([[-2.0, 0.0, 2.0]], dtype=np.float32)), folder)
    assert fields["range"] == [-2.0, 2.0]
    assert np.asarray(picture(fields, folder)).tolist() == [[0, 128, 255]]


def test_a_given_range_clips(folder: Folder) -> None:
    fields = logged(Image(np.array([[-9.0, 0.0, 1.0, 9.0]]), range=(0, 2)), folder)
    assert "range" not in fields
    assert np.asarray(picture(fields, folder)).tolist() == [[0, 0, 128, 255]]


def test_nan_is_black_and_infinities_are_the_ends(folder: Folder) -> None:
    array = np.array([[np.nan, np.inf, -np.inf, 0.5, 1.0]])
    assert pixels(Image(array), folder).tolist() == [[0, 255, 0, 128, 255]]
    assert pixels(Image(np.full((2, 2), np.nan)), folder).tolist() == [[0, 0], [0, 0]]


def test_bool_is_black_and_white(folder: Folder) -> None:
    assert pixels(Image(np.array([[False, True]])), folder).tolist() == [[0, 255]]


def test_the_caller_may_change_the_array_afterwards(folder: Folder) -> None:
    array = np.zeros((2, 2), dtype=np.uint8)
    kind = ImageType()
    snapshot = kind.snapshot(Image(array))
    array[:] = 255
    assert np.asarray(picture(kind.encode(snapshot, folder), folder)).max() == 0


def test_a_tensor_is_detached_copied_and_read_channels_first(folder: Folder) -> None:
    class Tensor:
        """Behaves as torch's does, as far as an image needs it."""

        def __init__(self, array: np.ndarray[Any, Any], on_device: bool = True) -> None:
            self.array, self.on_device = array, on_device
            self.shape, self.dtype = array.shape, "torch.bfloat16"

        def detach(self) -> Tensor:
            return self

        def clone(self) -> Tensor:
            return Tensor(self.array.copy())

        def cpu(self) -> Tensor:
            return Tensor(self.array, on_device=False)

        def float(self) -> Tensor:
            return Tensor(self.array.astype(np.float32), self.on_device)

        def numpy(self) -> np.ndarray[Any, Any]:
            if self.on_device:
                raise TypeError("can't convert cuda:0 device type tensor to numpy")
            return self.array

    array = np.arange(3 * 4 * 3, dtype=np.float32).reshape(3, 4, 3) / 64
    tensor = Tensor(array)
    kind = ImageType()
    snapshot = kind.snapshot(Image(tensor))
    tensor.array = np.zeros_like(array)
    shown = np.asarray(picture(kind.encode(snapshot, folder), folder))
    assert shown.tolist() == np.rint(array.transpose(1, 2, 0) * 255).astype(int).tolist()


@given(
    npst.arrays(
        dtype=st.one_of(
            npst.floating_dtypes(), npst.integer_dtypes(), npst.unsigned_integer_dtypes(), npst.boolean_dtypes()
        ),
        shape=st.tuples(st.integers(1, 6), st.integers(1, 6), st.sampled_from([1, 3, 4])),
    )
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_numbers_of_every_type_and_size_become_a_picture(folder: Folder, array: np.ndarray[Any, Any]) -> None:
    picture(logged(Image(array, layout="HWC"), folder), folder)


# --- Files and images of Pillow


@pytest.mark.parametrize(("format", "suffix"), [("PNG", ".png"), ("JPEG", ".jpg"), ("GIF", ".gif"), ("WEBP", ".webp")])
def test_a_file_that_browsers_show_is_kept_byte_by_byte(
    format: str, suffix: str, folder: Folder, tmp_path: Path
) -> None:
    data = file_of(format)
    path = tmp_path / "a file without suffix"
    path.write_bytes(data)
    for source in (data, bytearray(data), path, str(path)):
        fields = logged(Image(source, caption="red"), folder)
        assert fields["path"].endswith(suffix)
        assert (fields["width"], fields["height"], fields["caption"]) == (6, 4, "red")
        assert (folder.folder / fields["path"]).read_bytes() == data


def test_another_file_becomes_png(folder: Folder) -> None:
    fields = logged(Image(file_of("BMP")), folder)
    assert picture(fields, folder).format == "PNG"


@pytest.mark.parametrize("format", ["JPEG", "MPO", "TIFF"])
def test_a_photo_that_lies_on_its_side_has_the_size_that_it_is_shown_with(format: str, folder: Folder) -> None:
    exif = PIL.Image.Exif()
    exif[0x0112] = 6
    file = BytesIO()
    PIL.Image.new("RGB", (6, 4)).save(file, format, exif=exif)
    boxes = [{"box": (0, 3, 4, 6)}]  # the lower half
    fields = logged(Image(file.getvalue(), boxes=boxes), folder)
    assert (fields["width"], fields["height"]) == (4, 6)
    assert fields["boxes"][0]["box"] == [0.0, 0.5, 1.0, 1.0]
    kept = (folder.folder / fields["path"]).read_bytes()
    if format == "TIFF":
        assert picture(fields, folder).size == (4, 6)
    else:
        assert kept == file.getvalue()


def test_a_photo_is_kept_whatever_its_exif_says(folder: Folder) -> None:
    file = BytesIO()
    PIL.Image.new("RGB", (6, 4)).save(file, "JPEG", exif=b"Exif\0\0no EXIF at all")
    assert (folder.folder / logged(Image(file.getvalue()), folder)["path"]).read_bytes() == file.getvalue()


def test_a_path_is_read_before_log_returns(folder: Folder, tmp_path: Path) -> None:
    path = tmp_path / "latest.png"
    path.write_bytes(file_of("PNG"))
    kind = ImageType()
    snapshot = kind.snapshot(Image(path))
    path.unlink()
    picture(kind.encode(snapshot, folder), folder)


@pytest.mark.parametrize(
    "mode", ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "YCbCr", "HSV", "LAB", "PA", "RGBa", "I", "I;16", "F"]
)
def test_every_mode_of_pillow_becomes_a_picture(mode: str, folder: Folder) -> None:
    image = PIL.Image.new(mode, (3, 2))
    assert picture(logged(image, folder), folder).format == "PNG"


def test_drawing_on_afterwards_does_not_change_what_was_logged(folder: Folder) -> None:
    image = PIL.Image.new("L", (2, 2), 7)
    kind = ImageType()
    snapshot = kind.snapshot(image)
    image.putpixel((0, 0), 200)
    assert np.asarray(picture(kind.encode(snapshot, folder), folder)).max() == 7


# --- What is no image


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        (np.zeros((2, 2, 2)), r"shape \(2, 2, 2\) has not 1, 3 or 4 channels"),
        (np.zeros(4), r"shape \(4,\) is no image"),
        (np.zeros((0, 4)), "has no pixels"),
        (np.array([["a"]]), "is no picture"),
        (object(), "object is no picture"),
        (None, "NoneType is no picture"),
        (b"", "0 bytes that are no image file"),
        (b"not an image", "12 bytes that are no image file"),
        (file_of("PNG")[:-16] + b"\0\0\0\0" + file_of("PNG")[-12:], "the image file is broken"),
    ],
    ids=["channels", "dimensions", "empty", "strings", "object", "none", "no bytes", "text", "broken"],
)
def test_what_is_no_image_says_so_on_the_background_thread(value: object, sentence: str, folder: Folder) -> None:
    kind = ImageType()
    snapshot = kind.snapshot(Image(value))
    with pytest.raises(ValueError, match=sentence):
        kind.encode(snapshot, folder)
    assert list(folder.folder.iterdir()) == []


def test_a_layout_that_is_none_is_told(folder: Folder) -> None:
    with pytest.raises(ValueError, match="layout 'WHC' is neither 'HWC' nor 'CHW'"):
        logged(Image(np.zeros((4, 4, 3)), layout="WHC"), folder)  # type: ignore[arg-type]  # what is wrong


def test_a_missing_file_is_reported_with_its_name(folder: Folder) -> None:
    kind = ImageType()
    snapshot = kind.snapshot(Image("missing.png"))
    with pytest.raises(FileNotFoundError, match=r"missing\.png"):
        kind.encode(snapshot, folder)


def test_an_array_that_raises_when_copied_does_not_raise_into_training(folder: Folder) -> None:
    class Hostile:
        shape, dtype = (2, 2), "float32"

        def copy(self) -> None:
            raise RuntimeError("CUDA error: out of memory")

    kind = ImageType()
    snapshot = kind.snapshot(Image(Hostile()))
    with pytest.raises(RuntimeError, match="out of memory"):
        kind.encode(snapshot, folder)


def test_an_open_file_in_memory_is_a_file(folder: Folder) -> None:
    assert pixels(Image(BytesIO(file_of("PNG"))), folder).shape == (4, 6, 3)


def test_a_file_that_is_open_is_a_file(folder: Folder, tmp_path: Path) -> None:
    path = tmp_path / "x.png"
    path.write_bytes(file_of("PNG"))
    with path.open("rb") as file:
        assert pixels(Image(file), folder).shape == (4, 6, 3)


def test_what_may_never_end_is_not_read(folder: Folder, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(ValueError, match="pipe is no file"):
        logged(Image(pipe), folder)


def test_what_waits_to_be_encoded_says_how_much_memory_it_holds() -> None:
    image = PIL.Image.new("RGB", (2000, 1000))
    array = np.zeros((1000, 1000, 6))
    frame = {name: np.zeros(1_000_000) for name in "abcdef"}
    rows = [{"a": float(n), "b": str(n)} for n in range(100_000)]
    kinds: list[tuple[MediaType, object, int]] = [
        (ImageType(), Image(image), 6_000_000),
        (ImageType(), image, 6_000_000),
        (VideoType(), Video([array[:, :, :3]] * 4), 96_000_000),
        (TableType(), pd.DataFrame(frame), 48_000_000),
        (TableType(), pl.DataFrame(frame), 48_000_000),
        (TableType(), Table(frame), 48_000_000),
        (TableType(), Table(rows), 10_000_000),
    ]
    for kind, value, least in kinds:
        held = getattr(kind.snapshot(value), "nbytes", 0)
        assert least <= held < 5 * least


def test_a_list_of_frames_is_limited_as_an_array_of_them_is(folder: Folder) -> None:
    frame = np.zeros((1024, 1024), np.uint8)
    kind = VideoType()
    with pytest.raises(ValueError, match="at most 256 MiB"):
        kind.encode(kind.snapshot(Video([frame] * 257)), folder)


def test_axes_stand_for_their_figure(folder: Folder) -> None:
    import matplotlib.figure

    figure = matplotlib.figure.Figure(figsize=(2, 1), dpi=50)
    assert pixels(Image(figure.add_subplot()), folder).shape[:2] == (50, 100)
