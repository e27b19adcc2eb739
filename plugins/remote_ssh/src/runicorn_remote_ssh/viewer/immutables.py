"""Files of the web interface, kept here: they never change under their address, and the way there is long."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import urljoin

from attrs import frozen

_LARGEST = 8 * 1024 * 1024
_TOTAL = 64 * 1024 * 1024
_IN_PAGE = re.compile(r"""<(?:link|script)\b[^>]*?\b(?:href|src)="(/[^"]+)\"""")
_IN_SCRIPT = re.compile(r"""(?:\bfrom|\bimport)\s*\(?\s*["'](\.{1,2}/[^"']+)["']""")


_PASSING = frozenset([b"connection", b"keep-alive", b"transfer-encoding", b"content-length", b"set-cookie", b"date"])


@frozen
class Kept:
    """An answer that may be given again."""

    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes

    @classmethod
    def of(cls, headers: Iterable[tuple[bytes, bytes]], body: bytes) -> Kept:
        """Without what belongs to one connection, or to one journey."""
        fixed = [(name, value) for name, value in headers if name not in _PASSING]
        return cls((*fixed, (b"content-length", str(len(body)).encode())), body)


class Collected:
    """A body while it passes through, as long as it is small enough to be kept: a model of gigabytes is not held."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []
        self.size = 0

    @property
    def fits(self) -> bool:
        return self.size <= _LARGEST

    def add(self, piece: bytes) -> None:
        self.size += len(piece)
        if self.fits:
            self._pieces.append(piece)
        else:
            self._pieces.clear()

    def whole(self) -> bytes:
        """What came; nothing of what does not fit."""
        return b"".join(self._pieces)


class Immutables:
    """Whole answers to GET, by target and encoding; no more than 64 MiB of them. One for each session: what one
    machine sent is never shown as another's. And the page: one document stands at all addresses of the interface, for
    as long as the viewer over there is the same."""

    def __init__(self) -> None:
        self._kept: dict[tuple[bytes, bool], Kept] = {}
        self._size = 0
        self._pages: dict[bool, Kept] = {}
        self.viewer = 0  # counts those that there have been

    def page(self, compressed: bool) -> Kept | None:
        return self._pages.get(compressed)

    def keep_page(self, compressed: bool, kept: Kept, viewer: int) -> None:
        """
        :param viewer: ``viewer``, when it was asked for: what one that is gone still sent is not kept.
        """
        if viewer == self.viewer:
            self._pages[compressed] = kept

    def forget_page(self) -> None:
        """Another viewer may have another one."""
        self.viewer += 1
        self._pages.clear()

    def find(self, target: bytes, compressed: bool) -> Kept | None:
        return self._kept.get((target, compressed))

    def keep(self, target: bytes, compressed: bool, kept: Kept) -> None:
        if len(kept.body) > _LARGEST or self._size + len(kept.body) > _TOTAL or (target, compressed) in self._kept:
            return
        self._kept[(target, compressed)] = kept
        self._size += len(kept.body)


def is_page(target: bytes, accept: bytes) -> bool:
    """Whether somebody opens an address of the interface, at which its one document stands."""
    return b"text/html" in accept and not target.startswith((b"/api/", b"/static/", b"/plugins/"))


def is_document(status: int, headers: Iterable[tuple[bytes, bytes]]) -> bool:
    return status == 200 and any(name == b"content-type" and value.startswith(b"text/html") for name, value in headers)


def is_immutable(status: int, headers: Iterable[tuple[bytes, bytes]]) -> bool:
    """Whether the viewer promised that this answer never changes."""
    return status == 200 and any(name == b"cache-control" and b"immutable" in value for name, value in headers)


def needed_by(target: str, text: str) -> list[str]:
    """What a browser will ask for, or may, when it has read a page or a script: in order, each once."""
    found = _IN_PAGE.findall(text) if not target.endswith(".js") else []
    found += [urljoin(target, name) for name in _IN_SCRIPT.findall(text)] if target.endswith(".js") else []
    return [path for path in dict.fromkeys(found) if path.startswith("/")]
