"""Conditions in plain Python: a condition becomes a function of a run."""

from __future__ import annotations

import operator
import re
import time
from collections.abc import Callable, Iterable
from typing import Any

from ..model.query import (
    SEARCHED,
    Ago,
    And,
    Compare,
    Condition,
    Contains,
    Exists,
    Field,
    Has,
    In,
    Matches,
    Not,
    Or,
    Text,
    Value,
)
from ..serialize import number
from .facts import Facts, cell, reader_of, text_of

Test = Callable[[Facts], bool]

_ORDERINGS: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip


def fold(text: str) -> str:
    """Lower case character by character, as databases do it."""
    return text.lower() if text.isascii() else "".join(character.lower()[0] for character in text)


def predicate(condition: Condition | None, *, now: float | None = None) -> Test:
    """A function that says whether a run meets the condition.

    :param now: what relative times are measured from, Unix seconds; None = the present.
    """
    if condition is None:
        return lambda _: True
    return _test(condition, time.time() if now is None else now)


def _test(condition: Condition, now: float) -> Test:
    match condition:
        case And(items):
            tests = [_test(item, now) for item in items]
            return lambda facts: all(test(facts) for test in tests)
        case Or(items):
            tests = [_test(item, now) for item in items]
            return lambda facts: any(test(facts) for test in tests)
        case Not(item):
            inner = _test(item, now)
            return lambda facts: not inner(facts)
        case Compare(field, op, value):
            return _compare(field, op, moment(value, now))
        case In(field, values):
            tests = [_compare(field, "=", moment(value, now)) for value in values]
            return lambda facts: any(test(facts) for test in tests)
        case Has(field, text):
            read = reader_of(field)
            return lambda facts: text in read(facts)  # type: ignore[operator]  # tags are a tuple
        case Contains(field, text):
            wanted = fold(text)
            return _textual([field], lambda held: wanted in fold(held))
        case Text(text):
            wanted = fold(text)
            return _textual([Field("run", name) for name in SEARCHED], lambda held: wanted in fold(held))
        case Matches(field, pattern):
            found = re.compile(pattern, re.ASCII).search
            return _textual([field], lambda held: found(held) is not None)
        case Exists(field):
            read = reader_of(field)
            return lambda facts: read(facts) not in (None, "", ())


def moment(value: Value, now: float) -> float | str | bool:
    return now - value.seconds if isinstance(value, Ago) else value


def _compare(field: Field, op: str, value: float | str | bool) -> Test:
    read = reader_of(field)
    take: Callable[[Any], Any]
    if isinstance(value, bool) and field.type == "any":
        value, take = ("true" if value else "false"), text_of
    elif isinstance(value, (bool, str)):
        take = text_of if isinstance(value, str) else _itself
    else:
        value, take = float(value), number
    equal = op in ("=", "!=")
    if not equal and isinstance(value, str) and field.type == "any":
        take = _text  # numbers are in no order with texts
    same, wanted, nan = op == "=", value, value != value
    order = _ORDERINGS.get(op)

    def test(facts: Facts) -> bool:
        held = take(read(facts))
        if held is None:
            return False
        if equal:
            return (held == wanted or (nan and held != held)) is same
        assert order is not None
        return order(held, wanted)

    return test


def _itself(value: Any) -> Any:
    return value


def _text(value: Any) -> str | None:
    held = cell(value)
    return held if isinstance(held, str) else None


def _textual(fields: Iterable[Field], found: Callable[[str], bool]) -> Test:
    reads = [reader_of(field) for field in fields]

    def test(facts: Facts) -> bool:
        for read in reads:
            value = read(facts)
            for held in value if isinstance(value, tuple) else (text_of(value),):
                if held is not None and found(held):
                    return True
        return False

    return test


def fields_of(condition: Condition | None) -> Iterable[Field]:
    """Every field that a condition looks at."""
    match condition:
        case And(items) | Or(items):
            for item in items:
                yield from fields_of(item)
        case Not(item):
            yield from fields_of(item)
        case Compare() | In() | Has() | Contains() | Matches() | Exists():
            yield condition.field
