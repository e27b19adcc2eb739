"""``register_importers``: what a stranger reads becomes runs, and what it does wrong stays its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from attrs import frozen
from runicorn.contracts import Importer, RunHead, RunSink, RunSource
from runicorn.errors import ImportProblem, PluginConflict, PluginError
from runicorn.hooks import open_store
from runicorn.hookspecs import hookimpl
from runicorn.loader import Manager
from runicorn.managing import ImportRequest, import_runs


@frozen
class NoteOptions:
    scale: float = 1.0


@frozen
class Note:
    """One line ``name value``; a line ``!`` is beyond it."""

    line: str
    scale: float

    @property
    def head(self) -> RunHead:
        return RunHead(self.line, "notes", self.line.split()[0], created_at=1e9)

    def read(self, sink: RunSink) -> None:
        sink.metrics({"value": float(self.line.split()[1]) * self.scale}, step=1, ts=1e9)
        sink.left_out("smells", 2)


class NoteImporter:
    title = "notes"
    options = NoteOptions

    def __init__(self, name: str = "notes") -> None:
        self.name = name

    def sniff(self, path: Path) -> float:
        return 0.9 if path.suffix == ".notes" else 0.0

    def read(self, path: Path, options: Any) -> Iterator[RunSource]:
        for line in path.read_text().splitlines():
            if line == "!":
                raise ZeroDivisionError("beyond me")
            yield Note(line, options.scale)


class Offer:
    def __init__(self, name: str = "notes") -> None:
        self.name = name

    @hookimpl
    def register_importers(self) -> list[Importer]:
        return [NoteImporter(self.name)]


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    path = tmp_path / "my.notes"
    path.write_text("a 1\nb two\nc 3\n")
    return path


def test_hook_register_importers_brings_runs_and_a_broken_one_stops_no_other(plugins: Manager, notes: Path) -> None:
    plugins.add("acme", Offer())
    store = open_store()
    outcomes = list(import_runs(store, ImportRequest(notes, options={"scale": "10"})))
    assert [(o.source, o.became, o.points, dict(o.left_out)) for o in outcomes] == [
        ("a 1", "added", 1, {"smells": 2}),
        ("b two", "failed", 0, {}),
        ("c 3", "added", 1, {"smells": 2}),
    ]
    assert outcomes[1].reason.startswith("plugin 'acme' failed in importing b two: ValueError")
    records = {record.ref.id: record for record in store.list_runs()}
    assert [record.data for record in store.open_run(records["c"].ref).records()] == [{"value": 30.0}]
    origin = {"importer": "notes", "source": "c 3"}
    assert store.open_run(records["c"].ref).read("meta")["imported_from"] == origin


def test_a_run_that_somebody_has_moved_is_found_where_it_is(plugins: Manager, notes: Path) -> None:
    plugins.add("acme", Offer())
    store = open_store()
    list(import_runs(store, ImportRequest(notes)))
    record = next(record for record in store.list_runs() if record.ref.id == "a")
    (store.root / "elsewhere/n/runs").mkdir(parents=True)
    (store.root / record.ref.folder).rename(store.root / "elsewhere/n/runs/a")
    outcome = next(import_runs(store, ImportRequest(notes)))
    assert (outcome.became, outcome.run) == ("there", "elsewhere/n/runs/a")


def test_what_an_importer_raises_names_its_plugin(plugins: Manager, notes: Path) -> None:
    plugins.add("acme", Offer())
    notes.write_text("a 1\n!\n")
    store = open_store()
    with pytest.raises(PluginError, match="'acme' failed in importing notes: ZeroDivisionError: beyond me"):
        list(import_runs(store, ImportRequest(notes)))
    assert [record.ref.id for record in store.list_runs()] == ["a"]


@frozen
class Loose:
    """Of no run; a line ``?`` is beyond it."""

    line: str

    @property
    def head(self) -> RunHead:
        return RunHead(self.line, "", "", runless=True)

    def read(self, sink: RunSink) -> None:
        if self.line == "?":
            raise KeyError("beyond me")
        sink.put(self.line.encode(), ".txt")


class LooseImporter(NoteImporter):
    def read(self, path: Path, options: Any) -> Iterator[RunSource]:
        return map(Loose, path.read_text().splitlines())


class LooseOffer:
    @hookimpl
    def register_importers(self) -> list[Importer]:
        return [LooseImporter()]


def test_what_belongs_to_no_run_fails_as_a_run_does_and_says_how_much_it_was(plugins: Manager, notes: Path) -> None:
    plugins.add("acme", LooseOffer())
    notes.write_text("12345\n?\n")
    outcomes = list(import_runs(open_store(), ImportRequest(notes)))
    assert [(o.source, o.became, o.bytes, o.reason) for o in outcomes] == [
        ("12345", "there", 5, ""),
        ("?", "failed", 0, "plugin 'acme' failed in importing artifacts: KeyError: 'beyond me'"),
    ]


def test_two_importers_that_are_equally_sure_are_named(plugins: Manager, notes: Path) -> None:
    plugins.add("acme", Offer())
    plugins.add("ibex", Offer("memos"))
    with pytest.raises(ImportProblem, match="say which with --from: memos, notes"):
        list(import_runs(open_store(), ImportRequest(notes)))
    assert list(import_runs(open_store(), ImportRequest(notes, "memos")))


def test_two_importers_of_one_name_are_a_conflict_that_names_both(plugins: Manager, notes: Path) -> None:
    plugins.add("acme", Offer())
    plugins.add("ibex", Offer())
    with pytest.raises(PluginConflict, match="acme and ibex"):
        list(import_runs(open_store(), ImportRequest(notes, "notes")))
