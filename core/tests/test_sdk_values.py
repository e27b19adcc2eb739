"""Values of every kind: kept as what they are, never raised about."""

from __future__ import annotations

import enum
import json
import math
import signal
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import runicorn as rn
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from runicorn.sdk.values import MAX_REPR, flatten, to_json
from runicorn.serialize import dumps, loads

Records = Callable[[rn.Run], list[tuple[int, dict[str, Any]]]]


class Scalar:
    """What torch, jax and tensorflow scalars have in common."""

    def __init__(self, value: Any) -> None:
        self.value = value

    def item(self) -> Any:
        return self.value

    def __repr__(self) -> str:  # a test's name, the same in every process
        return f"Scalar({self.value!r})"


class Hostile:
    """Raises at everything that can be asked of it."""

    def __getattr__(self, name: str) -> Any:
        raise RuntimeError(name)

    def __repr__(self) -> str:
        raise RuntimeError("repr")

    __str__ = __hash__ = __eq__ = __float__ = __len__ = __bool__ = __iter__ = __repr__  # type: ignore[assignment]


class Level(enum.IntEnum):
    HIGH = 3


def ignore(key: str, reason: str) -> None:
    """Nobody complains here."""


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        (True, True),
        (2**80, 2**80),
        (np.float32(0.5), 0.5),
        (np.float64(0.5), 0.5),
        (np.int64(-3), -3),
        (np.bool_(True), True),
        (np.array(2.5), 2.5),
        (np.array([2.5]), 2.5),
        (Scalar(1.25), 1.25),
        (Scalar(np.float32(1.25)), 1.25),
        (Decimal("1.5"), 1.5),
        (Fraction(1, 4), 0.25),
        (Level.HIGH, 3),
        ("text", "text"),
        (None, None),
        ([1, "a", None, {"x": (2.5,)}], [1, "a", None, {"x": [2.5]}]),
        ([np.float32(1), Scalar(2)], [1.0, 2]),
        (Path("a/b"), "a/b"),
        ({}, {}),
    ],
    ids=repr,
)
def test_a_value_is_kept_without_a_word(value: Any, kept: Any) -> None:
    def complain(key: str, reason: str) -> None:
        pytest.fail(reason)

    found = to_json("key", value, complain)
    assert found == kept
    assert type(found) is type(kept)


def test_nan_and_infinities_are_values(root: Path, records: Records, read_back: Any) -> None:
    with rn.init("p") as run:
        run.log({"a": math.nan, "b": 1.0})
        run.log({"a": math.inf, "b": -math.inf})
        run.log({"a": np.float32("nan")})
        run.log({"a": [math.nan]})
    series = {one.key: one for one in read_back().series()}
    assert (series["a"].n_nan, series["a"].n_posinf, series["b"].n_neginf, series["b"].n) == (2, 1, 1, 2)
    for line in (run.dir / "events.jsonl").read_bytes().splitlines():
        json.loads(line, parse_constant=lambda name: pytest.fail(f"{name} is no strict JSON"))


def test_nested_dicts_flatten_and_keys_become_strings(root: Path, records: Records) -> None:
    with rn.init("p") as run:
        run.log({"train": {"loss": 1.0, "top": {5: 0.9}}, 7: 2, None: 3})
    assert records(run) == [(1, {"train/loss": 1.0, "train/top/5": 0.9, "7": 2, "None": 3})]


def test_what_cannot_be_kept_is_text_with_one_warning_per_key(
    root: Path, records: Records, caplog: pytest.LogCaptureFixture, only_run: Any
) -> None:
    with rn.init("p") as run:
        for _ in range(3):
            run.log({"array": np.zeros((20, 20)), "object": object(), "bad": Hostile(), "half": "\ud800", "ok": 1.0})
    assert [data["ok"] for _, data in records(run)] == [1.0] * 3
    last = records(run)[-1][1]
    assert last["array"].startswith("array([[0.")
    assert last["half"] == "\\ud800"
    assert last["bad"] == "<Hostile>"
    assert len(caplog.messages) == 4
    assert sorted(entry["count"] for entry in only_run().trouble) == [3, 3, 3, 3]


@pytest.mark.parametrize("value", [b"x" * 10_000_000, [0] * 1_000_000, "x" * 3_000_000, {"a": list(range(10**6))}])
def test_a_huge_value_is_kept_in_part(root: Path, records: Records, value: Any) -> None:
    with rn.init("p") as run:
        run.log({"big": value, "ok": 1})
    ((_, data),) = records(run)
    assert data["ok"] == 1
    assert all(len(str(part)) <= max(MAX_REPR, 1 << 20) for part in data.values())


def test_a_record_beyond_16_MiB_is_split_and_nothing_is_lost(root: Path, records: Records) -> None:
    values: dict[str, Any] = {f"key{i}": "x" * (1 << 20) for i in range(20)}
    with rn.init("p") as run:
        run.log(values)
    found = records(run)
    assert len(found) > 1
    assert {key for _, data in found for key in data} == set(values)
    assert {step for step, _ in found} == {1}


def test_a_dict_that_contains_itself_is_cut_off(root: Path, records: Records) -> None:
    loop: dict[str, Any] = {"a": 1}
    loop["self"] = loop
    circle: list[Any] = [1]
    circle.append(circle)
    with rn.init("p") as run:
        run.log(loop)
        run.log({"circle": circle, "b": 2})
    assert records(run)[0][1]["a"] == 1
    assert records(run)[1][1]["b"] == 2


@pytest.mark.parametrize(
    "data", [3, "text", [("a", 1)], Hostile(), np.zeros(3)], ids=lambda value: type(value).__name__
)
def test_data_that_is_no_mapping_is_one_warning(
    root: Path, records: Records, caplog: pytest.LogCaptureFixture, data: Any
) -> None:
    with rn.init("p") as run:
        run.log(data)
        run.log(data, loss=1.0)
    assert records(run) == [(1, {"loss": 1.0})]
    assert len(caplog.messages) == 1


def test_what_the_caller_changes_afterwards_is_not_changed_in_the_record(root: Path, records: Records) -> None:
    values = {"a": 1.0, "list": [1]}
    with rn.init("p") as run:
        run.log(values)
        values["a"] = 2.0
        assert records(run)[0][1] == {"a": 1.0, "list": [1]}


anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(600, 5000).map(lambda digits: -(10**digits))
    | st.floats()
    | st.text(st.characters())
    | st.binary()
    | st.decimals()
    | st.fractions()
    | st.complex_numbers()
    | st.dates()
    | st.builds(object)
    | st.builds(Hostile)
    | st.floats(width=32).map(np.float32),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters()) | st.integers() | st.none(), inner),
    max_leaves=10,
)


@pytest.mark.parametrize("wrap", [lambda n: n, Scalar, lambda n: {"deep": [n]}, np.array])
def test_an_integer_of_thousands_of_digits_costs_no_other_value(
    root: Path, records: Records, caplog: pytest.LogCaptureFixture, wrap: Callable[[Any], Any]
) -> None:
    with rn.init("p", params={"seed": -(10**5000)}) as run:
        run.log({"huge": wrap(10**5000), "loss": 1.0})
        run.log({"huge": wrap(10**5000), "loss": 2.0})
    kept = [data for _, data in records(run)]
    assert [data["loss"] for data in kept] == [1.0, 2.0]
    (huge,) = [str(value) for key, value in kept[0].items() if key.startswith("huge")]
    assert "0x" in huge
    assert len(huge) < MAX_REPR + 10
    assert len(caplog.messages) == 1
    assert str(run.params["seed"]).startswith("-0x")


@given(st.dictionaries(st.text(st.characters()) | st.integers(), anything))
def test_whatever_is_logged_becomes_strict_json(data: dict[Any, Any]) -> None:
    flat = {key: to_json(key, value, ignore) for key, value in flatten(data, ignore).items()}
    line = dumps(flat)
    assert b"\n" not in line
    assert set(loads(line.decode())) == set(flat)


def rounded(data: dict[str, Any]) -> dict[str, Any]:
    """What a reader makes of numbers: integers beyond 64 bits stand in the file as they are, and are read as floats."""
    return {key: value if -(2**63) <= value < 2**64 or value != value else float(value) for key, value in data.items()}


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30, deadline=None)
@given(st.lists(st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), st.floats() | st.integers())))
def test_every_number_is_read_back(root: Path, records: Records, calls: list[dict[str, Any]]) -> None:
    with rn.init("p") as run:
        for data in calls:
            run.log(data, step=1)
    flat = [
        {key: value for key, value in data.items() if key not in ("step", "global_step", "stage")} for data in calls
    ]
    expected = [data for data in flat if data]
    assert dumps([data for _, data in records(run) if data]) == dumps([rounded(data) for data in expected])


def test_params_keep_their_shape_around_what_is_no_json() -> None:
    class Model:
        def __repr__(self) -> str:
            return "Model(3)"

    given = {"model": {"net": Model(), "width": 3}, "sizes": np.array([[1, 2], [3, 4]]), "many": np.zeros(2000)}
    with rn.init(project="p", params=given) as run:
        pass
    params = json.loads((run.dir / "params.json").read_text())
    assert params["model"] == {"net": "Model(3)", "width": 3}
    assert params["sizes"] == [[1, 2], [3, 4]]
    assert params["many"].startswith("array([0., ")


def test_what_a_users_signal_handler_raises_while_a_value_is_looked_at_reaches_the_user() -> None:
    """A timeout must not be taken for a value that cannot be read: the training would go on for ever."""

    class Timeout(Exception):
        pass

    def handler(*_: object) -> None:
        raise Timeout

    class Slow:
        def __float__(self) -> float:
            signal.raise_signal(signal.SIGUSR1)
            return 1.0

        def item(self) -> float:
            return self.__float__()

        __index__ = __float__

        def __repr__(self) -> str:
            return str(self.__float__())

    class Key:
        def __str__(self) -> str:
            signal.raise_signal(signal.SIGUSR1)
            return "key"

    class Data(dict[str, float]):
        def items(self) -> Any:
            signal.raise_signal(signal.SIGUSR1)
            return super().items()

    before = signal.signal(signal.SIGUSR1, handler)
    try:
        with rn.init("timeouts", capture_env=False) as run:
            calls: tuple[Callable[[], object], ...] = (
                lambda: run.log({"a": Slow()}),
                lambda: run.log({Key(): 1.0}),
                lambda: run.log({"a": Data(b=1.0)}),
                lambda: run.log({"a": [Slow()]}),
                lambda: run.log(a=1.0, step=Slow()),
                lambda: run.log_text(Key()),  # type: ignore[arg-type]  # whatever is passed
                lambda: run.params.update(a=Slow()),
                lambda: run.summary({Key(): 1.0}),
                lambda: run.tags.append(Key()),  # type: ignore[arg-type]  # whatever is passed
            )
            for call in calls:
                with pytest.raises(Timeout):
                    call()
            run.log(a=2.0)
            assert not run._troubles.entries()
    finally:
        signal.signal(signal.SIGUSR1, before)
