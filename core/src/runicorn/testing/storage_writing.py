"""Creating runs and writing into them."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from pathlib import Path

import pytest

from ..contracts import RunSession, Store
from ..errors import RunExists, RunNotFound, StorageError, StorageGone, UnsafePath
from ..model.run import RunRef
from ..types import JSON
from .storage_kit import StorageFixtures, column, log, metrics_line, new_meta, writer_record


class WritingContract(StorageFixtures):
    def test_a_root_is_made_by_the_first_run_and_not_before(self, store: Store, root: Path) -> None:
        assert list(store.list_runs()) == []
        assert not root.exists()
        session = store.create_run(new_meta())
        assert session.folder.is_dir()
        assert root in session.folder.parents

    @pytest.mark.parametrize("project", ["p", "项目", "a b", "ünï-🙂"])
    @pytest.mark.parametrize("name", ["n", "yolo/ablation/三"])
    def test_names_come_back_as_they_were_given(self, store: Store, project: str, name: str) -> None:
        session = store.create_run(new_meta("id", project, name))
        (record,) = store.list_runs()
        assert record.ref == session.ref
        assert (record.ref.id, record.ref.project, record.ref.name) == ("id", project, name)

    @pytest.mark.parametrize(
        ("run_id", "project", "name"),
        [("../x", "p", "n"), ("x", "..", "n"), ("x", "p", "a/../b"), ("x", "artifacts", "n"), ("x", "p", "runs")],
    )
    def test_names_that_would_leave_their_place_are_refused(
        self, store: Store, root: Path, run_id: str, project: str, name: str
    ) -> None:
        with pytest.raises(UnsafePath):
            store.create_run(new_meta(run_id, project, name))
        assert not root.exists()

    def test_an_id_is_given_once(self, store: Store, other: Store) -> None:
        store.create_run(new_meta("same"))
        for again in (store, other):
            with pytest.raises(RunExists):
                again.create_run(new_meta("same"))

    def test_of_many_who_create_the_same_run_one_succeeds(self, store: Store, other: Store) -> None:
        created: list[RunSession] = []
        refused: list[RunExists] = []
        start = threading.Barrier(8)

        def create(mine: Store) -> None:
            start.wait()
            try:
                created.append(mine.create_run(new_meta("same")))
            except RunExists as error:
                refused.append(error)

        threads = [threading.Thread(target=create, args=(mine,)) for mine in (store, other) * 4]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert (len(created), len(refused)) == (1, 7)

    def test_attaching_to_a_run_that_is_not_there_says_so(self, store: Store) -> None:
        with pytest.raises(RunNotFound):
            store.attach_run(RunRef("x", "p", "n", "p/n/runs/x"))

    def test_a_record_can_be_read_when_append_has_returned(self, store: Store, other: Store) -> None:
        session = store.create_run(new_meta())
        writer = session.open_writer("events")
        for step in (1, 2, 3):
            writer.append(metrics_line(float(step), step, {"loss": 1.0 / step}))
            (table,) = other.read_metrics([session.ref])
            assert list(table.step) == list(range(1, step + 1))
        writer.sync()
        writer.close()
        writer.close()

    def test_every_process_of_a_run_writes_files_of_its_own(self, store: Store, other: Store) -> None:
        first = store.create_run(new_meta())
        sessions = [first, first.reopen(), other.attach_run(first.ref), store.attach_run(first.ref)]
        writers = [session.open_writer("events") for session in sessions]
        for step in range(1, 6):
            for rank, writer in enumerate(writers):
                writer.append(metrics_line(step + rank / 10, step, {"rank": rank}))
        (table,) = other.read_metrics([first.ref])
        assert column(table, "rank") == [0.0, 1.0, 2.0, 3.0] * 5
        assert list(table.step) == [step for step in range(1, 6) for _ in writers]

    def test_what_a_resumed_run_had_stays_as_it_was(self, store: Store, other: Store) -> None:
        session = store.create_run(new_meta())
        log(session, (1.0, 1, {"loss": 3.0}), (2.0, 2, {"loss": 2.0}))
        before = {path: path.read_bytes() for path in session.folder.rglob("*.jsonl")}
        resumed = other.attach_run(session.ref)
        assert resumed.last_step() == 2
        log(resumed, (3.0, 3, {"loss": 1.0}))
        assert {path: path.read_bytes() for path in before} == before
        (table,) = store.read_metrics([session.ref])
        assert column(table, "loss") == [3.0, 2.0, 1.0]

    def test_the_last_step_is_the_highest_one(self, store: Store) -> None:
        session = store.create_run(new_meta())
        assert session.last_step() == 0
        log(session, (1.0, 7, {"a": 1}), (2.0, 12, {"a": 1}), (3.0, 3, {"a": 1}))
        log(session, (4.0, 5, {"a": 1}))
        assert session.last_step() == 12

    def test_a_document_that_was_never_written_is_an_empty_object(self, store: Store) -> None:
        assert store.create_run(new_meta()).read("params") == {}

    def test_a_document_comes_back_as_it_was_written(self, store: Store) -> None:
        session = store.create_run(new_meta())
        value: dict[str, JSON] = {"lr": 0.1, "名": ["ü", {"deep": None}], "n": 2**60, "yes": True}
        session.write("params", value)
        assert session.read("params") == value
        assert store.open_run(session.ref).read("params") == value

    def test_updates_from_several_sides_are_all_kept(self, store: Store, other: Store) -> None:
        session = store.create_run(new_meta())
        sides = [session, other.attach_run(session.ref)]
        for number in range(20):

            def change(document: dict[str, JSON], number: int = number) -> Mapping[str, JSON]:
                return {**document, f"key-{number}": number}

            sides[number % 2].update("params", change)
        assert len(session.read("params")) == 20

    def test_the_same_content_is_stored_once(self, store: Store) -> None:
        session = store.create_run(new_meta())
        path = session.put_media(b"picture", ".png")
        assert session.put_media(b"picture", ".png") == path
        assert session.put_media(b"another", ".png") != path
        assert (session.folder / path).read_bytes() == b"picture"
        assert not path.startswith("/")
        assert path.endswith(".png")

    def test_a_folder_that_was_removed_is_noticed(self, store: Store) -> None:
        session = store.create_run(new_meta())
        writer = session.open_writer("events")
        writer.append(metrics_line(1.0, 1, {"a": 1}))
        _remove(session.folder)
        with pytest.raises(StorageGone):
            writer.sync()
        with pytest.raises(StorageGone):
            session.beat(writer_record(1.0))
        with pytest.raises(StorageError):
            session.write("params", {"a": 1})
        with pytest.raises(StorageError):
            session.open_writer("logs")
        assert not session.folder.exists()
        writer.close()


def _remove(folder: Path) -> None:
    for path in sorted(folder.rglob("*"), reverse=True):
        if path.is_dir():
            path.rmdir()
        else:
            path.unlink()
    folder.rmdir()
