"""Scalars: columns, figures, curves in buckets."""

from __future__ import annotations

import math

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ..contracts import RunSession, StorageBackend, Store
from ..errors import InvalidArgument
from ..model.metric import BucketTable
from ..types import JSON
from .storage_kit import StorageFixtures, column, log, metrics_line, new_meta

_INF, _NAN = math.inf, math.nan
#: One test, inherited by the class of each backend.
_INHERITED = [HealthCheck.function_scoped_fixture, HealthCheck.differing_executors]


class ReadingContract(StorageFixtures):
    def test_a_key_that_some_records_lack_says_which_rows_have_it(self, store: Store) -> None:
        session = store.create_run(new_meta())
        log(session, (1.0, 1, {"a": 1}), (2.0, 2, {"a": 2, "b": 20}), (3.0, 3, {"b": 30}), (4.0, 4, {}))
        (table,) = store.read_metrics([session.ref])
        assert list(table.ts) == [1.0, 2.0, 3.0, 4.0]
        assert column(table, "a") == [1.0, 2.0, None, None]
        assert column(table, "b") == [None, 20.0, 30.0, None]

    def test_only_the_keys_asked_for_come_back_for_every_record(self, store: Store) -> None:
        session = store.create_run(new_meta())
        log(session, (1.0, 1, {"a": 1, "b": 2}), (2.0, 2, {"b": 3}))
        (table,) = store.read_metrics([session.ref], ["a", "absent"])
        assert list(table.columns) == ["a"]
        assert list(table.step) == [1, 2]

    def test_numbers_in_disguise_are_numbers_and_the_rest_is_text(self, store: Store) -> None:
        session = store.create_run(new_meta())
        log(
            session,
            (1.0, 1, {"flag": True, "odd": "NaN", "mixed": 1, "word": "hi", "nothing": None}),
            (2.0, 2, {"flag": False, "odd": "-Infinity", "mixed": "broken", "word": ["x", {"y": 1}]}),
            (3.0, 3, {"odd": "Infinity", "mixed": 3, "big": 10**30}),
        )
        reader = store.open_run(session.ref)
        assert [series.key for series in reader.series()] == ["big", "flag", "mixed", "odd"]
        assert reader.texts() == {"word": ["x", {"y": 1}], "nothing": None}
        (table,) = store.read_metrics([session.ref], ["mixed", "odd", "word"])
        assert column(table, "mixed") == [1.0, None, 3.0]
        assert str(column(table, "odd")) == "[nan, -inf, inf]"
        assert table.other == {"mixed": {1: "broken"}, "word": {0: "hi", 1: ["x", {"y": 1}]}}

    def test_nothing_of_one_step_is_merged_away(self, store: Store) -> None:
        session = store.create_run(new_meta())
        log(session, (1.0, 5, {"a": 1}), (1.0, 5, {"a": 2}), (1.0, 5, {"a": 3}), (2.0, 1, {"a": 4}))
        (table,) = store.read_metrics([session.ref])
        assert list(table.step) == [5, 5, 5, 1]
        assert column(table, "a") == [1.0, 2.0, 3.0, 4.0]

    def test_records_are_ordered_by_time_whatever_file_they_stand_in(self, store: Store) -> None:
        session = store.create_run(new_meta())
        log(session, (1.0, 1, {"a": 1}), (4.0, 4, {"a": 4}), (3.0, 3, {"a": 3, "b": 30}))
        log(session.reopen(), (2.0, 2, {"a": 2, "b": 20}))
        (table,) = store.read_metrics([session.ref])
        assert list(table.step) == [1, 2, 3, 4]
        assert column(table, "a") == [1.0, 2.0, 3.0, 4.0]
        assert column(table, "b") == [None, 20.0, 30.0, None]

    def test_stages_stand_beside_their_records(self, store: Store) -> None:
        session = store.create_run(new_meta())
        writer = session.open_writer("events")
        writer.append(metrics_line(1.0, 1, {"a": 1}))
        writer.append(metrics_line(2.0, 2, {"a": 1}, "val"))
        (table,) = store.read_metrics([session.ref])
        assert list(table.stage) == [None, "val"]

    @pytest.mark.parametrize(
        ("x", "range_", "expected"),
        [
            ("step", (2, 3), [2, 3]),
            ("step", (None, 2), [1, 2]),
            ("wall", (102.0, None), [3, 4]),
            ("relative", (1.0, 2.0), [2, 3]),
            ("epoch", (0.9, 1.0), [3]),
            ("absent", (0, 1), []),
        ],
    )
    def test_a_range_is_measured_in_x_and_includes_its_ends(
        self, store: Store, x: str, range_: tuple[float | None, float | None], expected: list[int]
    ) -> None:
        session = store.create_run(new_meta())
        log(session, *((99.0 + n, n, {"a": n, **({"epoch": n / 3} if n != 4 else {})}) for n in range(1, 5)))
        (table,) = store.read_metrics([session.ref], ["a"], x=x, range=range_)
        assert list(table.step) == expected
        assert column(table, "a") == [float(step) for step in expected]

    def test_a_table_does_not_change_when_the_run_grows(self, store: Store) -> None:
        session = store.create_run(new_meta())
        writer = session.open_writer("events")
        writer.append(metrics_line(1.0, 1, {"a": 1}))
        (table,) = store.read_metrics([session.ref])
        writer.append(metrics_line(2.0, 2, {"a": 2}))
        (longer,) = store.read_metrics([session.ref])
        assert (len(table.step), len(table.columns["a"].values)) == (1, 1)
        assert len(longer.step) == 2

    def test_figures_are_over_finite_values_and_count_the_others(self, store: Store) -> None:
        session = store.create_run(new_meta())
        values: list[JSON] = [4.0, "NaN", 1.0, "Infinity", "-Infinity", 7.0, "NaN"]
        log(session, *((float(n), n * 10, {"a": value}) for n, value in enumerate(values, 1)))
        log(session, (0.5, 5, {"only": "NaN"}))
        a, only = store.open_run(session.ref).series()
        assert (a.key, a.n, a.min, a.min_step, a.max, a.max_step, a.mean) == ("a", 7, 1.0, 30, 7.0, 60, 4.0)
        assert (a.n_nan, a.n_posinf, a.n_neginf) == (2, 1, 1)
        assert (a.first_step, a.last_step, a.last_ts) == (10, 70, 7.0)
        assert math.isnan(a.last)
        assert (only.n, only.min, only.max_step, only.mean) == (1, None, None, None)

    def test_records_come_back_as_they_were_logged(self, store: Store) -> None:
        session = store.create_run(new_meta())
        writer = session.open_writer("events")
        writer.append(metrics_line(1.0, 3, {"a": "Infinity", "b": "word", "c": {"d": [1]}, "time": 5}, "val"))
        writer.append(metrics_line(0.5, 2, {"a": 1}))
        first, second = store.open_run(session.ref).records()
        assert (first.ts, first.step, first.stage) == (1.0, 3, "val")
        assert first.data == {"a": _INF, "b": "word", "c": {"d": [1]}, "time": 5}
        assert second.step == 2

    def test_the_grid_is_the_smallest_power_of_two_that_fits(self, store: Store) -> None:
        session = store.create_run(new_meta())
        log(session, *((float(n), n, {"a": n}) for n in range(1, 1001)))
        table = store.read_buckets([session.ref], buckets=100)
        assert (table.origin, table.width) == (0.0, 16.0)
        assert list(table.columns["bucket"]) == list(range(63))
        assert table.records == [1000]
        zoomed = store.read_buckets([session.ref], range=(500, 600), buckets=100)
        assert zoomed.width == 2.0
        assert zoomed.records == [101]
        with pytest.raises(InvalidArgument):
            store.read_buckets([session.ref], buckets=0)

    def test_runs_share_one_grid_and_a_bucket_without_values_has_no_row(self, store: Store) -> None:
        short, long = store.create_run(new_meta()), store.create_run(new_meta())
        log(short, (1.0, 0, {"a": 1}), (2.0, 1, {"a": "NaN"}))
        log(long, (1.0, 0, {"a": 5}), (2.0, 799, {"a": 6, "b": 1}))
        table = store.read_buckets([short.ref, long.ref], buckets=100)
        assert table.width == 8.0
        rows = list(zip(*(list(table.columns[name]) for name in ("run", "key", "bucket", "n", "n_nan")), strict=True))
        assert [table.keys[row[1]] for row in rows] == ["a", "a", "a", "b"]
        assert [(row[0], row[2], row[3], row[4]) for row in rows] == [
            (0, 0, 1, 1),
            (1, 0, 1, 0),
            (1, 99, 1, 0),
            (1, 99, 1, 0),
        ]

    def test_an_empty_run_has_an_empty_curve(self, store: Store) -> None:
        session = store.create_run(new_meta())
        table = store.read_buckets([session.ref])
        assert list(table.columns["n"]) == []
        assert table.records == [0]

    @settings(max_examples=60, deadline=None, suppress_health_check=_INHERITED)
    @given(
        rows=st.lists(
            st.tuples(
                st.integers(-50, 3000),
                st.floats(width=32) | st.sampled_from([_NAN, _INF, -_INF]),
                st.sampled_from([0, 1]),
            ),
            max_size=60,
        ),
        buckets=st.integers(1, 40),
        log_x=st.booleans(),
    )
    def test_no_extreme_is_lost_in_buckets(
        self,
        backend: StorageBackend,
        tmp_path_factory: pytest.TempPathFactory,
        rows: list[tuple[int, float, int]],
        buckets: int,
        log_x: bool,
    ) -> None:
        store = backend.open_store(tmp_path_factory.mktemp("root"), {})
        session = store.create_run(new_meta())
        writers = [session.open_writer("events"), session.open_writer("events")]
        for n, (step, value, writer) in enumerate(rows):
            writers[writer].append(metrics_line(100.0 + n, step, {"a": _spelled(value)}))
        table = store.read_buckets([session.ref], ["a"], buckets=buckets, log_x=log_x)
        assert _buckets(table) == _expected(rows, table.width, log_x)
        assert len(set(table.columns["bucket"])) <= buckets
        _close(session, store)


def _spelled(value: float) -> JSON:
    return value if math.isfinite(value) else "NaN" if value != value else "Infinity" if value > 0 else "-Infinity"


def _close(session: RunSession, store: Store) -> None:
    assert session.folder.is_dir()
    store.close()


def _expected(rows: list[tuple[int, float, int]], width: float, log_x: bool) -> dict[int, str]:
    """The same by hand: per bucket, all that a bucket says."""
    found: dict[int, list[tuple[int, int, float]]] = {}
    for order, (step, value, _) in enumerate(rows):
        if not log_x or step > 0:
            bucket = math.floor((math.log10(step) if log_x else step) / width)
            found.setdefault(bucket, []).append((step, order, value))
    expected = {}
    for bucket, members in found.items():
        members.sort(key=lambda member: member[:2])
        finite = [value for _, _, value in members if math.isfinite(value)]
        expected[bucket] = _told(
            members[0][0],
            members[-1][0],
            members[0][2],
            members[-1][2],
            min(finite, default=_NAN),
            max(finite, default=_NAN),
            len(finite),
            sum(value != value for _, _, value in members),
            sum(value == _INF for _, _, value in members),
            sum(value == -_INF for _, _, value in members),
            100.0 + members[0][1],
        )
    return expected


def _buckets(table: BucketTable) -> dict[int, str]:
    names = ("x_first", "x_last", "first", "last", "min", "max", "n", "n_nan", "n_posinf", "n_neginf", "ts_first")
    columns: list[list[float]] = [list(map(float, table.columns[name])) for name in names]
    places = [int(place) for place in table.columns["bucket"]]
    return {place: _told(*(column[row] for column in columns)) for row, place in enumerate(places)}


def _told(*figures: float) -> str:
    return " ".join(f"{float(figure) + 0.0:g}" for figure in figures)
