"""Params, summary, tags and note: they take anything without raising, and behave like dicts and lists."""

from __future__ import annotations

import copy
import json
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pytest
import runicorn as rn


class Nameless:
    """What raises when somebody wants to know its name."""

    def __str__(self) -> str:
        raise RuntimeError("no name")

    __repr__ = __str__


def retag(run: rn.Run, tags: Any) -> None:
    run.tags = tags


def add_tags(run: rn.Run, tags: Any) -> None:
    run.tags += tags


@pytest.mark.parametrize(
    "act",
    [
        lambda run: run.summary("x"),
        lambda run: run.summary(5),
        lambda run: run.summary([1]),
        lambda run: run.summary(np.zeros(3)),
        lambda run: run.params.update(5),
        lambda run: run.params.update(object(), seed=1),
        lambda run: run.params["nested"].update("x"),
        lambda run: run.tags.extend(5),
        lambda run: run.tags.__setitem__(slice(0, 1), 5),
        lambda run: retag(run, 5),
        lambda run: add_tags(run, 5),
    ],
)
def test_what_cannot_be_taken_is_one_warning_and_changes_nothing(
    root: Path, only_run: Any, caplog: pytest.LogCaptureFixture, act: Callable[[rn.Run], None]
) -> None:
    with rn.init("p", params={"nested": {"a": 1}}, tags=["t"]) as run:
        act(run)
        act(run)
        assert (run.params["nested"], list(run.tags), run.summary) == ({"a": 1}, ["t"], {})
    assert len(caplog.messages) == 1
    (trouble,) = only_run().trouble
    assert trouble["count"] == 2


def test_keys_tags_and_notes_of_every_kind_become_text(
    root: Path, only_run: Any, caplog: pytest.LogCaptureFixture
) -> None:
    with rn.init("p") as run:
        run.summary({Nameless(): 1, 2: "two", None: 3})
        run.params[("a", 1)] = Nameless()
        run.tags.append(Nameless())  # type: ignore[arg-type]
        run.tags.extend("whole")
        run.tags.extend(["a\ud800", 5])  # type: ignore[list-item]
        run.note = Nameless()  # type: ignore[assignment]
    record = only_run()
    assert record.summary == {"<Nameless>": 1, "2": "two", "None": 3}
    assert record.tags == ("<Nameless>", "whole", "a\\ud800", "5")
    assert (record.note, caplog.messages) == ("<Nameless>", [])


def test_none_takes_tags_and_note_away(root: Path, only_run: Any) -> None:
    with rn.init("p", tags=["a"], note="b") as run:
        run.tags = None
        run.note = None
        assert (list(run.tags), run.note) == ([], "")
    assert (only_run().tags, only_run().note) == ((), "")


def test_params_are_a_dict_for_every_library(root: Path) -> None:
    params = {"lr": 0.1, "net": {"width": 8}}
    with rn.init("p", params=params) as run:
        assert run.params == params
        assert json.loads(json.dumps(run.params)) == orjson.loads(orjson.dumps(run.params)) == params
        assert {**run.params} == dict(run.params) == params
        for copied in (copy.copy(run.params), copy.deepcopy(run.params), pickle.loads(pickle.dumps(run.params))):
            assert type(copied) is dict
            assert type(copied["net"]) is dict
            assert copied == params
        copied = run.params.copy()
        copied["net"]["width"] = 9
        assert run.params == params


def test_every_way_to_change_params_reaches_the_disk(root: Path) -> None:
    with rn.init("p", params={"gone": 1, "popped": 2, "net": {"width": 8}, "cleared": {"a": 1}}) as run:
        del run.params["gone"]
        assert run.params.pop("popped") == 2
        assert run.params.pop("missing", None) is None
        run.params |= {"merged": 1}
        run.params.setdefault("kept", {})["deep"] = 1
        run.params["net"].update(width=9)
        run.params["cleared"].clear()
        run.params["last"] = 1
        assert run.params.popitem() == ("last", 1)
    stored = json.loads((run.dir / "params.json").read_bytes())
    assert stored == {"net": {"width": 9}, "cleared": {}, "merged": 1, "kept": {"deep": 1}}
