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


@frozen
class SqlNames:
    """How the tables of a store are called. ``run`` of each table and ``key_of_run`` of ``runs`` match.

    ``fields``: an SQL expression over the alias ``r`` for each field of the run, NULL where it has none (empty texts
    too, except ``tags``, a list).
    """

    runs: str = "runs"
    params: str = "params"
    summaries: str = "summaries"
    series: str = "series"
    key_of_run: str = "r.run"
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
            return self._some(asked, f"s.value {_sql(op)} ?", [wanted])
        return self._some(asked, _numeric("s.number", op, wanted), [wanted])

    def _some(self, asked: Field, test: str, values: Sequence[object]) -> Sql:
        """The row of the field passes a test. Where a run has the first key, the second is not looked at."""
        table, run, keys = self._table(asked), self.names.key_of_run, asked.keys
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

    def _table(self, asked: Field) -> str:
        return {"params": self.names.params, "summary": self.names.summaries, "metrics": self.names.series}[asked.kind]

    # --- Orders and columns

    def order_by(self, orders: Sequence[Order]) -> Sql:
        """What stands behind ``order by``, the tie-break included: numbers, NaN, texts, nothing."""
        parts: list[str] = []
        values: list[object] = []
        for order in orders:
            direction = "desc" if order.descending else "asc"
            for sql, given in self.cells(order.field):
                number = sql.startswith("/*n*/")
                if number:
                    parts.append(f"({sql}) is null, isnan({sql})")
                    values += [*given, *given]
                parts.append(f"({sql}) {direction} nulls last")
                values += given
        return ", ".join([*parts, f"{self.names.fields['created_at']} desc", self.names.fields["path"]]), values

    def cells(self, asked: Field) -> list[Sql]:
        """The number of a field, then its text, as scalar expressions over ``r`` (only what its type can hold)."""
        if asked.kind == "run":
            held = self.names.fields[asked.key]
            if asked.type in ("number", "time", "flag"):
                return [(f"/*n*/({held})::double", [])]
            if asked.type == "tags":
                return [(f"nullif(array_to_string({held}, ' '), '')", [])]
            return [(held, [])]
        if asked.kind == "metrics":
            return [self._scalar(asked, f's."{asked.figure or "last"}"::double', number=True)]
        is_number = "s.number is not null and s.value not in ('true', 'false')"
        return [
            self._scalar(asked, f"case when {is_number} then s.number end", number=True),
            self._scalar(asked, f"case when {is_number} then null else s.value end", number=False),
        ]

    def _scalar(self, asked: Field, held: str, *, number: bool) -> Sql:
        table, run, keys = self._table(asked), self.names.key_of_run, asked.keys
        mark = "/*n*/" if number else ""
        if len(keys) == 1:
            return f"{mark}(select any_value({held}) from {table} s where s.run = {run} and s.key = ?)", [keys[0]]
        both = f"{mark}(select arg_min({held}, s.key = ?) from {table} s where s.run = {run} and s.key in (?, ?))"
        return both, [keys[1], *keys]


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
