"""JSON as it is written and read."""

import json
import math
import os
import pickle
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from runicorn import errors
from runicorn.serialize import dumps, loads, number, read_json, write_json

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=20,
)


def spelled(value: Any) -> Any:
    """What strict JSON holds for a value: non-finite numbers as strings."""
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    if isinstance(value, dict):
        return {key: spelled(item) for key, item in value.items()}
    if isinstance(value, list):
        return [spelled(item) for item in value]
    return value


@given(values)
def test_what_is_written_is_strict_and_reads_back(value: Any) -> None:
    def refuse(literal: str) -> None:
        raise AssertionError(f"{literal} is not strict JSON")

    data = dumps(value)
    data.decode("utf-8")
    assert json.loads(data, parse_constant=refuse) == spelled(value)
    assert loads(data) == spelled(value)


@given(st.floats() | st.integers() | st.booleans())
def test_numbers_come_back_from_their_spelling(value: float) -> None:
    back = number(loads(dumps(value)))
    assert back is not None
    try:
        assert back == value or (math.isnan(back) and math.isnan(value))
    except OverflowError:
        assert math.isinf(back)


def test_older_literals_are_read() -> None:
    assert loads(b'{"a": -Infinity}') == {"a": -math.inf}
    assert math.isnan(loads(b"[NaN]")[0])


@pytest.mark.parametrize("indent", [False, True])
def test_lone_surrogates_become_text_that_every_parser_reads(indent: bool) -> None:
    data = dumps({"\udc80": ["\\\ud800", "\ud83d\ude00", "é"]}, indent=indent)
    expected = {"\\udc80": ["\\\\ud800", "\\ud83d\\ude00", "é"]}
    assert orjson.loads(data) == json.loads(data) == expected


def test_huge_integers_are_kept() -> None:
    assert json.loads(dumps({"a": 10**30})) == {"a": 10**30}


@given(st.dictionaries(st.text(), st.integers() | st.integers(2**62, 2**200) | st.lists(st.integers(-(2**70), 2**70))))
def test_a_file_gives_every_integer_back(tmp_path_factory: pytest.TempPathFactory, value: dict[str, Any]) -> None:
    file = tmp_path_factory.mktemp("integers") / "a.json"
    write_json(file, value)
    assert read_json(file) == json.loads(dumps(value))


def test_a_missing_empty_or_torn_file_reads_as_nothing(tmp_path: Path) -> None:
    assert read_json(tmp_path / "missing.json") is None
    for content in ("", '{"a": 1', "\x00\x00"):
        (tmp_path / "torn.json").write_text(content)
        assert read_json(tmp_path / "torn.json") is None


def test_replacing_a_file_leaves_nothing_beside_it(tmp_path: Path) -> None:
    file = tmp_path / "a.json"
    write_json(file, {"a": math.nan})
    write_json(file, {"a": 2})
    assert read_json(file) == {"a": 2}
    assert os.listdir(tmp_path) == ["a.json"]


def test_a_failed_replacement_changes_nothing(tmp_path: Path) -> None:
    file = tmp_path / "a.json"
    write_json(file, {"a": 1})
    with pytest.raises(TypeError):
        write_json(file, {"a": object()})  # type: ignore[dict-item]
    assert read_json(file) == {"a": 1}
    assert os.listdir(tmp_path) == ["a.json"]


@pytest.mark.parametrize(
    "error",
    [
        errors.UnsafePath("project", "../x", "may not contain '..'"),
        errors.InvalidArgument("mode", "x", "must be on or off"),
        errors.ConfigError("a.b", "is unknown", "file"),
        errors.RunNotFound("r", "/root"),
        errors.AmbiguousRun("r", ["a", "b"]),
        errors.RunExists("r", "f"),
        errors.StorageFull("append", "f", "no space"),
        errors.BackendNotFound("x", ["jsonl"]),
        errors.MissingDependency("buckets", "numpy"),
        errors.PluginError("p", "x", "y"),
        errors.PluginNotFound("p", "q"),
        errors.PluginConflict("command", "x", ["a", "b"]),
    ],
)
def test_every_error_survives_pickling_with_its_data(error: errors.RunicornError) -> None:
    back = pickle.loads(pickle.dumps(error))
    assert type(back) is type(error)
    assert str(back) == str(error)
    assert back.__dict__ == error.__dict__
    assert str(error) == " ".join(str(error).split())
