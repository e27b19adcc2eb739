"""Conditions and orders in SQL, over the views ``runs``, ``params``, ``summaries`` and ``series``.

The SQL is DuckDB's, with ``?`` for every value of a filter. It means what :mod:`.evaluating` means: each comparison is
true or false, never NULL, and NaN is no number.
"""

# ruff: noqa: S608 (every value of a filter is a parameter; what is put together are our own names)
from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Mapping, Sequence

from attrs import field, frozen

from ..model.query import (
    RUN_FIELDS,
    SEARCHED,
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
    Order,
    Text,
    Value,
)
from .evaluating import fold, moment

#: SQL, and the values of its question marks in order.
Sql = tuple[str, list[object]]
_IS_NUMBER = "{0}.number is not null and {0}.value not in ('true', 'false')"


@frozen
class SqlNames:
    """How the tables of a store are called. ``run`` of each table and ``key_of_run`` of ``runs`` match.

    ``fields``: an SQL expression over the alias ``r`` for each field of the run, NULL where it has none (empty texts
    too, except ``tags``, a list). ``series_key``: what stands in ``key`` of the series of a metric.
    """

    runs: str = "runs"
    params: str = "params"
    summaries: str = "summaries"
    series: str = "series"
    key_of_run: str = "r.run"
    series_key: Callable[[str], object] = str
    fields: Mapping[str, str] = field(factory=lambda: {name: f'r."{name}"' for name in RUN_FIELDS})


class SqlCompiler:
    """Makes SQL for one query.

    :param texts: runs a query and gives its only column: regular expressions are looked for here, so that they mean
        the same as everywhere, and the database is told which values were found.
    """

    def __init__(
        self,
        names: SqlNames | None = None,
        *,
        now: float | None = None,
        texts: Callable[[str, Sequence[object]], Iterable[str]],
    ) -> None:
        self.names = names or SqlNames()
        self._now = time.time() if now is None else now
        self._texts = texts

    # --- Conditions

    def where(self, condition: Condition | None) -> Sql:
        """A boolean expression over the alias ``r`` of ``runs``; never NULL."""
        if condition is None:
            return "true", []
        match condition:
            case And(items):
                return self._joined(" and ", items)
            case Or(items):
                return self._joined(" or ", items)
            case Not(item):
                sql, values = self.where(item)
                return f"not {sql}", values
            case Compare(asked, op, value):
                return self._compare(asked, op, value)
            case In(asked, values):
                parts = [self._compare(asked, "=", value) for value in values]
                return f"({' or '.join(sql for sql, _ in parts)})", [one for _, many in parts for one in many]
            case Has(asked, text):
                return f"coalesce(list_contains({self.names.fields[asked.key]}, ?), false)", [text]
            case Contains(asked, text):
                return self._textual(asked, lambda held: f"contains(lower({held}), ?)", [fold(text)])
            case Text(text):
                fields = [Field("run", name) for name in SEARCHED]
                parts = [self._textual(f, lambda held: f"contains(lower({held}), ?)", [fold(text)]) for f in fields]
                return f"({' or '.join(sql for sql, _ in parts)})", [one for _, many in parts for one in many]
            case Matches(asked, pattern):
                found = self._matching(asked, pattern)
                return self._textual(asked, lambda held: f"list_contains(?::varchar[], {held})", [found])
            case Exists(asked):
                return self._exists(asked)

    def _joined(self, word: str, items: Iterable[Condition]) -> Sql:
        parts = [self.where(item) for item in items]
        return f"({word.join(sql for sql, _ in parts)})", [value for _, values in parts for value in values]

    def _compare(self, asked: Field, op: str, value: Value) -> Sql:
        wanted = moment(value, self._now)
        if asked.kind == "run":
            held = self.names.fields[asked.key]
            if isinstance(wanted, float):
                return f"coalesce({_numeric(held, op, wanted)}, false)", [wanted]
            return f"coalesce({held} {_sql(op)} ?, false)", [wanted]
        if asked.kind == "metrics":
            assert isinstance(wanted, float)
            return self._some(asked, _numeric(f's."{asked.figure or "last"}"', op, wanted), [wanted])
        if isinstance(wanted, bool):
            wanted = "true" if wanted else "false"
        if isinstance(wanted, str):
            other = "" if op in ("=", "!=") else f" and not ({_IS_NUMBER.format('s')})"  # in no order with texts
            return self._some(asked, f"s.value {_sql(op)} ?{other}", [wanted])
        return self._some(asked, _numeric("s.number", op, wanted), [wanted])

    def _some(self, asked: Field, test: str, values: Sequence[object]) -> Sql:
        """The row of the field passes a test. Where a run has the first key, the second is not looked at."""
        table, run = self._table(asked), self.names.key_of_run
        keys = [self._stored(asked, key) for key in asked.keys]
        sql = f"{run} in (select s.run from {table} s where s.key = ? and {test})"
        if len(keys) == 1:
            return sql, [keys[0], *values]
        other = f"{sql} and {run} not in (select s.run from {table} s where s.key = ?)"
        return f"({sql} or ({other}))", [keys[0], *values, keys[1], *values, keys[0]]

    def _textual(self, asked: Field, test: Callable[[str], str], values: Sequence[object]) -> Sql:
        if asked.type == "tags":
            held = self.names.fields[asked.key]
            return f"coalesce(len(list_filter({held}, lambda t: {test('t')})) > 0, false)", list(values)
        if asked.kind == "run":
            return f"coalesce({test(self.names.fields[asked.key])}, false)", list(values)
        return self._some(asked, f"coalesce({test('s.value')}, false)", values)

    def _matching(self, asked: Field, pattern: str) -> list[str]:
        if asked.kind == "run":
            held = self.names.fields[asked.key]
            held = f"unnest({held})" if asked.type == "tags" else held
            rows = self._texts(f"select distinct {held} from {self.names.runs} r", [])
        else:
            marks = ", ".join("?" * len(asked.keys))
            rows = self._texts(f"select distinct value from {self._table(asked)} where key in ({marks})", asked.keys)
        found = re.compile(pattern, re.ASCII).search
        return [text for text in rows if text is not None and found(text)]

    def _exists(self, asked: Field) -> Sql:
        if asked.type == "tags":
            return f"coalesce(len({self.names.fields[asked.key]}) > 0, false)", []
        if asked.kind == "run":
            return f"{self.names.fields[asked.key]} is not null", []
        if asked.kind == "metrics":
            return self._some(asked, f's."{asked.figure or "last"}" is not null', [])
        return self._some(asked, "s.value is not null and s.value <> ''", [])

    def _stored(self, asked: Field, key: str) -> object:
        return self.names.series_key(key) if asked.kind == "metrics" else key

    def _table(self, asked: Field) -> str:
        return {"params": self.names.params, "summary": self.names.summaries, "metrics": self.names.series}[asked.kind]

    # --- Orders

    def order_by(self, orders: Sequence[Order]) -> tuple[Sql, str]:
        """Joins to ``runs r``, and what stands behind ``order by``, the tie-break included.

        Numbers come first, then NaN, texts, nothing. A run has one row of a key at most.
        """
        joins, values, parts = "", list[object](), list[str]()
        for place, order in enumerate(orders):
            direction = "desc" if order.descending else "asc"
            join, given, number, text = self._cells(order.field, f"o{place}")
            joins += join
            values += given
            if number:
                parts.append(f"isnan({number}) nulls last, {number} {direction} nulls last")
            if text:
                parts.append(f"{text} {direction} nulls last")
        tie = f"{self.names.fields['created_at']} desc, {self.names.fields['path']}"
        return (joins, values), ", ".join([*parts, tie])

    def _cells(self, asked: Field, alias: str) -> tuple[str, list[object], str, str]:
        """A join, its values, and the number and the text of a field, each empty where its type holds none."""
        if asked.kind == "run":
            held = self.names.fields[asked.key]
            if asked.type in ("number", "time", "flag"):
                return "", [], f"({held})::double", ""
            return "", [], "", f"nullif(array_to_string({held}, ' '), '')" if asked.type == "tags" else held
        table, run = self._table(asked), self.names.key_of_run
        names = [f"{alias}_{place}" for place in range(len(asked.keys))]
        join = "".join(f" left join {table} {name} on {name}.run = {run} and {name}.key = ?" for name in names)
        values = [self._stored(asked, key) for key in asked.keys]
        if asked.kind == "metrics":
            return join, values, _first(names, f'{{}}."{asked.figure or "last"}"::double'), ""
        number = _first(names, f"case when {_IS_NUMBER} then {{0}}.number end")
        text = _first(names, f"case when {_IS_NUMBER} then null else {{0}}.value end")
        return join, values, number, text


def _first(names: Sequence[str], held: str) -> str:
    """What the first of these rows that there is holds."""
    if len(names) == 1:
        return held.format(names[0])
    return f"(case when {names[0]}.run is not null then {held.format(names[0])} else {held.format(names[1])} end)"


def _sql(op: str) -> str:
    return "<>" if op == "!=" else op


def _numeric(held: str, op: str, wanted: float) -> str:
    """A comparison of numbers in which NaN is no number; ``?`` is the wanted one."""
    if wanted != wanted:
        return {"=": f"isnan({held}) and ? is not null", "!=": f"not isnan({held}) and ? is not null"}.get(
            op, f"{held} is not null and ? is null"
        )
    if op == "!=":
        return f"(isnan({held}) or {held} <> ?)"
    return f"(not isnan({held}) and {held} {op} ?)"
