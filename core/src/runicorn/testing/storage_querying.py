"""Lists that are filtered, ordered and paged: every store answers alike, through its own index or without one."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pytest
from attrs import evolve
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ..contracts import StorageBackend, Store
from ..filters import known_fields, name_of, parse, parse_columns, parse_order, query_runs, write
from ..model.query import Field, FieldInfo, Order, RunPage, RunQuery
from ..model.run import ExperimentRecord, RunRef
from ..types import JSON, JSONObject
from .query_strategies import FIELDS, conditions
from .storage_kit import StorageFixtures, log, new_meta

_NOW = 2_000.0
_COLUMNS = parse_columns(
    "run,status,created_at,duration_s,tags,note,pinned,best,params.lr,params.opt/name,metrics.a.max"
)


def make_runs(store: Store) -> None:
    """Five runs that differ in everything that a filter may ask."""
    # fmt: off
    nan, inf = "NaN", "Infinity"
    _make(store, 0, "fox", "finished", [1, 3, 2], {"acc": 0.9}, {"tags": ["best", "x"]},
          {"lr": 0.1, "opt": {"name": "adam", "eps": 1e-8}})
    _make(store, 1, "owl", "finished", [5, nan], {"acc": "high"}, {"note": "Größe"},
          {"lr": 0.01, "opt": {"name": "sgd"}})
    _make(store, 2, "elk", "failed", [nan], {}, {"pinned": True}, {"lr": "auto", "flag": True, "opt.name": "lion"})
    _make(store, 3, "bee", "interrupted", [inf, 2], {"acc": 1}, {"archived": True},
          {"lr": nan, "flag": False, "layers": [1, 2]})
    _make(store, 4, "ant", "finished", [], {"acc": {"top": 5}}, {"display_name": "蚂蚁"},
          {"lr": None, "a b": 3, "text": "it's \"so\"\n"})
    # fmt: on


def _make(
    store: Store, at: int, run_id: str, status: str, values: list[JSON], summary: JSONObject, user: JSONObject,
    params: JSONObject,
) -> None:  # fmt: skip
    session = store.create_run(new_meta(run_id, "p", "even" if at % 2 == 0 else "odd", created_at=1000.0 + at))
    session.write("status", {"status": status, "started_at": 1000.0 + at, "ended_at": 1010.0 + 2 * at})
    session.write("params", params)
    session.write("summary", {**summary, "best": {"metric": "a", "value": float(at), "step": at, "mode": "max"}})
    session.write("user", user)
    log(session, *((1001.0 + at + n, n, {"a": value, "val/b": n}) for n, value in enumerate(values, 1)))


class WithoutIndex:
    """A store with its own answers hidden, so that they can be compared with a look at every run."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def list_runs(self, *, deleted: bool | None = False) -> Sequence[ExperimentRecord]:
        return self._store.list_runs(deleted=deleted)

    def open_run(self, ref: RunRef) -> object:
        return self._store.open_run(ref)


class QueryingContract(StorageFixtures):
    @pytest.fixture
    def five(self, store: Store, other: Store) -> Store:
        make_runs(store)
        return other

    def test_a_filter_chooses_runs(self, five: Store) -> None:
        expected = [
            ("", "ant bee elk owl fox"),
            ('params.lr < 0.05 and status = "finished"', "owl"),
            ("params.lr != 0.1", "bee owl"),  # what has no number is not unequal to one; NaN is
            ("not params.lr = 0.1", "ant bee elk owl"),
            ("params.lr = nan", "bee"),
            ("params.lr < 1e9 or params.lr >= 0", "owl fox"),
            ("params.lr = auto", "elk"),
            ("params.lr exists", "bee elk owl fox"),  # null is nothing
            ("params.lr is null", "ant"),
            ("params.flag = true", "elk"),
            ("params.flag = 1", "elk"),
            ("params.flag exists and not params.flag = true", "bee"),
            ('params.opt/name in ("adam", "sgd")', "owl fox"),
            ("params.opt.name in (adam, lion)", "elk fox"),
            ("params.layers = '[1,2]'", "bee"),
            ('params."a b" = 3', "ant"),
            ('params.text contains "IT\'S"', "ant"),
            ("params.opt/name ~ '^a.*m$'", "fox"),
            ("params.opt/name !~ '^a.*m$'", "ant bee elk owl"),
            ("summary.acc >= 0.9", "bee fox"),
            ("summary.acc = high", "owl"),
            ("summary.acc/top = 5", "ant"),
            ("metrics.a.max > 2", "owl fox"),
            ("metrics.a.max exists", "bee owl fox"),
            ("metrics.a.last = nan", "elk owl"),
            ("metrics.a.n_posinf = 1 or metrics.a.n_nan > 0", "bee elk owl"),
            ("metrics.a > 0", "bee fox"),
            ("metrics.val/b.last_step >= 2", "bee owl fox"),
            ("metrics.val.b.mean > 1.9", "fox"),
            ("tags has best", "fox"),
            ("tags = best or tags in (y)", "fox"),
            ("tags != best and tags exists", ""),
            ("tags contains ES", "fox"),
            ("tags ~ '^.$'", "fox"),
            ("name = odd", "bee owl"),
            ("status in (failed, interrupted)", "bee elk"),
            ("pinned = true or archived = true", "bee elk"),
            ("deleted = false", "ant bee elk owl fox"),
            ("created_at > -997s", "ant"),  # from 2000.0
            ("created_at <= 1001", "owl fox"),
            ("duration_s < 12", "owl fox"),
            ("best >= 3", "ant bee"),
            ("note exists", "owl"),
            ("größe", "owl"),
            ("GRÖSSE", ""),
            ("蚂", "ant"),
            ("finished fox", "fox"),
            ("not (fox or owl) and project = p", "ant bee elk"),
        ]
        pages = [(text, query_runs(five, RunQuery(parse(text), now=_NOW))) for text, _ in expected]
        assert [(text, " ".join(ref.id for ref in page.refs)) for text, page in pages] == expected
        assert all((page.total, page.partial) == (len(page.refs), False) for _, page in pages)

    def test_an_order_puts_what_is_missing_last(self, five: Store) -> None:
        expected = [
            ("created_at", "fox owl elk bee ant"),
            ("name,-created_at", "ant elk fox bee owl"),
            ("params.lr", "owl fox bee elk ant"),  # numbers, NaN, texts, nothing
            ("-params.lr", "fox owl bee elk ant"),
            ("metrics.a.last", "bee fox elk owl ant"),
            ("-metrics.a.max", "owl fox bee ant elk"),
            ("params.flag", "bee elk ant owl fox"),
            ("-pinned", "elk ant bee owl fox"),
            ("tags", "fox ant bee elk owl"),
            ("-summary.acc", "bee fox owl ant elk"),
            ("metrics.none", "ant bee elk owl fox"),
        ]
        pages = [(text, query_runs(five, RunQuery(order_by=parse_order(text)))) for text, _ in expected]
        assert [(text, " ".join(ref.id for ref in page.refs)) for text, page in pages] == expected

    def test_a_page_has_its_columns_and_knows_the_total(self, five: Store) -> None:
        page = query_runs(five, RunQuery(columns=_COLUMNS, offset=3, limit=5))
        assert list(page.columns) == [name_of(field) for field in _COLUMNS]
        assert page.total == 5
        assert plain(page) == [
            ["owl", "finished", 1001.0, 11.0, (), "Größe", False, 1.0, 0.01, "sgd", 5.0],
            ["fox", "finished", 1000.0, 10.0, ("best", "x"), None, False, 0.0, 0.1, "adam", 3.0],
        ]

    def test_the_recycle_bin_and_the_archive_are_asked_for(self, five: Store, store: Store) -> None:
        (fox,) = store.find_runs("fox")
        store.soft_delete(fox.ref)

        def asked(**which: bool | None) -> str:
            return " ".join(ref.id for ref in query_runs(five, RunQuery(**which)).refs)  # type: ignore[arg-type]

        assert asked() == "ant bee elk owl"
        assert asked(deleted=True) == "fox"
        assert asked(deleted=None, archived=False) == "ant elk owl fox"
        assert asked(archived=True) == "bee"

    def test_an_answer_shows_what_was_changed_or_logged_since(self, five: Store, store: Store) -> None:
        query = RunQuery(parse("metrics.new.max > 1 or note = later"))
        assert list(query_runs(five, query).refs) == []
        (fox,), (owl,) = store.find_runs("fox"), store.find_runs("owl")
        log(store.attach_run(fox.ref), (3000.0, 9, {"new": 2}))
        store.update_user(owl.ref, lambda old: {**old, "note": "later"})
        assert [ref.id for ref in query_runs(five, query).refs] == ["owl", "fox"]

    def test_it_knows_which_fields_there_are(self, five: Store) -> None:
        found = {name_of(info.field): info for info in known_fields(five, "p")}
        assert list(found) == [
            "metrics.a.last", "metrics.val/b.last",
            'params."a b"', "params.flag", "params.layers", "params.lr", "params.opt.name", "params.opt/eps",
            "params.opt/name", "params.text", "summary.acc", "summary.acc/top",
        ]  # fmt: skip
        assert (found["metrics.a.last"].type, found["metrics.a.last"].runs) == ("number", 4)
        assert found["params.opt/name"] == FieldInfo(Field("params", "opt/name"), "text", 2, ("adam", "sgd"))
        assert found["params.opt/eps"] == FieldInfo(Field("params", "opt/eps"), "number", 1, (1e-8,))
        assert found["params.lr"].type == "any"
        assert "metrics.val/b.last" not in {name_of(info.field) for info in known_fields(five, "p", "none")}

    def test_its_own_answers_are_those_of_a_look_at_every_run(self, five: Store) -> None:
        """For stores with the capability ``query``; the others are looked at in both cases."""
        plainly: Store = WithoutIndex(five)  # type: ignore[assignment]  # as much of a store as a look needs

        @settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
        @given(
            condition=conditions(),
            orders=st.lists(st.builds(Order, st.sampled_from(FIELDS), st.booleans()), max_size=2),
            columns=st.lists(st.sampled_from(FIELDS), max_size=3, unique=True),
            offset=st.integers(0, 2),
        )
        def compare(condition: JSON, orders: list[Order], columns: list[Field], offset: int) -> None:
            query = RunQuery(condition, tuple(orders), tuple(columns), offset=offset, limit=3, now=_NOW)  # type: ignore[arg-type]
            own, looked = query_runs(five, query), query_runs(plainly, query)
            assert ([ref.id for ref in own.refs], own.total) == ([ref.id for ref in looked.refs], looked.total), write(
                query.where
            )
            assert repr(plain(own)) == repr(plain(looked))

        compare()
        again = evolve(RunQuery(), where=parse("fox"))
        assert query_runs(five, again).total == 1

    def test_a_query_is_declared(self, backend: StorageBackend, store: Store) -> None:
        assert hasattr(store, "query_runs") is hasattr(store, "known_fields") is ("query" in backend.capabilities)


def plain(page: RunPage) -> list[list[object]]:
    """The rows of a page, numbers as floats, lists as tuples."""
    columns = [column.to_pylist() if hasattr(column, "to_pylist") else column for column in page.columns.values()]
    return [[_plain(value) for value in row] for row in zip(*columns, strict=True)]


def _plain(value: object) -> object:
    if isinstance(value, list):
        return tuple(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    return value if not isinstance(value, float) or not math.isnan(value) else "NaN"
