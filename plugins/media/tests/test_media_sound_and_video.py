"""What sounds and moving pictures become."""

from __future__ import annotations

import wave
from io import BytesIO
from pathlib import Path
from typing import Any

import av
import numpy as np
import PIL.Image
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from runicorn.testing.media import Kept
from runicorn_media.audio import PEAKS, Audio, AudioType
from runicorn_media.video import Video, VideoType


def encoded(kind: Any, value: object) -> tuple[dict[str, Any], bytes]:
    sink = Kept()
    fields = dict(kind.encode(kind.snapshot(value), sink))
    return fields, sink.files[fields["path"]]


def samples_of(data: bytes) -> tuple[Any, int]:
    with wave.open(BytesIO(data)) as file:
        frames = file.readframes(file.getnframes())
        return np.frombuffer(frames, "<i2").reshape(-1, file.getnchannels()), file.getframerate()


# --- Sounds


def test_floats_from_minus_1_to_1_fill_16_bits_and_others_are_clipped() -> None:
    fields, data = encoded(AudioType(), Audio(np.array([0, 0.5, 1, -1, 3, np.nan], np.float32), 8000))
    samples, rate = samples_of(data)
    assert (samples.ravel().tolist(), rate) == ([0, 16384, 32767, -32767, 32767, 0], 8000)
    assert (fields["channels"], fields["sample_rate"], fields["duration_s"]) == (1, 8000, 6 / 8000)


@pytest.mark.parametrize(
    ("type", "given", "kept"),
    [
        (np.int16, [-32768, 5], [-32768, 5]),
        (np.int32, [-(2**31), 2**16], [-32768, 1]),
        (np.int64, [-32767, 5], [-32767, 5]),
        (np.uint8, [0, 129], [-32768, 256]),
    ],
)
def test_whole_numbers_keep_their_loudness(type: Any, given: list[int], kept: list[int]) -> None:
    assert samples_of(encoded(AudioType(), Audio(np.array(given, type)))[1])[0].ravel().tolist() == kept


def test_channels_may_stand_first_or_last() -> None:
    stereo = np.stack([np.zeros(50), np.ones(50)])
    for array in (stereo, stereo.T):
        samples, _ = samples_of(encoded(AudioType(), Audio(array))[1])
        assert samples.shape == (50, 2)
        assert samples[0].tolist() == [0, 32767]


@given(npst.arrays(np.float32, st.integers(1, 2000), elements=st.floats(-1, 1, width=32)))
def test_the_waveform_holds_the_extremes(array: Any) -> None:
    peaks = encoded(AudioType(), Audio(array))[0]["peaks"]
    assert len(peaks) == 2 * min(PEAKS, len(array))
    assert abs(max(peaks) - array.max() * 1000) <= 1
    assert abs(min(peaks) - array.min() * 1000) <= 1


def test_a_wav_file_is_kept_and_read_for_its_waveform(tmp_path: Path) -> None:
    data = encoded(AudioType(), Audio(np.linspace(-1, 1, 900), 9000))[1]
    path = tmp_path / "sound.wav"
    path.write_bytes(data)
    for source in (data, path, str(path)):
        fields, kept = encoded(AudioType(), Audio(source))
        assert kept == data
        assert (fields["duration_s"], fields["sample_rate"], fields["peaks"][0]) == (0.1, 9000, -1000)


@pytest.mark.parametrize(
    ("begin", "suffix"), [(b"OggS", ".ogg"), (b"fLaC", ".flac"), (b"ID3", ".mp3"), (b"\xff\xfb", ".mp3")]
)
def test_other_files_are_known_by_how_they_begin(begin: bytes, suffix: str) -> None:
    assert encoded(AudioType(), Audio(begin + bytes(20)))[0]["path"].endswith(suffix)


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        (Audio(np.zeros((20, 30))), "more than 8 channels"),
        (Audio(np.zeros((2, 3, 4))), "is no sound"),
        (Audio(np.zeros(0)), "is no sound"),
        (Audio(np.zeros(5), 0), "sample rate of 0"),
        (Audio(np.full(5, 40_000, np.int64)), "type int64"),
        (Audio(b"nothing"), "no WAV, MP3, OGG or FLAC"),
        (Audio(b"RIFF\0\0\0\0WAVEfmt \x10"), "broken"),
        (Audio("loud"), "No such file"),
    ],
)
def test_what_is_no_sound_says_so(value: Audio, sentence: str) -> None:
    with pytest.raises((ValueError, OSError), match=sentence):
        encoded(AudioType(), value)


# --- Moving pictures

FRAMES = np.stack([np.full((6, 8, 3), shade, np.uint8) for shade in (0, 120, 250)])


@pytest.mark.parametrize("format", ["webp", "gif"])
def test_frames_become_a_picture_that_moves(format: Any) -> None:
    fields, data = encoded(VideoType(), Video(FRAMES, fps=5, format=format))
    with PIL.Image.open(BytesIO(data)) as picture:
        assert (picture.format, getattr(picture, "n_frames", 0), picture.size) == (format.upper(), 3, (8, 6))
        shades = []
        for frame in range(3):
            picture.seek(frame)
            shades.append(np.asarray(picture.convert("L")).mean())
    assert shades == pytest.approx([0, 120, 250], abs=6)
    assert (fields["frames"], fields["fps"], fields["width"], fields["height"]) == (3, 5.0, 8, 6)


def test_mp4_is_made_where_its_library_is() -> None:
    fields, data = encoded(VideoType(), Video(FRAMES, fps=5, format="mp4"))
    with av.open(BytesIO(data), "r") as file:
        frames = [frame.to_ndarray(format="gray") for frame in file.decode(video=0)]
    assert [frame.mean() for frame in frames] == pytest.approx([0, 120, 250], abs=12)
    assert fields["path"].endswith(".mp4")


def test_the_layout_is_found_as_for_images_and_one_range_holds_for_all_frames() -> None:
    first = encoded(VideoType(), Video(FRAMES.transpose(0, 3, 1, 2)))[1]
    assert first == encoded(VideoType(), Video(FRAMES))[1]
    grey = encoded(VideoType(), Video(np.stack([np.full((6, 8), -1.0), np.full((6, 8), 1.0)])))[0]
    assert grey["range"] == [-1.0, 1.0]


def test_a_file_is_kept_byte_by_byte() -> None:
    kinds: tuple[Any, ...] = ("webp", "gif", "mp4")
    for kind in kinds:
        data = encoded(VideoType(), Video(FRAMES, fps=10, format=kind))[1]
        fields, kept = encoded(VideoType(), Video(data))
        assert kept == data
        assert fields["format"] == kind
        if kind != "mp4":
            assert (fields["frames"], fields["fps"], fields["width"]) == (3, 10.0, 8)


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        (Video(np.zeros((3, 4))), "is no video"),
        (Video(np.zeros((0, 4, 4))), "is no video"),
        (Video(np.zeros((2, 5, 5, 2))), "has not 1, 3 or 4 channels"),
        (Video(FRAMES, fps=0), "fps=0"),
        (Video(FRAMES, format="avi"), "format 'avi'"),  # type: ignore[arg-type]  # what is tested
        (Video(b"nothing"), "no GIF, WebP, MP4 or WebM"),
        (Video(b"GIF89a"), "broken"),
    ],
)
def test_what_is_no_video_says_so(value: Video, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        encoded(VideoType(), value)
