"""Conditions of every kind, for property tests."""

from __future__ import annotations

import math

from hypothesis import strategies as st

from ..filters import parse_columns
from ..model.query import (
    FIGURES,
    RUN_FIELDS,
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
)

_RUN = [Field("run", name) for name in RUN_FIELDS]
#: Fields of the runs that the storage contract makes, and some that they do not have.
FIELDS = [
    *_RUN,
    *parse_columns("params.lr,params.opt/name,params.opt.name,params.flag,params.layers,params.'a b',params.none"),
    *parse_columns("summary.acc,summary.acc/top,metrics.val/b.last,metrics.val.b.mean,metrics.none.last"),
    *(Field("metrics", "a", figure) for figure in FIGURES),
]
_LIKELY = [0.0, 1.0, 2.0, 0.1, 0.01, 1003.0, math.nan, math.inf, -math.inf]
_NUMBERS = st.one_of(st.sampled_from(_LIKELY), st.floats(), st.integers(-5, 5).map(float))
_WORDS = ["adam", "finished", "fox", "best", "x", "true", "[1,2]", "high", "Größe", "p", "odd", "a", "NaN"]
_TEXTS = st.one_of(st.sampled_from(_WORDS), st.text(st.characters(exclude_categories=["Cs"]), max_size=5))
_PATTERNS = st.sampled_from(["^a", "o.$", "[xyz]", "(fox|owl)", "\\d", "^$", "."])


def keys() -> st.SearchStrategy[str]:
    """Keys of all sorts: with slashes, dots, blanks, quotes, other scripts."""
    odd = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=6)
    return st.one_of(st.sampled_from(["lr", "val/acc", "a.b", "a b", "精度", "max", "x.last", "don't", '"', "\\"]), odd)


def conditions(*, free: bool = False) -> st.SearchStrategy[Condition]:
    """Conditions; each is one that ``parse`` can make.

    :param free: with keys of all sorts, rather than those of :data:`FIELDS`.
    """
    fields = st.sampled_from(FIELDS)
    if free:
        keyed = st.builds(lambda kind, key: Field(kind, key), st.sampled_from(["params", "summary"]), keys())
        metric = st.builds(lambda key, figure: Field("metrics", key, figure), keys(), st.sampled_from(FIGURES))
        fields = st.one_of(fields, keyed, metric)
    return st.recursive(fields.flatmap(_about) | _TEXTS.map(Text), _combined, max_leaves=6)


def _combined(inner: st.SearchStrategy[Condition]) -> st.SearchStrategy[Condition]:
    several = st.lists(inner, min_size=2, max_size=3).map(tuple)
    return st.one_of(inner.map(Not), several.map(And), several.map(Or))


def _about(field: Field) -> st.SearchStrategy[Condition]:
    exists: st.SearchStrategy[Condition] = st.just(Exists(field))
    contains = st.builds(Contains, st.just(field), _TEXTS)
    matches = st.builds(Matches, st.just(field), _PATTERNS)
    values: st.SearchStrategy[float | str | bool | Ago] = {
        "number": _NUMBERS,
        "time": st.one_of(st.floats(0, 3000), st.builds(Ago, st.integers(0, 2000).map(float))),
        "flag": st.booleans(),
        "text": st.sampled_from(["finished", "failed", "crashed"]) if field.key == "status" else _TEXTS,
        "any": st.one_of(_NUMBERS, _TEXTS, st.booleans()),
        "tags": _TEXTS,
    }[field.type]
    if field.type == "tags":
        return st.one_of(exists, contains, matches, st.builds(Has, st.just(field), _TEXTS))
    operators = st.sampled_from(["=", "!="] if field.type == "flag" else ["=", "!=", "<", "<=", ">", ">="])
    compare = st.builds(Compare, st.just(field), operators, values)
    several = st.builds(In, st.just(field), st.lists(values, min_size=1, max_size=3).map(tuple))
    textual = [contains, matches] if field.type in ("text", "any") else []
    return st.one_of(exists, compare, several, *textual)
