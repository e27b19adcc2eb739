"""``rn.Video`` and how frames become a file: animated WebP or GIF by Pillow, MP4 by PyAV where that is installed."""

from __future__ import annotations

from fractions import Fraction
from io import BytesIO
from typing import TYPE_CHECKING, Any, Literal

from attrs import define, evolve, field
from runicorn.errors import MissingDependency

from .libraries import PILLOW, load_here
from .snapshots import bytes_of, caption_of, copied, safely, usable

if TYPE_CHECKING:
    from runicorn.contracts import MediaSink
    from runicorn.types import JSON

MOST_FRAMES = 10_000


@define(slots=True, eq=False)
class Video:
    """Moving pictures to log: ``run.log({"episode": rn.Video(frames, fps=30)})``.

    :param data: an array or tensor of frames, ``(T, H, W)``, ``(T, H, W, C)`` or ``(T, C, H, W)``, whose values are
        taken as those of an :class:`Image` are; or the bytes or the path of a GIF, animated WebP, MP4 or WebM file.
    :param fps: frames per second, of an array.
    :param format: ``webp`` (small, plays everywhere), ``gif``, or ``mp4``, which needs ``pip install av``.
    :param layout: where the channels of an array stand, ``HWC`` or ``CHW``; None = as for images.
    :param range: the values of an array that become black and white.
    """

    data: object
    fps: float = 10.0
    format: Literal["webp", "gif", "mp4"] = field(default="webp", kw_only=True)
    layout: Literal["HWC", "CHW"] | None = field(default=None, kw_only=True)
    range: tuple[float, float] | None = field(default=None, kw_only=True)
    caption: str | None = field(default=None, kw_only=True)

    @property
    def nbytes(self) -> int:
        """About how many bytes it holds, as a snapshot that waits to be encoded."""
        return bytes_of(self.data)


class VideoType:
    """Encodes :class:`Video`."""

    name = "video"
    python_types = ("runicorn_media.video.Video",)
    panel = "media.video"

    def snapshot(self, value: Any) -> object:
        load_here(*PILLOW, "PIL.WebPImagePlugin")
        return safely(lambda: evolve(value, data=copied(value.data)))

    def encode(self, snapshot: object, sink: MediaSink) -> dict[str, JSON]:
        """Put the file; the fields are path, format and, as far as they are known, width, height, frames and fps.

        :raises ValueError: these are no frames, with a sentence that says why.
        :raises MissingDependency: MP4 is wanted and PyAV is not there.
        """
        video = usable(snapshot)
        if isinstance(video.data, bytes):
            return {**_put_file(video.data, sink), **caption_of(video)}
        if not video.fps > 0:
            raise ValueError(f"fps={video.fps!r} must be a number above 0")
        from .pixels import frames_to_bytes

        frames, stretched = frames_to_bytes(video.data, video.layout, video.range)
        if len(frames) > MOST_FRAMES:
            raise ValueError(f"{len(frames)} frames; at most {MOST_FRAMES} are kept")
        if video.format == "mp4":
            data = _mp4(frames, video.fps)
        elif video.format in ("webp", "gif"):
            data = _animated(frames, video.fps, video.format)
        else:
            raise ValueError(f"format {video.format!r} is none of 'webp', 'gif', 'mp4'")
        fields: dict[str, JSON] = {
            "path": sink.put(data, f".{video.format}"),
            "format": video.format,
            "width": int(frames.shape[2]),
            "height": int(frames.shape[1]),
            "frames": len(frames),
            "fps": float(video.fps),
        }
        if stretched is not None:
            fields["range"] = list(stretched)
        return {**fields, **caption_of(video)}


def _animated(frames: Any, fps: float, kind: str) -> bytes:
    from PIL import Image as Pillow

    pictures = [Pillow.fromarray(frame) for frame in frames]
    file = BytesIO()
    options: dict[str, Any] = {"quality": 80, "method": 2} if kind == "webp" else {"disposal": 2, "optimize": False}
    pictures[0].save(
        file,
        kind.upper(),
        save_all=True,
        append_images=pictures[1:],
        duration=max(1, round(1000 / fps)),
        loop=0,
        **options,
    )
    return file.getvalue()


def _mp4(frames: Any, fps: float) -> bytes:
    import numpy as np

    try:
        import av
    except ImportError as error:
        raise MissingDependency("a video as MP4", "av") from error
    rgb = np.repeat(frames[..., None], 3, axis=3) if frames.ndim == 3 else frames[..., :3]
    height, width = rgb.shape[1] // 2 * 2, rgb.shape[2] // 2 * 2  # what the encoder takes
    if not (height and width):
        raise ValueError("MP4 needs frames of at least 2 x 2 pixels")
    file = BytesIO()
    with av.open(file, "w", format="mp4") as out:
        stream = out.add_stream("h264", rate=Fraction(fps).limit_denominator(1000))
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        for pixels in rgb:
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(pixels[:height, :width]), format="rgb24")
            out.mux(stream.encode(frame))
        out.mux(stream.encode())
    return file.getvalue()


def _put_file(data: bytes, sink: MediaSink) -> dict[str, JSON]:
    if data[4:8] == b"ftyp":
        return {"path": sink.put(data, ".mp4"), "format": "mp4"}
    if data.startswith(b"\x1a\x45\xdf\xa3"):
        return {"path": sink.put(data, ".webm"), "format": "webm"}
    if not data.startswith((b"GIF8", b"RIFF")):
        raise ValueError(f"{len(data)} bytes that are no GIF, WebP, MP4 or WebM file")
    from PIL import Image as Pillow
    from PIL import UnidentifiedImageError

    try:
        with Pillow.open(BytesIO(data)) as picture:
            kind = {"GIF": "gif", "WEBP": "webp"}.get(picture.format or "")
            if kind is None:
                raise ValueError(f"a {picture.format} file is no video")
            width, height, count = picture.width, picture.height, getattr(picture, "n_frames", 1)
            picture.load()
            duration = picture.info.get("duration") or 100
    except (UnidentifiedImageError, SyntaxError, EOFError, OSError) as error:
        raise ValueError(f"the file is broken: {error}") from error
    fields: dict[str, JSON] = {"format": kind, "width": width, "height": height, "frames": count}
    return {"path": sink.put(data, f".{kind}"), **fields, "fps": round(1000 / duration, 3)}
