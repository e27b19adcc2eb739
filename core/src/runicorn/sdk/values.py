"""The slow road of ``log()``: values that are no plain numbers become JSON. Nothing in here raises."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import prod
from typing import Any

from ..types import JSON
from .interrupting import from_signal_handler

MAX_TEXT = 1 << 20  # characters of one string
MAX_JSON = 1 << 16  # items of one list, counted at every depth
MAX_REPR = 1024
MAX_BITS = 2048  # of one integer: 617 digits, which Python writes and reads however it is set up (640 at least)
_MAX_DEPTH = 32
_MOST_OF_ARRAY = 1000  # items of an array among params

#: Told of values that could not be kept as they are: (key, reason).
Complain = Callable[[str, str], None]


class Unkept(Exception):
    """A value that JSON cannot carry; it is kept as text."""


def flatten(data: Mapping[Any, Any], complain: Complain) -> dict[str, Any]:
    """Nested dicts become keys with ``/`` between; keys become strings. Values are left alone.

    :returns: key -> value; an empty dict stays as a value.
    """
    flat: dict[str, Any] = {}
    _flatten_into(flat, "", data, complain, 0)
    return flat


def _flatten_into(flat: dict[str, Any], prefix: str, data: Mapping[Any, Any], complain: Complain, depth: int) -> None:
    try:
        items = list(data.items())
    except Exception as error:  # any mapping may be passed
        if from_signal_handler(error):
            raise
        complain(prefix.rstrip("/") or "data", f"could not be read: {type(error).__name__}")
        return
    for key, value in items:
        name = prefix + key_text(key)
        if isinstance(value, Mapping) and value and depth < _MAX_DEPTH:
            _flatten_into(flat, name + "/", value, complain, depth + 1)
        else:
            flat[name] = value


def key_text(key: object) -> str:
    """A key as a string that UTF-8 can carry."""
    text = key if type(key) is str else _safe(str, key)
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode()


def to_json(key: str, value: Any, complain: Complain) -> JSON:
    """A value as ``log()`` keeps it: a number, a bool, a string, None, or small JSON; else its ``repr`` up to 1 kB."""
    try:
        kept: JSON = _to_json(value, key, complain, _Budget(MAX_JSON), 0)
        return kept
    except Unkept as reason:
        complain(key, f"{reason}; kept as text")
    except Exception as error:  # any object may be passed
        if from_signal_handler(error):
            raise
        complain(key, f"is of type {type(value).__name__} ({type(error).__name__} on reading it); kept as text")
    return short_repr(value)


def plain_json(value: Any) -> Any:
    """A value as params and summary keep it: like :func:`to_json`, but nested dicts stay and nobody complains.

    Arrays are lists; any other object is its text, where it stands.
    """
    try:
        return _to_json(value, "", _silent, _Budget(MAX_JSON, texts=True), 0)
    except Exception as error:  # any object may be passed
        if from_signal_handler(error):
            raise
        return short_repr(value)


def _silent(key: str, reason: str) -> None:
    """Params take any object as text without a word: classes and functions are usual among them."""


class _Budget:
    __slots__ = ("left", "texts")

    def __init__(self, items: int, *, texts: bool = False) -> None:
        self.left, self.texts = items, texts  # texts: what is no JSON becomes its text

    def take(self, items: int) -> None:
        self.left -= items
        if self.left < 0:
            raise Unkept(f"holds more than {MAX_JSON} items")


def _to_json(value: Any, key: str, complain: Complain, budget: _Budget, depth: int) -> Any:
    kind = type(value)
    if kind is float or kind is bool or value is None:
        return value
    if isinstance(value, str):
        return _string(str.__str__(value), key, complain)
    if isinstance(value, int):
        return _integer(int(value), key, complain)
    if isinstance(value, float):
        return float(value)
    if depth > _MAX_DEPTH:
        raise Unkept("is nested too deeply")
    if isinstance(value, Mapping):
        budget.take(len(value))
        return {key_text(k): _to_json(v, key, complain, budget, depth + 1) for k, v in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        budget.take(len(value))
        return [_to_json(item, key, complain, budget, depth + 1) for item in value]
    try:
        scalar = _scalar(value)
    except Unkept:
        if not budget.texts:
            raise
        return _array_or_text(value, budget, depth)
    return _integer(scalar, key, complain) if type(scalar) is int else scalar


def _array_or_text(value: Any, budget: _Budget, depth: int) -> Any:
    """A small array or tensor as the list that it says it is; any other object as text."""
    if callable(getattr(value, "tolist", None)) and hasattr(value, "shape") and prod(value.shape) <= _MOST_OF_ARRAY:
        return _to_json(value.tolist(), "", _silent, budget, depth + 1)
    return short_repr(value)


def _integer(value: int, key: str, complain: Complain) -> JSON:
    if value.bit_length() <= MAX_BITS:
        return value
    complain(key, f"is an integer of {value.bit_length()} bits; kept as text")
    return short_repr(value)


def _string(text: str, key: str, complain: Complain) -> str:
    if len(text) > MAX_TEXT:
        complain(key, f"is {len(text)} characters long; the first {MAX_TEXT} are kept")
        text = text[:MAX_TEXT]
    try:
        text.encode()
    except UnicodeEncodeError:
        complain(key, "holds characters that are not valid Unicode; they are kept escaped")
        return text.encode("utf-8", "backslashreplace").decode()
    return text


def _scalar(value: Any) -> Any:
    """The number behind numpy, torch, jax and tensorflow scalars, Decimal, Fraction."""
    if hasattr(value, "__fspath__"):
        return key_text(value.__fspath__())
    item = getattr(value, "item", None)
    if callable(item):
        try:
            value = item()
        except Exception as error:
            if from_signal_handler(error):
                raise
            raise Unkept(f"is of type {type(value).__name__} and has more than one value") from error
        if isinstance(value, (bool, int)):
            return value
        if isinstance(value, float):
            return float(value)
    if isinstance(value, (str, bytes, bytearray, complex)) or not (
        hasattr(value, "__float__") or hasattr(value, "__index__")
    ):
        raise Unkept(f"is of type {type(value).__name__}")
    return float(value) if hasattr(value, "__float__") else value.__index__()


def short_repr(value: object) -> str:
    """``repr`` up to 1 kB, as text that UTF-8 can carry."""
    if isinstance(value, (bytes, bytearray)):
        value = bytes(value[:MAX_REPR])
    show: Callable[[Any], str] = repr
    if isinstance(value, (list, tuple, set, frozenset, dict)):
        show = _container_repr
    elif isinstance(value, int) and value.bit_length() > MAX_BITS:
        show = hex  # Python may refuse to write it as decimal
    text = _safe(show, value)
    text = text.encode("utf-8", "backslashreplace").decode()
    return text if len(text) <= MAX_REPR else text[: MAX_REPR - 3] + "..."


def _container_repr(value: object) -> str:
    """Of large containers only the beginning is visited."""
    import reprlib

    shorter = reprlib.Repr()
    shorter.maxlist = shorter.maxtuple = shorter.maxset = shorter.maxfrozenset = shorter.maxdict = 100
    return shorter.repr(value)


def _safe(function: Callable[[Any], str], value: object) -> str:
    try:
        return str(function(value))
    except Exception as error:  # any object may be passed
        if from_signal_handler(error):
            raise
        return f"<{type(value).__name__}>"
