"""What the filter box is told: fields, examples, and where a mistake is."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.fixture
def two(viewer: Any, make_run: Any) -> Any:
    for name, lr, opt in (("a", 0.1, "adam"), ("b", 0.01, "sgd")):
        run = make_run(name)
        run.session.write("params", {"lr": lr, "opt": {"name": opt}})
        run.session.write("user", {"tags": [name, "both"]})
        run.log(1, loss=1.0, **{"val acc": 0.5})
        run.finish()
    make_run("c", project="q").log(1, other=1.0)
    return viewer


def test_fields_are_known_with_types_and_examples(two: Any) -> None:
    found = two.get("/api/v2/fields", params={"project": "p"}).json()
    by_name = {one["field"]: one for one in found["fields"]}
    assert by_name["params.lr"] == {
        "field": "params.lr", "kind": "params", "key": "lr", "type": "number", "runs": 2, "examples": [0.01, 0.1],
    }  # fmt: skip
    assert by_name["params.opt/name"]["examples"] == ["adam", "sgd"]
    assert by_name['metrics."val acc".last']["runs"] == 2
    assert by_name["status"]["examples"] == ["finished"]
    assert by_name["tags"]["examples"] == ["a", "b", "both"]
    assert "metrics.other.last" not in by_name
    assert "max" in found["figures"]
    few = two.get("/api/v2/fields", params={"project": "p", "prefix": "OPT", "limit": 1}).json()
    assert ([one["field"] for one in few["fields"]], few["total"]) == (["params.opt/name"], 1)
    assert two.get("/api/v2/metrics/keys", params={"project": "p"}).json() == {
        "keys": ["loss", "val acc"], "runs": {"loss": 2, "val acc": 2},
    }  # fmt: skip


def test_a_filter_is_checked_while_it_is_typed(two: Any) -> None:
    good = two.get("/api/v2/filter", params={"q": "params.lr<.05 tag=b", "project": "p"}).json()
    normal = 'params.lr < 0.05 and tags has "b"'
    assert good == {"ok": True, "error": None, "normal": normal, "fields": ["params.lr", "tags"], "runs": 1}
    wrong = two.get("/api/v2/filter", params={"q": "finished and lr < 1", "project": "p"}).json()
    assert (wrong["ok"], wrong["runs"]) == (False, None)
    assert wrong["error"]["message"].endswith("did you mean params.lr?")
    assert {name: wrong["error"][name] for name in ("position", "length", "token", "suggestion")} == {
        "position": 13, "length": 2, "token": "lr", "suggestion": "params.lr",
    }  # fmt: skip
    assert two.get("/api/v2/filter").json()["runs"] == 3
