"""The filter language: what texts mean, how conditions are written, what mistakes are told."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from runicorn.contracts import RunReader, Store
from runicorn.errors import FilterError
from runicorn.filters import name_of, parse, parse_columns, parse_field, parse_order, query_runs, unknown_fields, write
from runicorn.hooks import storage_backends
from runicorn.model.query import Ago, And, Compare, Condition, Exists, Field, Has, In, Not, Or, Order, RunQuery, Text
from runicorn.model.run import RunMeta
from runicorn.testing.query_strategies import conditions, keys

LR, ACC, STATUS = Field("params", "lr"), Field("metrics", "val/acc", "max"), Field("run", "status")


@given(conditions(free=True))
def test_a_condition_that_is_written_is_read_as_the_same(condition: Condition) -> None:
    assert repr(parse(write(condition))) == repr(condition)


@given(keys(), st.sampled_from(["params", "summary", "metrics"]))
def test_a_field_of_any_key_is_written_and_read(key: str, kind: str) -> None:
    field = Field(kind, key, "min" if kind == "metrics" else "")  # type: ignore[arg-type]
    assert parse_field(name_of(field)) == field
    assert parse_columns(f"{name_of(field)},status") == (field, STATUS)


@given(st.text(max_size=30) | st.text("ab.=<>!~'\"()\\ ,andor1-", max_size=30))
def test_every_text_is_a_condition_or_an_error_with_a_place_in_it(text: str) -> None:
    found: Condition | FilterError | None
    try:
        found = parse(text)
    except FilterError as error:
        found = error
    if isinstance(found, FilterError):
        assert 0 <= found.position <= len(text)
        assert found.reason
    else:
        assert repr(parse(write(found))) == repr(found)


@pytest.mark.parametrize(
    ("text", "condition"),
    [
        ("  ", None),
        ("params.lr<1e-3", Compare(LR, "<", 0.001)),
        ("params.lr <> 1_000 AND status == running", And((Compare(LR, "!=", 1000.0), Compare(STATUS, "=", "running")))),
        ("not params.lr = 1 or fox", Or((Not(Compare(LR, "=", 1.0)), Text("fox")))),
        ("a b or c", Or((And((Text("a"), Text("b"))), Text("c")))),
        ("a (b or c)", And((Text("a"), Or((Text("b"), Text("c")))))),
        ("metrics.val/acc.max > 0.9", Compare(ACC, ">", 0.9)),
        ("metrics.val/acc > 0.9", Compare(Field("metrics", "val/acc", "last"), ">", 0.9)),
        ("metrics.loss.max.last > 1", Compare(Field("metrics", "loss.max", "last"), ">", 1.0)),
        ('metrics."loss.max" > 1', Compare(Field("metrics", "loss.max", "last"), ">", 1.0)),
        ('metrics."验证 精度".min >= .5', Compare(Field("metrics", "验证 精度", "min"), ">=", 0.5)),
        (r"""params.'it\'s' = "say \"hi\"\n" """, Compare(Field("params", "it's"), "=", 'say "hi"\n')),
        ("params.bs = '32'", Compare(Field("params", "bs"), "=", "32")),
        ("params.debug = true", Compare(Field("params", "debug"), "=", True)),
        ("params.lr in (1, auto)", In(LR, (1.0, "auto"))),
        ("params.lr not in(1)", Not(In(LR, (1.0,)))),
        ("params.lr is not null", Exists(LR)),
        ("params.lr is null", Not(Exists(LR))),
        ("tag = best", Has(Field("run", "tags"), "best")),
        ("created > -7d", Compare(Field("run", "created_at"), ">", Ago(604800.0))),
        ("created_at >= 1970-01-02T00:00:00Z", Compare(Field("run", "created_at"), ">=", 86400.0)),
        ("duration > 1.5h", Compare(Field("run", "duration_s"), ">", 5400.0)),
        ("in or has", Or((Text("in"), Text("has")))),
        ("params.and = or", Compare(Field("params", "and"), "=", "or")),
        ("don't", Text("don't")),
        ("params.lr = 1 and ad and params.lr exists", And((Compare(LR, "=", 1.0), Text("ad"), Exists(LR)))),
        ("params.lr = 1 'ad' 'params.lr'", And((Compare(LR, "=", 1.0), Text("ad"), Text("params.lr")))),
        ("a ad b", And((Text("a"), Text("ad"), Text("b")))),
    ],
)  # fmt: skip
def test_a_text_means(text: str, condition: Condition | None) -> None:
    assert repr(parse(text)) == repr(condition)


KNOWN = [LR, ACC, Field("params", "model/depth"), Field("metrics", "train/loss", "last")]


@pytest.mark.parametrize(
    ("text", "position", "token", "suggestion", "words"),
    [
        ("lr < 1", 0, "lr", "params.lr", "the filter at position 1 has 'lr' where a field is expected; did you"),
        ("status = finished and depth = 3", 22, "depth", "params.model/depth", "expected"),
        ("val/acc.max > 1", 0, "val/acc.max", "metrics.val/acc.max", "expected"),
        ("loss < 1", 0, "loss", "metrics.train/loss.last", "expected"),
        ("param.lr < 1", 0, "param.lr", "params.lr", "expected"),
        ("statsu = finished", 0, "statsu", "status", "expected"),
        ("status = finishd", 9, "finishd", "finished", "knows no status"),
        ("params.lr <", 11, "", "", "lacks a value after '<'"),
        ("params.lr < )", 12, ")", "", "lacks a value before ')'"),
        ("params.lr < < 3", 12, "<", "", "lacks a value after '<'"),
        ("< 3", 0, "<", "", "begins with '<'"),
        ("(a or b", 7, "", "", "lacks a closing ')'"),
        ("params.lr < 1 ad status = finished", 14, "ad", "and", "between two conditions"),
        ("(params.lr < 1) || not acc exists", 16, "||", "or", "between two conditions"),
        ("params.lr < 1 nto pinned = yes", 14, "nto", "and not", "between two conditions"),
        ("params.lr < 1, pinned = yes", 13, ",", "and", "nothing like it can stand"),
        ("params.lr between 1 and 2", 0, "params.lr", "params.lr exists", "compares params.lr with nothing"),
        ("created_at > 0001-01-01", 13, "0001-01-01", "", "a time, with '0001-01-01'"),
        ("created_at < 99999-01-01", 13, "99999-01-01", "", "a time, with '99999-01-01'"),
        ("a) b", 1, ")", "", "closes a parenthesis that was not opened"),
        ("a or", 4, "", "", "ends too early, after 'or'"),
        ("params.x = 'it", 11, "'it", "", "quote that is not closed"),
        ("metrics.loss > high", 15, "high", "", "compares metrics.loss.last, a number, with 'high'"),
        ("created_at > soon", 13, "soon", "", "a time, with 'soon'"),
        ("pinned = maybe", 9, "maybe", "", "true or false"),
        ("status has x", 0, "status", "status contains", "only tags has"),
        ("tags > x", 5, ">", "has", "cannot order tags"),
        ("run ~ '('", 6, "'('", "", "regular expression that cannot be used"),
        (r"run ~ '(a)\1'", 6, r"'(a)\1'", "", "do not know"),
        ("metrics. > 1", 0, "metrics.", "", "lacks the key"),
        ("(" * 200 + "not " * 200 + "a" + ")" * 200, 0, "", "", "nested"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_with_its_place(text: str, position: int, token: str, suggestion: str, words: str) -> None:
    with pytest.raises(FilterError) as raised:
        parse(text, known=KNOWN)
    error = raised.value
    if "nested" not in words:
        assert (error.position, error.token, error.suggestion) == (position, token, suggestion)
    assert words in str(error)


def test_a_filter_that_found_nothing_is_told_what_no_run_has(tmp_path: Path) -> None:
    store = storage_backends()["jsonl"].open_store(tmp_path, {})
    session = store.create_run(RunMeta("a", "p", "n", 1.0))
    session.write("params", {"net": {"depth": 3}, "lr": 0.1})
    (session.folder / "events.jsonl").write_bytes(b'{"ts":1.5,"type":"metrics","step":1,"data":{"loss":7}}\n')

    def told(text: str) -> list[str]:
        return [str(unknown) for unknown in unknown_fields(store, parse(text))]

    assert told("metrics.los.max > 1 or not params.lrr = 2") == [
        "no run has metrics.los.max; did you mean metrics.loss.max?",
        "no run has params.lrr; did you mean params.lr?",
    ]
    assert told("params.loss < 1 and summary.x exists") == [
        "no run has params.loss; did you mean metrics.loss.last?", "no run has summary.x",
    ]  # fmt: skip
    assert told("params.depth = 4") == ["no run has params.depth; did you mean params.net/depth?"]
    assert told("params.net.depth = 4 and metrics.loss.min < 0 and status = failed or text") == []


def test_an_order_is_a_list_of_fields_with_minus_for_descending() -> None:
    assert parse_order("metrics.val/acc.max, -created_at") == (Order(ACC), Order(Field("run", "created_at"), True))
    assert parse_order("") == ()
    with pytest.raises(FilterError) as raised:
        parse_order("status,-lr", known=KNOWN)
    assert (raised.value.position, raised.value.suggestion) == (8, "params.lr")


def test_columns_may_have_commas_in_quotes_and_are_told_once() -> None:
    assert parse_columns('params."a,b", status,status') == (Field("params", "a,b"), STATUS)
    with pytest.raises(FilterError, match="not closed"):
        parse_columns('params."a')


# --- A store without an index


class _Slow:
    """A store whose reading takes as long as somebody wants."""

    def __init__(self, store: Store) -> None:
        self._store, self.go, self.read = store, threading.Event(), 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def open_run(self, ref: Any) -> RunReader:
        reader = self._store.open_run(ref)
        series = reader.series

        def slowly() -> Any:
            self.go.wait(60)
            self.read += 1
            return series()

        reader.series = slowly  # type: ignore[method-assign]  # this one reader's
        return reader


def test_a_run_that_takes_longer_than_a_list_may_is_read_on_for_the_next_list(tmp_path: Path) -> None:
    files = storage_backends()["jsonl"].open_store(tmp_path, {})
    session = files.create_run(RunMeta("a", "p", "n", 1.0))
    session.write("status", {"status": "finished", "ended_at": 2.0})
    (session.folder / "events.jsonl").write_bytes(b'{"ts":1.5,"type":"metrics","step":1,"data":{"loss":7}}\n')
    store = _Slow(files)
    query = RunQuery(columns=parse_columns("metrics.loss"))
    for _ in range(3):
        page = query_runs(store, query, budget_s=0.2)
        assert (page.total, page.partial, page.columns["metrics.loss.last"]) == (1, True, [None])
    store.go.set()
    deadline = time.monotonic() + 60
    while page.partial:
        assert time.monotonic() < deadline
        page = query_runs(store, query, budget_s=0.2)
    assert page.columns["metrics.loss.last"] == [7.0]
    assert store.read == 1, "what the first list began was not begun again"
