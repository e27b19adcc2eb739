"""Addresses of files elsewhere, and how they are told from paths."""

from __future__ import annotations

import re

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+)://")


class Address(str):
    """``ssh://host/path``: a place that a plugin opens."""

    __slots__ = ()


def scheme_of(text: str) -> str | None:
    """``ssh`` of ``ssh://host/path``; None for what is no address: a path, that of a Windows drive too."""
    match = _SCHEME.match(text)
    return None if match is None else match.group(1).lower()
