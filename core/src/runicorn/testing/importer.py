"""The contract of :class:`runicorn.contracts.Importer`, as tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import attrs
import pytest

from ..contracts import Importer, Store
from ..hooks import importer_for, open_store
from ..hookspecs import hookimpl
from ..loader import Manager, Rules, use_manager
from ..managing import Imported, ImportProgress, ImportRequest, import_runs


class _Stopped(Exception):
    pass


def _content(folder: Path) -> dict[str, tuple[int, bytes]]:
    files = sorted(path for path in [folder, *folder.rglob("*")] if path.is_file())
    return {str(path.relative_to(folder)): (path.stat().st_mtime_ns, path.read_bytes()) for path in files}


def _runs_below(root: Path) -> dict[str, bytes]:
    """The files of all runs; nothing of an index, which may lie beside them."""
    return {
        str(path.relative_to(root)): path.read_bytes()
        for path in root.rglob("*")
        if path.is_file() and "runs" in path.relative_to(root).parts and ".importing" not in path.parts
    }


class ImporterContract:
    """Subclass it, give it an importer and a ``source`` with at least one run; needs a storage plugin.

    ``options`` may be overridden.
    """

    @pytest.fixture
    def importer(self) -> Importer:
        raise NotImplementedError("give the contract a fixture named 'importer' that returns yours")

    @pytest.fixture
    def source(self) -> Path:
        raise NotImplementedError("give the contract a fixture named 'source': a file or folder that it reads")

    @pytest.fixture
    def options(self) -> dict[str, Any]:
        return {}

    @pytest.fixture
    def offered(self, importer: Importer) -> Iterator[str]:
        """The importer, as a plugin offers it, beside the installed ones."""

        class Offer:
            @hookimpl
            def register_importers(self) -> list[Importer]:
                return [importer]

        with use_manager(Manager(rules=Rules(prefer={importer.name: "under-test"}))) as manager:
            manager.add("under-test", Offer())
            yield importer.name

    @pytest.fixture
    def request_of(self, offered: str, source: Path, options: dict[str, Any]) -> ImportRequest:
        return ImportRequest(source, offered, options)

    @pytest.fixture
    def store(self, offered: str) -> Iterator[Store]:
        assert offered
        store = open_store()
        yield store
        store.close()

    def test_the_same_source_is_in_the_same_state(
        self, importer: Importer, source: Path, options: dict[str, Any]
    ) -> None:
        def states() -> list[str]:
            return [one.head.state for one in importer.read(source, importer.options(**options))]

        assert states() == states()

    def test_it_says_what_it_reads(self, importer: Importer) -> None:
        assert importer.name
        assert importer.title
        assert attrs.has(importer.options)
        importer.options()  # every option has a default

    def test_it_knows_its_own_and_nothing_else(self, offered: str, importer: Importer, source: Path) -> None:
        assert importer_for(source).name == offered
        elsewhere = source.parent / "something else"
        elsewhere.mkdir()
        assert importer.sniff(elsewhere) == 0
        (elsewhere / "notes.txt").write_text("no runs here")
        assert importer.sniff(elsewhere) == 0
        assert importer.sniff(elsewhere / "notes.txt") == 0

    def test_its_runs_can_be_read(self, store: Store, request_of: ImportRequest) -> None:
        outcomes = list(import_runs(store, request_of))
        assert outcomes
        assert [outcome.reason for outcome in outcomes if not outcome.brought] == []
        records = {record.ref.folder: record for record in store.list_runs()}
        assert sorted(records) == sorted(outcome.run for outcome in outcomes)
        points = 0
        for outcome in outcomes:
            reader = store.open_run(records[outcome.run].ref)
            found = sum(len(record.data) for record in reader.records())
            assert found >= outcome.points
            assert len(reader.media()) >= outcome.media
            points += found
        assert points

    def test_a_second_import_changes_nothing(self, store: Store, request_of: ImportRequest) -> None:
        assert {outcome.became for outcome in import_runs(store, request_of)} == {"added"}
        before = _runs_below(store.root)
        assert {outcome.became for outcome in import_runs(store, request_of)} == {"there"}
        assert _runs_below(store.root) == before

    def test_the_source_is_only_read(self, store: Store, request_of: ImportRequest, source: Path) -> None:
        before = _content(source)
        list(import_runs(store, request_of))
        assert _content(source) == before

    def test_a_preview_tells_the_same_and_writes_nothing(self, store: Store, request_of: ImportRequest) -> None:
        def told(outcomes: Iterator[Imported]) -> list[Imported]:
            return [attrs.evolve(outcome, bytes=0) for outcome in outcomes]

        preview = told(import_runs(store, attrs.evolve(request_of, preview=True)))
        assert _runs_below(store.root) == {}
        assert preview == told(import_runs(store, request_of))

    def test_the_same_source_gives_the_same_files(
        self, store: Store, request_of: ImportRequest, tmp_path: Path
    ) -> None:
        other = open_store(tmp_path / "another root")
        list(import_runs(store, request_of))
        list(import_runs(other, request_of))
        assert _runs_below(other.root) == _runs_below(store.root)
        other.close()

    def test_an_import_that_is_stopped_leaves_whole_runs_only(self, store: Store, request_of: ImportRequest) -> None:
        def stop(progress: ImportProgress) -> None:
            raise _Stopped

        with pytest.raises(_Stopped):
            list(import_runs(store, request_of, stop))
        assert _runs_below(store.root) == {}
        assert not (store.root / ".importing").exists()
        assert {outcome.became for outcome in import_runs(store, request_of)} == {"added"}
