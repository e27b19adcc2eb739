"""Files of users over HTTP: ranges, conditional requests, and headers that keep them from doing anything."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from email.utils import formatdate
from pathlib import Path

from runicorn.contracts.http import Reply
from runicorn.errors import Problem

PIECE = 256 * 1024
_RANGE = re.compile(r"bytes=([0-9]*)-([0-9]*)")
_DIGITS = 18  # of a number of bytes, at most
#: Files named after their content never change.
_BY_CONTENT = re.compile(r"[0-9a-f]{16,}")
#: What a browser may show. Everything else is offered for download.
_SHOWN = {
    ".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".gif": "image/gif", ".webp": "image/webp",
    ".bmp": "image/bmp", ".avif": "image/avif", ".svg": "image/svg+xml", ".html": "text/html", ".txt": "text/plain",
    ".json": "application/json", ".csv": "text/csv", ".wav": "audio/wav", ".mp3": "audio/mpeg", ".ogg": "audio/ogg",
    ".flac": "audio/flac", ".mp4": "video/mp4", ".webm": "video/webm",
}  # fmt: skip
_ACTIVE = frozenset([".svg", ".html"])
_POLICY = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'"


def file_reply(path: Path, headers: Mapping[str, str]) -> Reply:
    """The file, the range of it that was asked for, or 304.

    :raises Problem: 404 it has vanished, 416 there is no such range.
    """
    try:
        stat = path.stat()
    except FileNotFoundError as error:
        raise Problem(404, "file-not-found", f"there is no file {path.name!r}") from error
    suffix = path.suffix.lower()
    etag = f'"{stat.st_mtime_ns:x}-{stat.st_size:x}"'
    lasting = _BY_CONTENT.fullmatch(path.stem) is not None
    answer = {
        "ETag": etag,
        "Last-Modified": formatdate(stat.st_mtime, usegmt=True),
        "Cache-Control": "private, max-age=604800, immutable" if lasting else "no-cache",
        "Accept-Ranges": "bytes",
        "Content-Security-Policy": _POLICY if suffix in _ACTIVE else "default-src 'none'; frame-ancestors 'self'",
        "X-Frame-Options": "SAMEORIGIN",
    }
    if suffix not in _SHOWN:
        answer["Content-Disposition"] = "attachment"
    known = [tag.strip().removeprefix("W/") for tag in headers.get("if-none-match", "").split(",")]
    if etag in known:
        return Reply(status=304, headers=answer)
    kind = _SHOWN.get(suffix, "application/octet-stream")
    asked = headers.get("range") if headers.get("if-range", etag) == etag else None
    span = _span(asked, stat.st_size)
    if span is None:
        answer["Content-Length"] = str(stat.st_size)
        return Reply(_pieces(path, 0, stat.st_size), 200, kind, answer)
    first, last = span
    answer["Content-Range"] = f"bytes {first}-{last}/{stat.st_size}"
    answer["Content-Length"] = str(last - first + 1)
    return Reply(_pieces(path, first, last - first + 1), 206, kind, answer)


def _span(asked: str | None, size: int) -> tuple[int, int] | None:
    """First and last byte of a range; None = the whole file (no range, several, or one that makes no sense)."""
    match = _RANGE.fullmatch(asked.strip()) if asked else None
    if match is None or match[0] == "bytes=-":
        return None
    begin, end = match[1], match[2]
    if max(len(begin), len(end)) > _DIGITS:
        return None
    if not begin:
        first, last = max(0, size - int(end)), size - 1
    else:
        first, last = int(begin), min(int(end), size - 1) if end else size - 1
        if end and int(end) < first:
            return None
    if first > last:
        raise Problem(416, "range-not-satisfiable", f"the file has {size} bytes", size=size)
    return first, last


def _pieces(path: Path, first: int, length: int) -> Iterator[bytes]:
    with path.open("rb") as file:
        file.seek(first, os.SEEK_SET)
        while length > 0 and (piece := file.read(min(PIECE, length))):
            length -= len(piece)
            yield piece
