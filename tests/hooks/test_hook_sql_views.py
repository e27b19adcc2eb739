"""``register_sql_views``: rows of plugins in SQL over the runs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import pytest
import runicorn as rn
from runicorn.hookspecs import hookimpl
from runicorn.loader import Manager


class _View:
    def __init__(self, name: str, columns: Any, beside: Sequence[str] = (), *rows: Sequence[object]) -> None:
        self.name, self.columns, self.beside, self._rows = name, columns, beside, rows

    def rows(self, root: Path) -> Iterable[Sequence[object]]:
        assert root.is_dir()
        if not self._rows:
            raise OSError("the list of prices is gone")
        return self._rows


class _Offering:
    def __init__(self, *views: _View) -> None:
        self._views = views

    @hookimpl
    def register_sql_views(self) -> Iterable[_View]:
        return self._views


@pytest.fixture
def run(tmp_path: Path) -> str:
    with rn.init("p", "n", params={"lr": 0.1, "x": 1}, capture_env=False) as run:
        weights = tmp_path / "weights.bin"
        weights.write_bytes(b"w")
        run.log_artifact(rn.Artifact("net", "model").add_file(weights))
    return run.id


def test_hook_register_sql_views(run: str, plugins: Manager) -> None:
    kinds = {"run": "text", "cost": "number", "paid": "flag", "words": "texts", "n": "integer"}
    own = _View("acme_costs", kinds, (), (run, 2.5, True, ["a", "b"], 2**40), ("x", None, None, None, None))
    more = _View("params", {"key": "text", "unit": "text"}, ["key"], ("lr", "1"))
    plugins.add(
        "acme", _Offering(own, more, _View("acme_gone", {"a": "text"}), _View("runs", {"a": "text"}, (), ("b",)))
    )
    found = rn.query("select * from acme_costs where run = ?", run).to_pylist()
    assert rn.query("select key, unit from params").to_pylist() == [
        {"key": "lr", "unit": "1"},
        {"key": "x", "unit": None},
    ]
    assert found == [{"run": run, "cost": 2.5, "paid": True, "words": ["a", "b"], "n": 2**40}]
    with pytest.raises(ValueError, match="acme_gone of the plugin acme cannot be read: the list of prices is gone"):
        rn.query("select * from acme_gone")
    with pytest.raises(ValueError, match="the view runs of the plugin acme is there already"):
        rn.query("select * from runs")


def test_artifacts_have_their_stage_and_aliases_beside_what_runs_recorded(run: str) -> None:
    def told() -> list[Any]:
        asked = "select name, type, version, run, role, stage, aliases from artifacts"
        return [tuple(row.values()) for row in rn.query(asked).to_pylist()]

    assert told() == [("net", "model", 1, run, "created", None, ["latest"])]
    repository = rn.open_artifacts()
    version = repository.find("net")
    repository.promote(version, "staging")
    repository.set_alias(version, "best")
    assert told() == [("net", "model", 1, run, "created", "staging", ["latest", "best"])]
