"""Lists of runs, what people write about them, the recycle bin."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from ..contracts import RunSession, StorageBackend, Store
from ..contracts.storage import MovingStore
from ..errors import InvalidArgument, RunExists, RunNotFound, UnsafePath
from ..model.run import RunRef
from ..types import JSON
from .storage_kit import StorageFixtures, log, new_meta, writer_record


class ManagingContract(StorageFixtures):
    def test_runs_are_listed_newest_first(self, store: Store, other: Store) -> None:
        for run_id, created_at in (("b", 20.0), ("c", 30.0), ("a", 10.0)):
            store.create_run(new_meta(run_id, created_at=created_at))
        assert [record.ref.id for record in other.list_runs()] == ["c", "b", "a"]

    def test_a_list_says_what_the_documents_say(self, store: Store, other: Store) -> None:
        session = store.create_run(new_meta(created_at=100.0))
        session.write(
            "status", {"status": "failed", "started_at": 100.0, "ended_at": 160.0, "exit": {"kind": "exception"}}
        )
        session.write("summary", {"acc": 0.9, "best": {"metric": "loss", "value": 0.5, "step": 3, "mode": "min"}})
        session.write("user", {"display_name": "名", "tags": ["x"], "note": "n", "pinned": True, "archived": True})
        session.write("artifacts", {"created": [{"name": "m", "type": "model", "version": 1}], "used": []})
        (record,) = other.list_runs()
        assert (record.status, record.duration_s, record.exit) == ("failed", 60.0, {"kind": "exception"})
        assert record.best is not None
        assert (record.best.metric, record.best.value, record.best.step, record.best.mode) == ("loss", 0.5, 3, "min")
        assert record.summary == {"acc": 0.9}
        assert (record.display_name, record.tags, record.note) == ("名", ("x",), "n")
        assert (record.pinned, record.archived) == (True, True)
        assert [artifact["name"] for artifact in record.artifacts_created] == ["m"]

    @pytest.mark.parametrize("document", ["status", "summary", "user"])
    def test_a_list_shows_every_change_at_once(self, store: Store, other: Store, document: str) -> None:
        changes: dict[str, tuple[Callable[[int], Mapping[str, JSON]], str]] = {
            "status": (lambda n: {"status": "finished", "ended_at": float(n)}, "ended_at"),
            "summary": (lambda n: {"n": n}, "summary"),
            "user": (lambda n: {"note": str(n)}, "note"),
        }
        value, attribute = changes[document]
        session = store.create_run(new_meta())
        seen = []
        for n in range(20):
            session.write(document, value(n))  # type: ignore[arg-type]  # one of the documents
            (record,) = other.list_runs()
            seen.append(str(getattr(record, attribute)))
        assert len(set(seen)) == 20

    def test_two_folders_with_one_id_are_two_runs(self, store: Store) -> None:
        store.create_run(new_meta("same", "p", created_at=10.0))
        store.create_run(new_meta("same", "q", created_at=20.0))
        assert [record.ref.project for record in store.find_runs("same")] == ["q", "p"]

    def test_a_root_can_be_moved(self, backend: StorageBackend, store: Store, root: Path, tmp_path: Path) -> None:
        session = store.create_run(new_meta())
        log(session, (1.0, 1, {"a": 1}))
        moved = tmp_path / "elsewhere"
        root.rename(moved)
        there = backend.open_store(moved, {})
        (record,) = there.list_runs()
        assert record.ref == session.ref
        assert [series.n for series in there.open_run(record.ref).series()] == [1]
        there.close()

    # --- Whether it runs

    def test_a_run_with_a_young_heartbeat_runs(self, store: Store) -> None:
        session = _running(store, started=time.time() - 1000)
        session.beat(writer_record(time.time() - 20, host="elsewhere"))
        assert [record.status for record in store.list_runs()] == ["running"]

    def test_a_run_without_a_heartbeat_for_long_is_shown_as_crashed(self, store: Store) -> None:
        session = _running(store, started=time.time() - 1000)
        session.beat(writer_record(time.time() - 50, host="elsewhere"))
        assert [record.status for record in store.list_runs()] == ["crashed"]
        assert session.read("status")["status"] == "running"
        assert store.open_run(session.ref).record.status == "crashed"

    def test_a_run_whose_process_is_gone_is_shown_as_crashed_at_once(self, store: Store) -> None:
        child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
        session = _running(store, started=time.time())
        session.beat(writer_record(time.time(), pid=child.pid))
        alive = [record.status for record in store.list_runs()]
        child.communicate(b"\n")
        assert (alive, [record.status for record in store.list_runs()]) == (["running"], ["crashed"])

    def test_a_run_runs_as_long_as_one_of_its_processes_does(self, store: Store) -> None:
        session = _running(store, started=time.time() - 1000)
        session.beat(writer_record(time.time() - 500, host="elsewhere"))
        other = session.reopen()
        other.beat(writer_record(time.time(), pid=os.getpid()))
        assert [record.status for record in store.list_runs()] == ["running"]
        other.beat(writer_record(time.time(), pid=os.getpid(), ended_at=time.time()))
        assert [record.status for record in store.list_runs()] == ["crashed"]

    def test_a_run_that_has_just_begun_needs_no_heartbeat_yet(self, store: Store) -> None:
        _running(store, started=time.time())
        assert [record.status for record in store.list_runs()] == ["running"]

    # --- What people write, and the recycle bin

    def test_what_people_write_is_changed_from_what_it_was(self, store: Store, other: Store) -> None:
        session = store.create_run(new_meta())
        store.update_user(session.ref, lambda user: {**user, "tags": ["a"]})
        other.update_user(session.ref, lambda user: {**user, "note": "hello"})
        assert store.open_run(session.ref).read("user") == {"tags": ["a"], "note": "hello"}
        (record,) = store.list_runs()
        assert (record.tags, record.note) == (("a",), "hello")

    def test_a_deleted_run_waits_in_the_recycle_bin(self, store: Store, other: Store) -> None:
        session = store.create_run(new_meta())
        log(session, (1.0, 1, {"a": 1}))
        store.soft_delete(session.ref, "not needed")
        assert list(other.list_runs()) == []
        (record,) = other.list_runs(deleted=True)
        assert record.delete_reason == "not needed"
        assert record.deleted_at is not None
        assert len(other.list_runs(deleted=None)) == len(other.find_runs(session.ref.id)) == 1
        assert [series.n for series in other.open_run(session.ref).series()] == [1]
        other.restore(session.ref)
        (record,) = store.list_runs()
        assert record.deleted_at is None

    def test_only_what_lies_in_the_recycle_bin_is_removed_for_good(self, store: Store, other: Store) -> None:
        session = store.create_run(new_meta())
        with pytest.raises(InvalidArgument):
            store.purge(session.ref)
        assert session.folder.is_dir()
        store.soft_delete(session.ref)
        store.purge(session.ref)
        assert not session.folder.exists()
        assert list(store.list_runs(deleted=None)) == list(other.list_runs(deleted=None)) == []
        with pytest.raises(RunNotFound):
            store.purge(session.ref)

    def test_a_run_that_has_ended_can_be_moved_and_no_other(
        self, backend: StorageBackend, store: Store, other: Store
    ) -> None:
        session = store.create_run(new_meta("x", "p", "n"))
        log(session, (1.0, 1, {"a": 1}))
        assert isinstance(store, MovingStore) or "move" not in backend.capabilities
        if not isinstance(store, MovingStore):
            return
        session.write("status", {"status": "running", "started_at": time.time()})
        session.beat(writer_record(time.time(), pid=os.getpid()))
        with pytest.raises(InvalidArgument):
            store.move(session.ref, "q", "m/n")
        session.write("status", {"status": "finished", "started_at": 1.0, "ended_at": 2.0})
        moved = store.move(session.ref, "q", "m/n")
        assert (moved.id, moved.project, moved.name) == ("x", "q", "m/n")
        assert [record.ref for record in other.list_runs()] == [moved]
        assert [series.n for series in other.open_run(moved).series()] == [1]
        assert store.move(moved, "q", "m/n") == moved
        store.create_run(new_meta("x", "p", "n"))
        with pytest.raises(RunExists):
            store.move(moved, "p", "n")
        with pytest.raises(UnsafePath):
            store.move(moved, "..", "n")

    @pytest.mark.parametrize("folder", ["../outside", "p/../../outside", "/etc", ""])
    def test_a_reference_never_leaves_the_root(self, store: Store, tmp_path: Path, folder: str) -> None:
        store.create_run(new_meta(project="p"))
        outside = tmp_path / "outside"
        outside.mkdir()
        (outside / ".deleted").write_text("{}")
        ref = RunRef("x", "p", "n", folder)
        for act in (store.open_run, store.attach_run, store.soft_delete, store.restore, store.purge):
            with pytest.raises(UnsafePath):
                act(ref)
        assert (outside / ".deleted").exists()


def _running(store: Store, started: float) -> RunSession:
    session = store.create_run(new_meta(created_at=started))
    session.write("status", {"status": "running", "started_at": started})
    return session
