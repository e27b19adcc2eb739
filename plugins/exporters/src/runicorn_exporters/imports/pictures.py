"""What a picture file is, by its first bytes; nothing is decoded."""

from __future__ import annotations

import struct

from attrs import frozen


@frozen
class Picture:
    suffix: str
    width: int | None
    height: int | None


def picture(data: bytes) -> Picture | None:
    """None for what no browser shows."""
    if data[:8] == b"\x89PNG\r\n\x1a\n" and len(data) >= 24:
        return Picture(".png", *struct.unpack(">II", data[16:24]))
    if data[:6] in (b"GIF87a", b"GIF89a") and len(data) >= 10:
        return Picture(".gif", *struct.unpack("<HH", data[6:10]))
    if data[:2] == b"\xff\xd8":
        return Picture(".jpg", *_jpeg(data))
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return Picture(".webp", None, None)
    if data[:2] == b"BM":
        return Picture(".bmp", None, None)
    return None


def _jpeg(data: bytes) -> tuple[int | None, int | None]:
    at = 2
    while at + 9 < len(data) and data[at] == 0xFF:
        marker, size = data[at + 1], int.from_bytes(data[at + 2 : at + 4], "big")
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack(">HH", data[at + 5 : at + 9])
            return width, height
        at += 2 + size
    return None, None
