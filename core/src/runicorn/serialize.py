"""JSON as Runicorn writes it: strict UTF-8; non-finite numbers are the strings NaN, Infinity, -Infinity.

Lone surrogates, which UTF-8 cannot carry, become the text of their escape: ``\\ud800`` of six characters.

Reading also takes what older versions wrote: bare ``NaN`` and ``Infinity`` literals.
"""

from __future__ import annotations

import json
import math
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson

from .types import JSON, JSONObject

_SURROGATES = re.compile("[\ud800-\udfff]")
_LONG = re.compile(rb"[\s:,\[]-?\d{19,}[\s,}\]]")  # an integer of more digits than 64 bits surely hold
_NON_FINITE = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}


def dumps(value: object, *, indent: bool = False) -> bytes:
    """One JSON document as bytes, without a newline at the end unless indented.

    :raises TypeError: the value holds something that JSON cannot carry.
    """
    options = orjson.OPT_NON_STR_KEYS | (orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE if indent else 0)
    try:
        data = orjson.dumps(value, option=options)
        # orjson writes NaN and infinities as null: rare, so looked for afterwards.
        return orjson.dumps(finite(value), option=options) if b"null" in data else data
    except TypeError:  # integers beyond 64 bits, lone surrogates: the slow road takes both
        layout: dict[str, Any] = {"indent": 2} if indent else {"separators": (",", ":")}
        text = json.dumps(finite(value), ensure_ascii=False, **layout)
        # With a second backslash: as JSON's own escape, strict parsers would refuse the whole document.
        text = _SURROGATES.sub(lambda match: f"\\\\u{ord(match[0]):04x}", text)
        return (text + "\n" if indent else text).encode()


def finite(value: Any) -> Any:
    """The same value with NaN and infinities spelled as strings, at any depth."""
    if isinstance(value, float):
        if math.isfinite(value):
            return value
        return "NaN" if value != value else "Infinity" if value > 0 else "-Infinity"
    if isinstance(value, Mapping):
        return {str(key): finite(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [finite(item) for item in value]
    return value


def loads(data: bytes | str) -> Any:
    """Parse strict JSON, or the older dialect with bare non-finite literals.

    :raises ValueError: it is neither.
    """
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError:
        return json.loads(data)


def loads_exactly(data: bytes) -> Any:
    """Like :func:`loads`, with integers beyond 64 bits as such: orjson reads those as floats.

    Seeds and hashes in params may be such. Looking for them takes longer than all the rest.

    :raises ValueError: it is no JSON.
    """
    return json.loads(data) if _LONG.search(data) else loads(data)


def number(value: object) -> float | None:
    """The number that a JSON value stands for: a number, a bool, or a spelled non-finite one. Else None."""
    if isinstance(value, (int, float)):
        try:
            return float(value)
        except OverflowError:
            return math.inf if value > 0 else -math.inf
    return _NON_FINITE.get(value) if isinstance(value, str) else None


def read_json(path: Path) -> JSON:
    """The content of a JSON file; None when it is missing, empty or torn (older versions left such files)."""
    try:
        data = path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return None
    try:
        result: JSON = loads_exactly(data)
    except ValueError:
        return None
    return result


def read_object(path: Path) -> dict[str, Any]:
    """Like :func:`read_json`, with an empty object for everything that is not an object."""
    value = read_json(path)
    return dict(value) if isinstance(value, Mapping) else {}


def write_json(path: Path, value: JSONObject) -> None:
    """Replace a JSON file atomically: a reader sees the old or the new content, also after a power cut.

    :raises OSError: nothing was changed.
    """
    write_bytes(path, dumps(value, indent=True))


def write_bytes(path: Path, data: bytes) -> None:
    """Replace a file atomically (write beside it, fsync, rename)."""
    beside = path.with_name(f".{path.name}.{os.getpid():x}{os.urandom(3).hex()}.tmp")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o666)
    try:
        try:
            rest = memoryview(data)
            while rest:
                rest = rest[os.write(descriptor, rest) :]
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        beside.replace(path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
