"""``rn.Audio``, ``run.log_audio``, and how a sound becomes a file: WAV, by the standard library."""

from __future__ import annotations

import wave
from io import BytesIO
from typing import TYPE_CHECKING, Any

from attrs import define, evolve, field

from .snapshots import as_array, bytes_of, caption_of, copied, safely, usable

if TYPE_CHECKING:
    from runicorn.contracts import MediaSink
    from runicorn.types import JSON

    from .image import LogsMedia

PEAKS = 240  # pairs of lowest and highest value that a record holds, from -1000 to 1000
#: How files begin that browsers play.
_BEGINNINGS = ((b"OggS", ".ogg"), (b"fLaC", ".flac"), (b"ID3", ".mp3"))


@define(slots=True, eq=False)
class Audio:
    """A sound to log: ``run.log({"speech": rn.Audio(samples, 16000)})``. Making one never raises and copies nothing.

    :param data: an array or tensor of samples, mono or with one row or column for each channel: floating-point numbers
        from -1 to 1 (what is beyond is clipped), or whole numbers of 8, 16 or 32 bits; or the bytes or the path of
        a WAV, MP3, OGG or FLAC file.
    :param sample_rate: samples per second, of an array.
    :param caption: shown beside the player.
    """

    data: object
    sample_rate: int = 44_100
    caption: str | None = field(default=None, kw_only=True)

    @property
    def nbytes(self) -> int:
        """About how many bytes it holds, as a snapshot that waits to be encoded."""
        return bytes_of(self.data)


def log_audio(
    run: LogsMedia,
    key: str,
    audio: object,
    sample_rate: int = 44_100,
    step: int | None = None,
    caption: str | None = None,
) -> None:
    """Log one sound under ``key``. Never raises: what is wrong with it stands in the run's status.

    :param audio: an :class:`Audio`, or anything that one takes.
    :param sample_rate: of an array.
    :param step: None = the run's present step.
    """
    sound = audio if isinstance(audio, Audio) else Audio(audio, sample_rate)
    run.log_media(key, sound if caption is None else evolve(sound, caption=caption), step=step)


class AudioType:
    """Encodes :class:`Audio`."""

    name = "audio"
    python_types = ("runicorn_media.audio.Audio",)
    panel = "media.audio"

    def snapshot(self, value: Any) -> object:
        return safely(lambda: evolve(value, data=copied(value.data)))

    def encode(self, snapshot: object, sink: MediaSink) -> dict[str, JSON]:
        """Put the file; the fields are path, sample_rate, channels, duration_s and peaks (as far as they are known).

        :raises ValueError: it is no sound, with a sentence that says why.
        """
        sound = usable(snapshot)
        if isinstance(sound.data, bytes):
            return {**_put_file(sound.data, sink), **caption_of(sound)}
        samples = _samples(as_array(sound.data))
        data = _wav(samples, int(sound.sample_rate))
        fields = _about(samples, int(sound.sample_rate))
        return {"path": sink.put(data, ".wav"), **fields, **caption_of(sound)}


def _samples(array: Any) -> Any:
    """16-bit samples of shape (n, channels)."""
    import numpy as np

    if array.ndim == 1:
        array = array[:, None]
    if array.ndim != 2 or 0 in array.shape:
        raise ValueError(f"an array of shape {array.shape} is no sound; one has samples, or samples and channels")
    if array.shape[0] < array.shape[1]:
        array = array.T
    if array.shape[1] > 8:
        raise ValueError(f"an array of shape {array.shape} has more than 8 channels")
    kind = array.dtype
    if kind.kind == "f":
        values = np.nan_to_num(array.astype(np.float64), nan=0.0)
        return np.rint(np.clip(values, -1.0, 1.0) * 32767).astype("<i2")
    if kind == np.uint8:
        return ((array.astype(np.int16) - 128) << 8).astype("<i2")
    if kind == np.int32:
        return (array >> 16).astype("<i2")
    if kind == np.int16:
        return array.astype("<i2")
    # What arithmetic makes of samples: they are of the size that they were before.
    if kind == np.int64 and abs(array).max(initial=0) < 1 << 15:
        return array.astype("<i2")
    raise ValueError(f"samples of type {kind} are not known; there are float, int16, int32 and uint8")


def _wav(samples: Any, rate: int) -> bytes:
    if rate <= 0:
        raise ValueError(f"a sample rate of {rate} is none")
    file = BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(samples.shape[1])
        out.setsampwidth(2)
        out.setframerate(rate)
        out.writeframes(samples.tobytes())
    return file.getvalue()


def _about(samples: Any, rate: int) -> dict[str, JSON]:
    import numpy as np

    mono = samples.astype(np.float32).mean(axis=1)
    edges = np.linspace(0, len(mono), min(PEAKS, len(mono)) + 1).astype(int)[:-1]
    peaks = np.stack([np.minimum.reduceat(mono, edges), np.maximum.reduceat(mono, edges)], axis=1)
    return {
        "sample_rate": rate,
        "channels": samples.shape[1],
        "duration_s": len(samples) / rate,
        "peaks": np.rint(peaks / 32.768).astype(int).ravel().tolist(),
    }


def _put_file(data: bytes, sink: MediaSink) -> dict[str, JSON]:
    if data[:4] == b"RIFF" and data[8:12] == b"WAVE":
        return {**_about_wav(data), "path": sink.put(data, ".wav")}
    suffix = next((suffix for begin, suffix in _BEGINNINGS if data.startswith(begin)), None)
    if suffix is None and data[:1] == b"\xff" and len(data) > 1 and data[1] & 0xE0 == 0xE0:
        suffix = ".mp3"
    if suffix is None:
        raise ValueError(f"{len(data)} bytes that are no WAV, MP3, OGG or FLAC file")
    return {"path": sink.put(data, suffix)}


def _about_wav(data: bytes) -> dict[str, JSON]:
    """What a WAV file says of itself; only that it is one where the standard library cannot read its kind."""
    try:
        with wave.open(BytesIO(data)) as file:
            width, channels, rate, count = (
                file.getsampwidth(),
                file.getnchannels(),
                file.getframerate(),
                file.getnframes(),
            )
            frames = file.readframes(count)
    except wave.Error as error:
        if "unknown format" in str(error):  # floating-point samples: a browser plays them
            return {}
        raise ValueError(f"the WAV file is broken: {error}") from error
    except EOFError as error:
        raise ValueError("the WAV file is broken: it ends too early") from error
    fields: dict[str, JSON] = {"sample_rate": rate, "channels": channels, "duration_s": count / rate}
    types = {1: "u1", 2: "<i2", 4: "<i4"}
    if width not in types or not frames:
        return fields
    try:
        import numpy as np
    except ImportError:  # whoever logs files alone may not have it
        return fields
    whole = len(frames) // (width * channels) * channels
    samples = np.frombuffer(frames, types[width])[:whole].reshape(-1, channels)
    return {**fields, "peaks": _about(_samples_of_file(samples), rate)["peaks"]}


def _samples_of_file(samples: Any) -> Any:
    import numpy as np

    if samples.dtype == np.uint8:
        return ((samples.astype(np.int16) - 128) << 8).astype("<i2")
    return (samples >> 16).astype("<i2") if samples.dtype.itemsize == 4 else samples
