"""Names of artifacts, versions, aliases and of the files inside."""

from __future__ import annotations

import re
from enum import Enum

from attrs import frozen
from runicorn.errors import InvalidArgument, UnsafePath
from runicorn.security import check_segment

#: In the order of a model's life. A stage resolves like an alias: ``resnet:production``.
STAGES = ("experimental", "staging", "production", "archived")
LATEST = "latest"

_VERSION = re.compile(r"v([1-9][0-9]{0,8})")


@frozen(order=True)
class Name:
    """Which artifact: a name within a type."""

    type: str
    name: str

    def __str__(self) -> str:
        return f"{self.type}/{self.name}"


@frozen
class Asked:
    """What somebody wrote to name a version: ``type/name:selector``, each part but the name optional."""

    name: str
    type: str | None = None
    selector: str = LATEST

    def __str__(self) -> str:
        return f"{self.type}/{self.name}:{self.selector}" if self.type else f"{self.name}:{self.selector}"


def parse_asked(text: str) -> Asked:
    """``resnet``, ``resnet:v3``, ``resnet:best``, ``model/resnet:production``.

    :raises InvalidArgument: it is none of these.
    """
    before, colon, selector = text.partition(":")
    kind, slash, name = before.rpartition("/")
    if not name or (slash and not kind) or (colon and not selector) or "/" in kind:
        raise InvalidArgument("artifact", text, "must look like name, name:v3, name:alias or type/name:alias")
    return Asked(name, kind or None, selector or LATEST)


def version_number(selector: str) -> int | None:
    """``v3`` -> 3; None for everything else."""
    found = _VERSION.fullmatch(selector)
    return int(found[1]) if found else None


def check_name(name: object) -> str:
    """:raises UnsafePath: it cannot be an artifact's name."""
    return check_segment("artifact name", name)


def check_type(kind: object) -> str:
    """The type as text; enumerations count by their value.

    :raises UnsafePath: it cannot be a type.
    """
    return check_segment("artifact type", kind.value if isinstance(kind, Enum) else kind)


def check_alias(alias: object) -> str:
    """:raises UnsafePath: it cannot be an alias: a version, ``latest`` and the stages resolve by themselves."""
    text = check_segment("alias", alias)
    if version_number(text) is not None:
        raise UnsafePath("alias", text, "looks like a version")
    if text == LATEST or text in STAGES:
        raise UnsafePath("alias", text, "is given by itself" if text == LATEST else "is a stage; promote the version")
    return text


def check_entry(path: object) -> str:
    """The place of a file inside an artifact: relative, with ``/``, and never outside.

    :raises UnsafePath: it is something else.
    """
    text = str(path)
    if "\x00" in text or "\\" in text or text.startswith("/") or (len(text) > 1 and text[1] == ":"):
        raise UnsafePath("file name", text, "must be relative and use '/'")
    if any(part in ("", ".", "..") for part in text.split("/")):
        raise UnsafePath("file name", text, "may not contain '..', '.' or empty parts")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise UnsafePath("file name", text, "holds a character that is not valid Unicode") from None
    return text
