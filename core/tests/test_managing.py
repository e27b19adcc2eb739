"""Managing runs: in bulk, with undo, beside a process that writes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import runicorn as rn
from runicorn.errors import FilterError, InvalidArgument, NothingToUndo, StorageFull, UnsafePath
from runicorn.hooks import open_store
from runicorn.managing import CleanupRule, Outcome
from runicorn.model.run import RunRef


def made(count: int = 3, project: str = "p", **more: Any) -> list[str]:
    """Ids of runs that have ended, oldest first."""
    ids = []
    for number in range(count):
        with rn.init(project, params={"n": number}, capture_env=False, capture_system=False, **more) as run:
            run.log(loss=float(number))
        ids.append(run.id)
    return ids


@pytest.fixture
def manager() -> rn.ExperimentManager:
    return rn.ExperimentManager()


def record(run_id: str) -> Any:
    (found,) = open_store().find_runs(run_id)
    return found


@pytest.fixture
def writing() -> Any:
    """A run that another process is writing: (id, how to end it)."""
    program = (
        "import runicorn as rn; run = rn.init('p', capture_env=False); run.log(loss=1.0);"
        "print(run.id, flush=True); input(); run.log(loss=2.0); run.finish()"
    )
    command = [sys.executable, "-c", program]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=os.environ) as child:
        assert child.stdout is not None

        def end() -> None:
            child.communicate("\n", timeout=60)

        yield child.stdout.readline().strip(), end
        if child.poll() is None:
            end()


# --- Tags and the like


def test_tags_are_added_removed_and_replaced_and_every_step_undone(manager: rn.ExperimentManager) -> None:
    one, two = made(2, tags=["old"])
    manager.tag([one, two], ["new", "old"])
    assert record(one).tags == record(two).tags == ("old", "new")
    manager.tag(one, remove=["old"])
    assert record(one).tags == ("new",)
    manager.tag([one, two], replace=["x"])
    assert [change.what for change in manager.changes()] == ["tag 2 runs", "tag 1 run", "tag 2 runs"]
    assert manager.undo().ok
    assert (record(one).tags, record(two).tags) == (("new",), ("old", "new"))
    manager.undo()
    manager.undo()
    assert record(one).tags == record(two).tags == ("old",)
    with pytest.raises(InvalidArgument, match=r"^there is nothing to undo: no run was changed lately"):
        manager.undo()


def test_what_was_so_already_is_no_change_to_undo(manager: rn.ExperimentManager) -> None:
    one, two = made(2, tags=["old"])
    manager.note(one, "mine")
    for again in (
        manager.tag([one, two], ["old"]),
        manager.note(one, "mine"),
        manager.archive([one, two], False),
        manager.group(two, None),
        manager.move(one, project=record(one).ref.project),
    ):
        assert again.ok
        assert again.change is None
    assert [change.what for change in manager.changes()] == ["note 1 run"]
    assert manager.tag([one, two], replace=["old", "new"]).change is not None
    assert manager.changes()[0].what == "tag 2 runs"


def test_what_people_write_shows_in_lists(manager: rn.ExperimentManager) -> None:
    (one,) = made(1, group="given")
    manager.note(one, "read me")
    manager.pin(one)
    manager.archive(one)
    manager.rename(one, "baseline")
    manager.group(one, "mine")
    found = record(one)
    assert (found.note, found.pinned, found.archived, found.title, found.group) == (
        "read me",
        True,
        True,
        "baseline",
        "mine",
    )
    manager.group(one, None)
    manager.rename(one, None)
    assert (record(one).group, record(one).title) == ("given", one)


def test_one_run_that_fails_stops_no_other(manager: rn.ExperimentManager) -> None:
    one, two = made(2)
    outcome = manager.pin([one, "nowhere", two, one])
    assert len(outcome.changed) == 2
    assert list(outcome.errors) == ["nowhere"]
    assert "no run 'nowhere'" in outcome.errors["nowhere"]
    assert record(one).pinned
    assert record(two).pinned


def test_what_somebody_changed_since_is_not_undone(manager: rn.ExperimentManager) -> None:
    one, two = made(2)
    manager.note([one, two], "mine")
    rn.ExperimentManager().note(one, "theirs")
    first = manager.changes()[1]
    outcome = manager.undo(first.id)
    assert list(outcome.changed) == [record(two).ref.folder]
    assert "was changed since" in next(iter(outcome.errors.values()))
    assert (record(one).note, record(two).note) == ("theirs", "")
    with pytest.raises(InvalidArgument, match="no change that can be undone"):
        manager.undo(first.id)


def test_another_process_can_undo(manager: rn.ExperimentManager) -> None:
    (one,) = made(1)
    manager.note(one, "oops")
    program = "import runicorn as rn; print(rn.ExperimentManager().undo().changed)"
    subprocess.run([sys.executable, "-c", program], check=True, env=os.environ, capture_output=True)
    assert record(one).note == ""


# --- Search


def test_runs_are_found_by_text_and_by_the_filter_language(manager: rn.ExperimentManager) -> None:
    ids = made(3)
    manager.note(ids[0], "the Baseline of all")
    manager.archive(ids[2])
    assert [run.ref.id for run in manager.search("baseline")] == [ids[0]]
    assert [run.ref.id for run in manager.search(filter="params.n >= 1")] == [ids[2], ids[1]]
    assert [run.ref.id for run in manager.search(filter="params.n >= 1", archived=False)] == [ids[1]]
    assert [run.ref.id for run in manager.search(project="q")] == []
    with pytest.raises(FilterError):
        manager.search(filter="params.n >=")


# --- Moving


def test_a_run_is_moved_with_everything_and_back(manager: rn.ExperimentManager) -> None:
    (one,) = made(1)
    outcome = manager.move(one, project="q", name="deep/er")
    assert outcome.changed == (f"q/deep/er/runs/{one}",)
    found = record(one)
    assert (found.ref.project, found.ref.name, found.status) == ("q", "deep/er", "finished")
    root = open_store().root
    assert json.loads((root / found.ref.folder / "meta.json").read_text())["project"] == "q"
    assert [series.last for series in open_store().open_run(found.ref).series()] == [0.0]
    assert not (root / "p").exists()  # no empty folders remain
    assert manager.undo().changed == (f"p/default/runs/{one}",)
    assert record(one).ref.project == "p"


def test_a_run_is_not_moved_onto_another(manager: rn.ExperimentManager) -> None:
    for project in ("p", "q"):
        rn.init(project, run_id="same", capture_env=False).finish()
    outcome = manager.move("p/default/runs/same", project="q")
    assert outcome.errors["p/default/runs/same"].endswith("move it to another project or name, or that one first")
    assert len(open_store().find_runs("same")) == 2
    with pytest.raises(UnsafePath):
        manager.move("same", project="../out")


def test_a_run_that_is_being_written_stays_where_it_is(manager: rn.ExperimentManager, writing: Any) -> None:
    run_id, end = writing
    outcome = manager.move(run_id, project="q")
    assert "move it when it ended" in next(iter(outcome.errors.values()))
    end()
    assert manager.move(run_id, project="q").ok
    found = record(run_id)
    assert [series.n for series in open_store().open_run(found.ref).series()] == [2]


def test_people_and_a_writer_do_not_disturb_each_other(manager: rn.ExperimentManager, writing: Any) -> None:
    run_id, end = writing
    assert manager.tag(run_id, ["looked at"]).ok
    assert manager.note(run_id, "from outside").ok
    assert manager.delete(run_id).ok
    refused = manager.empty()
    assert refused.changed == ()
    assert "still being written" in next(iter(refused.errors.values()))
    end()
    found = record(run_id)
    assert (found.tags, found.note, found.status) == (("looked at",), "from outside", "finished")
    assert [series.n for series in open_store().open_run(found.ref).series()] == [2]
    assert manager.empty().ok


# --- The recycle bin, and space


def test_deleting_restoring_and_emptying(manager: rn.ExperimentManager) -> None:
    ids = made(3)
    assert len(manager.delete(ids, "not needed").changed) == 3
    assert [run.delete_reason for run in manager.recycle_bin()] == ["not needed"] * 3
    assert "already" in next(iter(manager.delete(ids[0]).errors.values()))
    assert manager.restore(ids[0]).ok
    assert "not in the recycle bin" in next(iter(manager.restore(ids[0]).errors.values()))
    manager.undo()  # of the restoring
    assert len(manager.recycle_bin()) == 3
    manager.undo()  # of the deleting
    assert manager.recycle_bin() == []
    manager.delete(ids[:2])
    assert manager.empty(ids[0]).ok
    assert [run.ref.id for run in manager.recycle_bin()] == [ids[1]]
    assert manager.empty().ok
    assert [run.ref.id for run in manager.search()] == [ids[2]]
    assert "not" in next(iter(manager.empty(ids[2]).errors.values()))  # it is not in the bin


def test_an_emptied_bin_is_not_taken_for_an_older_change(manager: rn.ExperimentManager) -> None:
    one, two, three = made(3)
    manager.tag(one, ["kept"])
    manager.delete([two, three])
    manager.empty(two)
    manager.empty(three)
    assert [change.what for change in manager.changes()] == ["tag 1 run"]
    with pytest.raises(
        NothingToUndo,
        match=r"^the last change, remove 1 run for good, cannot be undone; undo once more .* before it: tag 1 run$",
    ):
        manager.undo()
    assert record(one).tags == ("kept",)
    assert manager.undo().changed == (record(one).ref.folder,)
    assert record(one).tags == ()
    manager.delete(one)
    manager.empty()
    with pytest.raises(NothingToUndo, match=r"^the last change, remove 1 run for good, cannot be undone$"):
        manager.undo()
    with pytest.raises(NothingToUndo, match=r"^there is nothing to undo"):
        manager.undo()
    (four,) = made(1)
    manager.delete(four)
    assert manager.undo().ok


def test_what_was_changed_after_a_removal_is_undone_as_ever(manager: rn.ExperimentManager) -> None:
    one, two = made(2)
    manager.delete(two)
    manager.empty()
    manager.tag(one, ["new"])
    assert manager.undo().changed == (record(one).ref.folder,)


def test_space_is_told_for_each_project(manager: rn.ExperimentManager) -> None:
    (one,) = made(1, "small")
    (two, three) = made(2, "large")
    for run_id, size in ((one, 1000), (two, 200_000), (three, 50_000)):
        (open_store().root / record(run_id).ref.folder / "media.bin").write_bytes(b"x" * size)
    manager.delete(three)
    large, small = manager.usage()
    assert (large.project, large.runs, large.deleted_runs) == ("large", 1, 1)
    assert 200_000 < large.bytes < 300_000
    assert 50_000 < large.deleted_bytes < 150_000
    assert (small.project, small.runs, small.deleted_bytes) == ("small", 1, 0)


def test_a_clean_up_says_first_what_it_would_take(manager: rn.ExperimentManager) -> None:
    ids = made(4)
    manager.pin(ids[0])
    manager.archive(ids[1])
    rule = CleanupRule(statuses=("finished",))
    dry = manager.cleanup(rule)
    assert ({ref.id for ref in dry.runs}, dry.done) == ({ids[2], ids[3]}, False)
    assert dry.bytes > 0
    assert manager.recycle_bin() == []
    done = manager.cleanup(rule, dry_run=False)
    assert ({ref.id for ref in done.runs}, done.done) == ({ids[2], ids[3]}, True)
    assert len(manager.recycle_bin()) == 2
    manager.undo(done.change)
    assert manager.recycle_bin() == []


def test_a_clean_up_counts_the_bytes_of_what_it_moved(monkeypatch: pytest.MonkeyPatch) -> None:
    small, large = made(2)
    store = open_store()
    folder = store.root / record(large).ref.folder
    (folder / "weights.bin").write_bytes(b"x" * 300_000)
    to_bin = store.soft_delete

    def full(ref: RunRef, reason: str = "") -> None:
        if ref.id == large:
            raise StorageFull("deleting the run", str(folder), "no space")
        to_bin(ref, reason)

    monkeypatch.setattr(store, "soft_delete", full)
    done = rn.ExperimentManager(store).cleanup(CleanupRule(statuses=("finished",)), dry_run=False)
    assert [ref.id for ref in done.runs] == [small]
    assert len(done.errors) == 1
    assert 0 < done.bytes < 300_000


def test_a_clean_up_goes_by_age_size_and_project(manager: rn.ExperimentManager, tmp_path: Path) -> None:
    old, big = made(2)
    folder = open_store().root / record(old).ref.folder
    status = json.loads((folder / "status.json").read_text())
    past = time.time() - 40 * 86400
    (folder / "status.json").write_text(json.dumps({**status, "started_at": past, "ended_at": past}))
    meta = json.loads((folder / "meta.json").read_text())
    (folder / "meta.json").write_text(json.dumps({**meta, "created_at": past}))
    for file in (folder / "writers").iterdir():
        file.unlink()
    (open_store().root / record(big).ref.folder / "big.bin").write_bytes(b"x" * 500_000)
    assert [ref.id for ref in manager.cleanup(CleanupRule(older_than_s=30 * 86400)).runs] == [old]
    assert [ref.id for ref in manager.cleanup(CleanupRule(larger_than=400_000)).runs] == [big]
    assert manager.cleanup(CleanupRule(larger_than=400_000, project="q")).runs == ()
    with pytest.raises(InvalidArgument, match="every run"):
        manager.cleanup(CleanupRule(project="p"))


def test_a_change_that_cannot_be_remembered_is_made_all_the_same(
    manager: rn.ExperimentManager, runicorn_home: Path
) -> None:
    (one,) = made(1)
    (runicorn_home / "state").mkdir(parents=True, exist_ok=True)
    (runicorn_home / "state" / "changes").write_text("a file where a folder belongs")
    outcome = manager.note(one, "kept")
    assert outcome == Outcome(outcome.changed, {}, None)
    assert record(one).note == "kept"
    assert manager.changes() == []
