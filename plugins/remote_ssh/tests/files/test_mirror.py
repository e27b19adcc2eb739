"""A mirror becomes what is there, reads only what has changed, and shows nothing half."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import runicorn as rn
from runicorn.errors import StorageGone, StorageUnreachable
from runicorn.hooks import open_store
from runicorn_remote_ssh.files.belonging import WhatCame
from runicorn_remote_ssh.files.mirror import Mirror

from .conftest import SftpPlace

RUN = "p/default/runs/one"


def files_below(root: Path) -> dict[str, bytes]:
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def make_run(root: Path, run_id: str = "one", steps: int = 50, project: str = "p") -> Path:
    with rn.init(project, run_id=run_id, storage=root, capture_env=False, capture_system=False) as run:
        for step in range(steps):
            run.log({"loss": 1 / (step + 1)})
        run.log_text("said 你好")
    return root / project / "default/runs" / run_id


def older(folder: Path, seconds: float = 100.0) -> None:
    """As if it had been written some time ago."""
    then = time.time() - seconds
    for path in [*folder.rglob("*"), folder]:
        os.utime(path, (then, then))


@pytest.fixture
def mirror(place: SftpPlace, tmp_path: Path) -> Iterator[Mirror]:
    mirror = Mirror(place.tree(), tmp_path / "here", drop_runs=True)
    (tmp_path / "here").mkdir()
    yield mirror
    mirror.close()
    mirror.tree.close()


def in_step(mirror: Mirror) -> None:
    mirror.bring_all(mirror.due(mirror.find()))


def test_a_mirror_is_the_same_bytes(place: SftpPlace, mirror: Mirror) -> None:
    for number in range(3):
        make_run(place.folder, f"run-{number}")
    make_run(place.folder, "别的", project="项目")
    (place.folder / "p/default/runs/run-0/media/ab").mkdir(parents=True)
    (place.folder / "p/default/runs/run-0/media/ab/picture.png").write_bytes(os.urandom(5000))
    in_step(mirror)
    assert files_below(mirror.folder) == files_below(place.folder)
    counts = mirror.counts
    assert counts.runs == 4
    assert counts.files == len(files_below(place.folder))
    assert counts.bytes == sum(map(len, files_below(place.folder).values()))
    assert counts.failed == ()
    assert next(record.ref.id for record in open_store(mirror.folder).list_runs()) == "别的"


def test_what_has_not_changed_is_not_read_again(place: SftpPlace, mirror: Mirror) -> None:
    older(make_run(place.folder))
    make_run(place.folder, "newer")
    in_step(mirror)
    time.sleep(1.2)
    in_step(mirror)  # what is as young as the clock's tick is read once more
    place.requests.clear()
    before = mirror.counts
    in_step(mirror)
    assert place.requests == []
    assert mirror.counts == before


def test_another_process_goes_on_where_the_first_one_stopped(place: SftpPlace, mirror: Mirror) -> None:
    for number in range(3):
        older(make_run(place.folder, f"run-{number}"), 100 + number)
    make_run(place.folder, "young")
    in_step(mirror)
    place.requests.clear()
    second = Mirror(place.tree(), mirror.folder, drop_runs=True)
    in_step(second)
    assert [request for request in place.requests if "young" not in request] == []
    second.close()
    second.tree.close()


def test_of_a_file_that_grows_only_the_rest_is_read(place: SftpPlace, mirror: Mirror) -> None:
    folder = make_run(place.folder, steps=5000)
    in_step(mirror)
    (events,) = folder.glob("events*.jsonl")
    before, line = mirror.counts.bytes, b'{"ts":1,"type":"metrics","step":9,"data":{"loss":2}}\n'
    with events.open("ab") as file:
        file.write(line)
    in_step(mirror)
    assert (mirror.folder / RUN / events.name).read_bytes() == events.read_bytes()
    documents = sum(path.stat().st_size for path in folder.rglob("*.json"))
    assert mirror.counts.bytes - before <= len(line) + documents


def test_a_torn_line_is_brought_as_it_is_and_then_the_rest(place: SftpPlace, mirror: Mirror) -> None:
    folder = make_run(place.folder)
    (events,) = folder.glob("events*.jsonl")
    whole = events.read_bytes()
    events.write_bytes(whole[:-7])
    in_step(mirror)
    assert (mirror.folder / RUN / events.name).read_bytes() == whole[:-7]
    events.write_bytes(whole)
    in_step(mirror)
    assert (mirror.folder / RUN / events.name).read_bytes() == whole


@pytest.mark.parametrize("change", ["shorter", "another of the same length", "longer but another"])
def test_a_growing_file_that_was_replaced_is_read_anew(place: SftpPlace, mirror: Mirror, change: str) -> None:
    folder = make_run(place.folder)
    (events,) = folder.glob("events*.jsonl")
    in_step(mirror)
    content = events.read_bytes()
    other = content.replace(b"loss", b"gain")
    events.write_bytes(
        {"shorter": content[:500], "another of the same length": other, "longer but another": other + content}[change]
    )
    os.utime(events, (time.time() + 5, time.time() + 5))
    in_step(mirror)
    assert (mirror.folder / RUN / events.name).read_bytes() == events.read_bytes()


def test_a_document_that_changes_twice_in_one_second_is_read_twice(place: SftpPlace, mirror: Mirror) -> None:
    folder = make_run(place.folder)
    then = int(time.time())
    for text in ("aaaa", "bbbb"):
        (folder / "user.json").write_text(f'{{"note":"{text}"}}')
        os.utime(folder / "user.json", (then, then))
        in_step(mirror)
    time.sleep(1.2)
    in_step(mirror)
    assert b"bbbb" in (mirror.folder / RUN / "user.json").read_bytes()
    (mirror.folder / RUN / "user.json").touch()


def test_what_is_removed_there_is_removed_here(place: SftpPlace, mirror: Mirror) -> None:
    folder = make_run(place.folder)
    make_run(place.folder, "two")
    in_step(mirror)
    open_store(place.folder).soft_delete(open_store(place.folder).find_runs("one")[0].ref)
    in_step(mirror)
    assert (mirror.folder / RUN / ".deleted").exists()
    open_store(place.folder).purge(open_store(place.folder).find_runs("one")[0].ref)
    in_step(mirror)
    assert not folder.exists()
    assert files_below(mirror.folder) == files_below(place.folder)
    assert mirror.counts.removed > 3


def test_runs_that_are_gone_there_may_stay_here(place: SftpPlace, tmp_path: Path) -> None:
    make_run(place.folder)
    keeping = Mirror(place.tree(), tmp_path / "kept", drop_runs=False)
    in_step(keeping)
    (place.folder / RUN).rename(place.folder / "elsewhere")
    in_step(keeping)
    assert (tmp_path / "kept" / RUN / "meta.json").exists()
    keeping.close()
    keeping.tree.close()


@contextmanager
def copying(place: SftpPlace, folder: Path, uri: str = "ssh://box/~/runs") -> Iterator[Mirror]:
    """As the command does it, with ``--delete``."""
    folder.mkdir(exist_ok=True)
    copy = Mirror(place.tree(), folder, drop_runs=True, belonging=WhatCame(folder, uri))
    yield copy
    copy.close()
    copy.tree.close()


def test_what_was_only_ever_here_stays(place: SftpPlace, tmp_path: Path) -> None:
    here = tmp_path / "copy"
    for name in ("one", "two", "three"):
        older(make_run(place.folder, name))
    (place.folder / "p/default/runs/three/.deleted").write_text("{}")
    with copying(place, here) as copy:
        in_step(copy)
    make_run(here, "mine")
    make_run(here, "other", project="mine")
    kept = {"two/notes.txt": "seen", "two/user.json": '{"tags": ["good"]}', "two/.deleted": "{}"}
    for name, text in kept.items():
        (here / "p/default/runs" / name).write_text(text)
    (place.folder / RUN).rename(tmp_path / "elsewhere")
    (place.folder / "p/default/runs/three/.deleted").unlink()
    (place.folder / "p/default/runs/two/summary.json").unlink(missing_ok=True)
    with copying(place, here, "ssh://other/runs") as stranger:
        in_step(stranger)
    assert (here / RUN).exists()  # it did not come from there
    with copying(place, here) as copy:
        in_step(copy)
    runs = {path.relative_to(here).as_posix() for path in here.glob("*/*/runs/*")}
    assert runs == {f"p/default/runs/{name}" for name in ("two", "three", "mine")} | {"mine/default/runs/other"}
    assert {name: (here / "p/default/runs" / name).read_text() for name in kept} == kept
    assert not (here / "p/default/runs/three/.deleted").exists()


def test_what_an_older_or_a_killed_copy_put_into_the_bin_comes_out_of_it(place: SftpPlace, tmp_path: Path) -> None:
    older(make_run(place.folder))
    bin_there = place.folder / RUN / ".deleted"
    bin_there.write_text("{}")
    older(place.folder / RUN)
    with copying(place, tmp_path / "copy") as copy:
        in_step(copy)
    then = int(bin_there.stat().st_mtime)
    os.utime(tmp_path / "copy" / RUN / ".deleted", (then, then))  # it was found settled some time
    (tmp_path / "copy/.mirror.json").unlink()  # such copies wrote nothing down
    with copying(place, tmp_path / "copy") as copy:
        in_step(copy)
    bin_there.unlink()
    with copying(place, tmp_path / "copy") as copy:
        in_step(copy)
    assert (tmp_path / "copy" / RUN / "meta.json").exists()
    assert not (tmp_path / "copy" / RUN / ".deleted").exists()


def test_a_run_that_could_not_be_removed_is_told_and_removed_the_next_time(
    place: SftpPlace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    older(make_run(place.folder))
    with copying(place, tmp_path / "copy") as copy:
        in_step(copy)
    (place.folder / RUN).rename(tmp_path / "elsewhere")

    def in_use(folder: Path) -> int:
        raise PermissionError(f"{folder} is open in another program")

    with copying(place, tmp_path / "copy") as copy, monkeypatch.context() as patched:
        patched.setattr("runicorn_remote_ssh.files.mirror.remove_run", in_use)
        copy.find()
        assert [failed.split(":")[0] for failed in copy.counts.failed] == [RUN]
    assert (tmp_path / "copy" / RUN).exists()
    with copying(place, tmp_path / "copy") as copy:
        in_step(copy)
        assert not copy.counts.failed
    assert not (tmp_path / "copy" / RUN).exists()


def test_of_two_notes_about_a_run_the_later_one_stays(place: SftpPlace, tmp_path: Path) -> None:
    here = tmp_path / "copy"
    older(make_run(place.folder))
    there = place.folder / RUN / "user.json"
    for seconds, mine, theirs in ((90, "mine", "theirs"), (-3600, "mine", "theirs")):
        with copying(place, here) as copy:
            in_step(copy)
        there.write_text(theirs)
        os.utime(there, (time.time() - seconds, time.time() - seconds))
        (here / RUN / "user.json").write_text(mine)
        with copying(place, here) as copy:
            in_step(copy)
        assert (here / RUN / "user.json").read_text() == (mine if seconds > 0 else theirs)


def test_a_folder_that_leads_back_to_itself_is_looked_into_once(place: SftpPlace, mirror: Mirror) -> None:
    make_run(place.folder)
    (place.folder / "p/again").symlink_to(".")
    (place.folder / "all").symlink_to("p")
    assert len({run.path for run in mirror.find()}) == 2  # p, and the same by its other name


def test_a_run_becomes_visible_with_all_that_a_list_shows(place: SftpPlace, mirror: Mirror) -> None:
    make_run(place.folder)
    mirror.list_all(mirror.find())
    (record,) = open_store(mirror.folder).list_runs()
    assert record.status == "finished"
    assert not list((mirror.folder / RUN).glob("events*"))
    assert not list(mirror.folder.rglob(".~*"))


def test_a_connection_that_breaks_leaves_only_whole_files(place: SftpPlace, mirror: Mirror) -> None:
    for number in range(6):
        make_run(place.folder, f"run-{number}")
    runs = mirror.find()
    mirror.list_all(runs)
    place.cut()
    with pytest.raises(StorageUnreachable):
        mirror.bring_all(runs)
    assert len(open_store(mirror.folder).list_runs()) == 6
    place.start()
    in_step(mirror)
    assert files_below(mirror.folder) == files_below(place.folder)


def test_one_file_that_cannot_be_read_is_named_and_the_rest_comes(place: SftpPlace, mirror: Mirror) -> None:
    folder = make_run(place.folder)
    (folder / "media").mkdir()
    (folder / "media" / "con:1").write_bytes(b"x")
    (folder / "loop").symlink_to("loop")
    place.refused.add("media/con:1")
    in_step(mirror)
    assert (mirror.folder / RUN / "status.json").exists()
    assert [failed.partition(":")[0] for failed in mirror.counts.failed] == [f"{RUN}/media/con"]


def test_a_root_that_does_not_exist_is_said(place: SftpPlace, tmp_path: Path) -> None:
    mirror = Mirror(place.tree("/absent"), tmp_path / "here", drop_runs=True)
    with pytest.raises(StorageGone):
        mirror.find()
    mirror.close()
    mirror.tree.close()
