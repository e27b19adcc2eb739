"""From the text of a filter to a condition."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, get_args

from ..errors import FilterError
from ..model.query import (
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
from ..model.run import Status
from .fields import name_of, parse_field
from .words import KEYWORDS, as_number, as_span, as_time, content, is_quoted

if TYPE_CHECKING:
    from lark import Token, Tree

_STATUSES: tuple[str, ...] = get_args(Status)
_FLAGS = {"true": True, "false": False, "yes": True, "no": False}
#: Beyond this nobody types, and the recursion of what follows stays bounded.
MAX_LENGTH = 10_000
_MAX_DEPTH = 100
#: How other languages connect conditions.
_SIGNS = {"&&": "and", "&": "and", "||": "or", "|": "or", "!": "and not"}
_KEYED = ("params.", "summary.", "metrics.")
#: What regular expressions of other engines lack, or mean differently.
_UNCOMMON = re.compile(r"\(\?(?!:|P<|i\))|\\[1-9ZAGk]|[*+?}]\+")


def parse(text: str, *, known: Iterable[Field] = ()) -> Condition | None:
    """The condition that a text means; None for an empty one.

    :param known: fields that there are, for suggestions.
    :raises FilterError: it has no meaning; position, token and a suggestion stand in the error.
    """
    if len(text) > MAX_LENGTH:
        raise FilterError(text, MAX_LENGTH, "", f"is longer than {MAX_LENGTH} characters")
    if not text.strip():
        return None
    from lark.exceptions import UnexpectedCharacters, UnexpectedInput, UnexpectedToken

    from .grammar import parser

    try:
        tree = parser().parse(text)
    except UnexpectedCharacters as error:
        position = error.pos_in_stream or 0
        raise _unexpected(text, position, text[position : position + 1], ()) from error
    except UnexpectedToken as error:
        at_end = error.token.type == "$END"
        position = len(text.rstrip()) if at_end else error.token.start_pos or 0
        raise _unexpected(text, position, "" if at_end else str(error.token), error.accepts or ()) from error
    except UnexpectedInput as error:
        raise FilterError(text, 0, "", "cannot be understood") from error
    return _Building(text, known).condition(tree.children[0])  # type: ignore[arg-type]  # the grammar has no lone tokens


def _unexpected(text: str, position: int, found: str, accepts: Iterable[str]) -> FilterError:
    before = text[:position].rstrip()
    previous = re.findall(r"[^\s(),]+|[(),]", before)[-1:] or [""]
    if found in ("'", '"'):
        return FilterError(text, position, text[position:], "has a quote that is not closed")
    if set(accepts) == {"WORD"} or (found and found in "=!<>~" and re.search(r"[=!<>~]$", before)):
        if found.lower() in KEYWORDS or (found and found not in "=!<>~"):
            return FilterError(text, position, found, f"lacks a value before {found!r}")
        return FilterError(text, position, found, f"lacks a value after {previous[0]!r}")
    if not found:
        if before.count("(") > before.count(")"):
            return FilterError(text, position, found, "lacks a closing ')'")
        return FilterError(text, position, found, f"ends too early, after {previous[0]!r}")
    if found == ")":
        return FilterError(text, position, found, "closes a parenthesis that was not opened")
    if not before:
        return FilterError(text, position, found, f"begins with {found!r}")
    hint = {"=": "=", ",": "and"}.get(found, "")
    return FilterError(text, position, found, f"has {found!r} where nothing like it can stand", hint)


def _connective(word: str) -> str:
    """The ``and``, ``or`` or ``and not`` that a bare word was probably meant to be; empty for other words."""
    lowered = word.lower()
    if lowered in _SIGNS:
        return _SIGNS[lowered]
    for connective, meant in (("and", "and"), ("or", "or"), ("not", "and not")):
        if sorted(lowered) == sorted(connective) or get_close_matches(lowered, [connective], 1, 0.75):
            return meant
    return ""


class _Building:
    """Conditions of the parts of a tree."""

    def __init__(self, text: str, known: Iterable[Field]) -> None:
        self._text, self._known = text, known
        self._depth = 0

    def condition(self, node: Tree[Any]) -> Condition:
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            raise FilterError(self._text, node.meta.start_pos, "", f"is nested more than {_MAX_DEPTH} deep")
        make: Callable[..., Condition] = getattr(self, f"_{node.data}" if node.data != "text" else "_search")
        made = make(*node.children)
        self._depth -= 1
        return made

    def _any(self, *items: Any) -> Condition:
        return Or(tuple(map(self.condition, items)))

    def _all(self, *items: Any) -> Condition:
        for before, item, after in zip(items, items[1:], items[2:], strict=False):
            self._check_between(before, item, after)
        return And(tuple(map(self.condition, items)))

    def _check_between(self, before: Tree[Any], item: Tree[Any], after: Tree[Any]) -> None:
        """Refuse ``ad`` in ``lr < 1 ad acc > 2``: who searches for it there says ``and`` or quotes it."""
        if item.data != "text" or "text" in (before.data, after.data):
            return
        word: Token = item.children[0]  # type: ignore[assignment]  # the grammar has nothing else there
        begin, end = word.start_pos or 0, word.end_pos or 0
        beside = self._text[before.meta.end_pos : begin] + self._text[end : after.meta.start_pos]
        meant = _connective(word)
        if meant and not beside.strip(" \t\r\n()"):
            raise self._error(word, f"has {str(word)!r} between two conditions (in quotes it is searched for)", meant)

    def _no(self, item: Any) -> Condition:
        return Not(self.condition(item))

    def _search(self, word: Token) -> Condition:
        if not is_quoted(word) and word.startswith(_KEYED):
            field = name_of(self._field(word))
            raise self._error(word, f"compares {field} with nothing (in quotes it is searched for)", f"{field} exists")
        return Text(content(word))

    def _compare(self, word: Token, operator: Token, value: Token) -> Condition:
        field = self._field(word)
        op = {"==": "=", "<>": "!="}.get(operator, str(operator))
        if field.type == "tags":
            if op not in ("=", "!="):
                raise self._error(operator, "cannot order tags", "has")
            has = Has(field, content(value))
            return has if op == "=" else Not(has)
        if field.type == "flag" and op not in ("=", "!="):
            raise self._error(operator, f"cannot order {name_of(field)}, which is true or false", "=")
        return Compare(field, op, self._value(field, value))  # type: ignore[arg-type]  # the grammar knows no others

    def _inside(self, word: Token, *values: Token) -> Condition:
        field = self._field(word)
        if field.type == "tags":
            found: tuple[Condition, ...] = tuple(Has(field, content(value)) for value in values)
            return found[0] if len(found) == 1 else Or(found)
        return In(field, tuple(self._value(field, value) for value in values))

    def _outside(self, word: Token, *values: Token) -> Condition:
        return Not(self._inside(word, *values))

    def _has(self, word: Token, value: Token) -> Condition:
        field = self._field(word)
        if field.type != "tags":
            raise self._error(word, f"asks what {name_of(field)} has, but only tags has", f"{name_of(field)} contains")
        return Has(field, content(value))

    def _contains(self, word: Token, value: Token) -> Condition:
        return Contains(self._textual(word), content(value))

    def _matches(self, word: Token, value: Token) -> Condition:
        field, pattern = self._textual(word), content(value)
        try:
            re.compile(pattern, re.ASCII)
        except re.error as error:
            raise self._error(value, f"has a regular expression that cannot be used: {error}") from error
        if uncommon := _UNCOMMON.search(pattern):
            raise self._error(value, f"uses {uncommon[0]!r}, which regular expressions here do not know")
        return Matches(field, pattern)

    def _mismatches(self, word: Token, value: Token) -> Condition:
        return Not(self._matches(word, value))

    def _exists(self, word: Token) -> Condition:
        return Exists(self._field(word))

    def _missing(self, word: Token) -> Condition:
        return Not(Exists(self._field(word)))

    # --- Fields and values

    def _field(self, word: Token) -> Field:
        return parse_field(word, known=self._known, text=self._text, position=word.start_pos or 0)

    def _textual(self, word: Token) -> Field:
        field = self._field(word)
        if field.type in ("text", "any", "tags"):
            return field
        raise self._error(word, f"looks for text in {name_of(field)}, which holds none")

    def _value(self, field: Field, word: Token) -> Value:
        read = {"number": self._number, "time": self._time, "flag": self._flag, "text": self._plain, "any": self._any_}
        return read[field.type](field, word)

    def _number(self, field: Field, word: Token) -> Value:
        number = as_number(content(word))
        if number is None and field.key == "duration_s":
            number = as_span(word)
        if number is None:
            raise self._error(word, f"compares {name_of(field)}, a number, with {content(word)!r}")
        return number

    def _time(self, field: Field, word: Token) -> Value:
        moment: float | Ago | None = as_time(content(word))
        if moment is None:
            reason = f"compares {name_of(field)}, a time, with {content(word)!r} (write 2026-05-31, -7d, today)"
            raise self._error(word, reason)
        return moment

    def _flag(self, field: Field, word: Token) -> Value:
        flag = _FLAGS.get(content(word).lower())
        if flag is None:
            raise self._error(word, f"compares {name_of(field)}, which is true or false, with {content(word)!r}")
        return flag

    def _plain(self, field: Field, word: Token) -> Value:
        text = content(word)
        if field.key == "status" and text not in _STATUSES:
            close = get_close_matches(text.lower(), _STATUSES, 1, 0.5)
            raise self._error(word, f"knows no status {text!r} ({', '.join(_STATUSES)})", close[0] if close else "")
        return text

    def _any_(self, _: Field, word: Token) -> Value:
        if is_quoted(word):
            return content(word)
        if word.lower() in ("true", "false"):
            return word.lower() == "true"
        number = as_number(word)
        return content(word) if number is None else number

    def _error(self, token: Token, reason: str, suggestion: str = "") -> FilterError:
        return FilterError(self._text, token.start_pos or 0, str(token), reason, suggestion)
