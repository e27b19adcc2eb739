"""What a sound file is, by its first bytes."""

from __future__ import annotations

import wave
from io import BytesIO
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from runicorn.types import JSON

_BEGINNINGS = ((b"OggS", ".ogg"), (b"fLaC", ".flac"), (b"ID3", ".mp3"))


def sound(data: bytes) -> tuple[str, dict[str, JSON]] | None:
    """The ending for its name, and what it says of itself; None for what no browser plays."""
    if data[:4] == b"RIFF" and data[8:12] == b"WAVE":
        try:
            with wave.open(BytesIO(data)) as file:
                rate, channels, frames = file.getframerate(), file.getnchannels(), file.getnframes()
        except (wave.Error, EOFError):
            return ".wav", {}
        about: dict[str, JSON] = {"sample_rate": rate, "channels": channels}
        return ".wav", about | ({"duration_s": frames / rate} if rate else {})
    suffix = next((suffix for begin, suffix in _BEGINNINGS if data.startswith(begin)), None)
    if suffix is None and len(data) > 1 and data[0] == 0xFF and data[1] & 0xE0 == 0xE0:
        suffix = ".mp3"
    return None if suffix is None else (suffix, {})
