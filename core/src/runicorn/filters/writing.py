"""From a condition to the text that means it."""

from __future__ import annotations

from ..model.query import Ago, And, Compare, Condition, Contains, Exists, Has, In, Matches, Not, Or, Text, Value
from .fields import name_of
from .words import quote


def write(condition: Condition | None) -> str:
    """A text that ``parse`` understands as this condition; empty for None."""
    return "" if condition is None else _write(condition)


def _write(condition: Condition) -> str:
    match condition:
        case And(items):
            return " and ".join(map(_part, items))
        case Or(items):
            return " or ".join(map(_part, items))
        case Not(item):
            return f"not {_part(item)}"
        case Compare(field, op, value):
            return f"{name_of(field)} {op} {_value(value)}"
        case In(field, values):
            return f"{name_of(field)} in ({', '.join(map(_value, values))})"
        case Has(field, text):
            return f"{name_of(field)} has {quote(text)}"
        case Contains(field, text):
            return f"{name_of(field)} contains {quote(text)}"
        case Matches(field, pattern):
            return f"{name_of(field)} ~ {quote(pattern)}"
        case Exists(field):
            return f"{name_of(field)} exists"
        case Text(text):
            return quote(text)


def _part(condition: Condition) -> str:
    return f"({_write(condition)})" if isinstance(condition, (And, Or)) else _write(condition)


def _value(value: Value) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Ago):
        return f"{-value.seconds:f}s" if value.seconds else "now"
    return quote(value) if isinstance(value, str) else _number(value)


def _number(value: float) -> str:
    return f"{value:.0f}" if value.is_integer() and abs(value) < 1e15 else repr(value)
