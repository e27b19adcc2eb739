"""``ssh://`` as a storage root: read as if it were here, live, and honest when the way there is cut."""

from __future__ import annotations

import json
import logging
import os
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest
import runicorn as rn
from runicorn.contracts import FileTree
from runicorn.contracts.storage import PieceReader, SystemReader
from runicorn.errors import StorageError, StorageGone, StorageReadOnly
from runicorn.hooks import find_run, open_store, run_health_checks
from runicorn.model.query import RunQuery
from runicorn_remote_ssh.files import keeping
from runicorn_remote_ssh.files.claim import Claim
from runicorn_remote_ssh.files.keeping import cached_root
from runicorn_remote_ssh.files.mirror import Mirror
from runicorn_remote_ssh.files.transport import TRANSPORT

from .conftest import SftpPlace
from .test_mirror import files_below, make_run

pytestmark = pytest.mark.usefixtures("no_waiting")
URI = "ssh://box/~/root"


@pytest.fixture(autouse=True)
def reached(place: SftpPlace, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The host ``box`` is the server of this test."""

    def open_tree(_: str, *, asks: bool = True) -> FileTree:
        tree = place.tree()
        tree.stat("")
        return tree

    monkeypatch.setattr(TRANSPORT, "open", open_tree)
    yield
    left = TRANSPORT.kept
    for kept in left:
        TRANSPORT.let_go(kept.uri)
    assert left == []  # every test closes what it opens


def eventually(check: Callable[[], Any], seconds: float = 60.0) -> None:
    end = time.monotonic() + seconds
    while not check():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_an_address_is_read_like_a_folder(place: SftpPlace) -> None:
    for number in range(3):
        make_run(place.folder, f"run-{number}")
    store = open_store(URI)
    assert {record.ref.id for record in store.list_runs()} == {"run-0", "run-1", "run-2"}
    reader = store.open_run(find_run(store, "run-1").ref)
    assert [series.n for series in reader.series()] == [50]
    assert reader.logs(tail=1).lines[0].text == "said 你好"
    store.close()


def test_media_come_with_the_folder_of_a_run_and_hold_up_nothing_else(place: SftpPlace) -> None:
    for name in ("one", "two"):
        folder = make_run(place.folder, name)
        (folder / "media/ab").mkdir(parents=True)
        (folder / "media/ab/picture.png").write_bytes(b"picture")
    store = open_store(URI)
    here = cached_root(URI) / "p/default/runs"
    refs = {record.ref.id: record.ref for record in store.list_runs()}
    eventually(lambda: all(list((here / name).glob("events*")) for name in refs))  # these come behind the list
    store.read_metrics([refs["one"]], ["loss"])
    readers = {name: store.open_run(ref) for name, ref in refs.items()}
    for reader in readers.values():  # as a list of details, a page of curves and a live feed do
        assert ([one.n for one in reader.series()], list(reader.media())) == ([50], [])
        assert isinstance(reader, SystemReader)
        assert isinstance(reader, PieceReader)
    assert not list(here.rglob("picture.png"))
    assert (readers["two"].folder / "media/ab/picture.png").read_bytes() == b"picture"
    time.sleep(3 * keeping.LIVE_S)
    assert [path.relative_to(here).parts[0] for path in here.rglob("picture.png")] == ["two"]  # it stays
    store.close()


def test_rn_open_takes_an_address(place: SftpPlace) -> None:
    make_run(place.folder)
    opening: Any = rn.open  # a plugin's name
    with opening(URI) as root:
        eventually(lambda: root.metrics().num_rows == 50)
        assert root.runs()["run"].to_pylist() == ["one"]


def test_a_running_run_is_followed(place: SftpPlace) -> None:
    with rn.init("p", run_id="live", storage=place.folder, capture_env=False, capture_system=False) as run:
        run.log({"loss": 1.0})
        store = open_store(URI)
        record = find_run(store, "live")
        assert record.status == "running"
        tail = store.open_run(record.ref).tail()
        seen: list[float] = []

        def came(value: float) -> bool:
            seen.extend(sample.value for sample in tail.read())
            return value in seen

        for value in (2.0, 3.0, 4.0):
            run.log({"loss": value})
            eventually(partial(came, value))
    assert seen == [1.0, 2.0, 3.0, 4.0]
    eventually(lambda: find_run(store, "live").status == "finished")
    make_run(place.folder, "later")
    eventually(lambda: len(store.list_runs()) == 2)
    store.close()


def test_the_newest_runs_are_there_while_the_others_are_on_their_way(
    place: SftpPlace, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(5):
        run = make_run(place.folder, f"run-{number}", steps=1)
        os.utime(run, (1e9 + number, 1e9 + number))
    monkeypatch.setattr(keeping, "AT_ONCE", 2)
    go_on, list_all = threading.Event(), Mirror.list_all
    names: list[list[str]] = []

    def waiting(mirror: Mirror, runs: Any, *arguments: Any) -> None:
        if runs:
            names.append([run.path.rpartition("/")[2] for run in runs])
        assert len(names) < 2 or go_on.wait(60)
        list_all(mirror, runs, *arguments)

    monkeypatch.setattr(Mirror, "list_all", waiting)
    store = open_store(URI)
    (kept,) = TRANSPORT.kept
    assert names[0] == ["run-4", "run-3"]
    assert kept.counted == 2
    assert "2 of 5 runs are listed" in kept.says
    if hasattr(store, "query_runs"):
        page = store.query_runs(RunQuery())
        assert (page.partial, page.indexed, {ref.id for ref in page.refs} <= {"run-4", "run-3"}) == (True, 2, True)
    go_on.set()
    assert len(store.list_runs()) == 5
    assert kept.counted is None
    assert names[1] == ["run-2", "run-1", "run-0"]
    store.close()


def test_an_outage_while_older_runs_are_listed_keeps_nobody_waiting(
    place: SftpPlace, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(5):
        os.utime(make_run(place.folder, f"run-{number}", steps=1), (1e9 + number, 1e9 + number))
    monkeypatch.setattr(keeping, "AT_ONCE", 2)
    list_all = Mirror.list_all
    calls: list[int] = []

    def cut(mirror: Mirror, runs: Any, *arguments: Any) -> None:
        calls.append(len(runs))
        if len(calls) == 2:
            place.cut()
        list_all(mirror, runs, *arguments)

    monkeypatch.setattr(Mirror, "list_all", cut)
    store = open_store(URI)
    assert len(store.list_runs()) < 5
    place.start()
    eventually(lambda: len(store.list_runs()) == 5)
    store.close()


def test_what_lies_elsewhere_is_only_read(place: SftpPlace) -> None:
    make_run(place.folder)
    before = files_below(place.folder)
    store = open_store(URI)
    ref = find_run(store, "one").ref
    for act in (
        lambda: store.soft_delete(ref),
        lambda: store.update_user(ref, lambda user: user),
        lambda: store.attach_run(ref),
        lambda: store.purge(ref),
    ):
        with pytest.raises(StorageReadOnly, match="only read from here"):
            act()
    store.close()
    assert files_below(place.folder) == before


def test_when_the_connection_is_lost_the_last_known_is_shown_and_said(
    place: SftpPlace, caplog: pytest.LogCaptureFixture
) -> None:
    make_run(place.folder)
    store = open_store(URI)
    assert store.open_run(find_run(store, "one").ref).series()
    with caplog.at_level(logging.WARNING, "runicorn.remote"):
        place.cut()
        eventually(lambda: "cannot be reached" in caplog.text)
        (check,) = [check for check in run_health_checks() if "ssh://box" in check.detail]
        assert not check.ok
        assert "what is shown is as of" in check.detail
        assert [record.ref.id for record in store.list_runs()] == ["one"]
        assert store.open_run(find_run(store, "one").ref).series()
        make_run(place.folder, "meanwhile")
        place.start()
        eventually(lambda: len(store.list_runs()) == 2)
        eventually(lambda: "is reached again" in caplog.text)
    assert caplog.text.count("cannot be reached") == 1
    store.close()


def test_a_place_that_was_seen_before_opens_without_its_host(
    place: SftpPlace, caplog: pytest.LogCaptureFixture
) -> None:
    make_run(place.folder)
    open_store(URI).close()
    place.cut()
    store = open_store(URI)
    assert [record.ref.id for record in store.list_runs()] == ["one"]
    assert "what was read before is shown" in caplog.text
    place.start()
    make_run(place.folder, "two")
    eventually(lambda: len(store.list_runs()) == 2)  # it comes back by itself
    eventually(lambda: TRANSPORT.kept[0].trouble == "")
    store.close()


def test_a_copy_that_another_process_kept_in_step_is_kept_on_when_that_has_ended(place: SftpPlace) -> None:
    make_run(place.folder)
    open_store(URI).close()
    other = Claim(cached_root(URI).parent / "kept.lock")
    assert other.take()
    store = open_store(URI)
    assert "another process" in TRANSPORT.kept[0].says
    make_run(place.folder, "two")
    assert [record.ref.id for record in store.list_runs()] == ["one"]
    other.release()
    eventually(lambda: len(store.list_runs()) == 2)
    store.close()


def test_a_place_that_was_never_seen_needs_its_host(place: SftpPlace) -> None:
    place.cut()
    with pytest.raises(StorageError):
        open_store(URI)


def test_a_folder_that_is_not_there_is_said(place: SftpPlace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(TRANSPORT, "open", lambda _, **__: place.tree("/absent"))
    with pytest.raises(StorageGone):
        open_store(URI)


def test_two_stores_of_one_address_share_one_copy(place: SftpPlace) -> None:
    make_run(place.folder)
    first, second = open_store(URI), open_store(f"{URI}/")
    assert first.root == second.root
    assert len(TRANSPORT.kept) == 1
    first.close()
    assert len(TRANSPORT.kept) == 1
    make_run(place.folder, "two")
    eventually(lambda: len(second.list_runs()) == 2)
    second.close()


def test_the_copy_lies_in_the_cache(place: SftpPlace) -> None:
    from runicorn.config import cache_dir

    make_run(place.folder)
    store = open_store(URI)
    assert store.root.is_relative_to(cache_dir())
    store.close()


def test_a_run_that_has_been_running_for_long_is_running_in_the_first_list_and_in_each_later_one(
    place: SftpPlace,
) -> None:
    """What a list shows is decided by signs of life, not by what has come of the curves."""
    with rn.init("p", run_id="live", storage=place.folder, capture_env=False, capture_system=False) as run:
        folder = place.folder / "p/default/runs/live"
        (signs,) = (folder / "writers").iterdir()
        for document in (folder / "meta.json", folder / "status.json", signs):
            text = json.loads(document.read_text())
            long_ago = {key: value - 600 for key, value in text.items() if key in ("created_at", "started_at")}
            document.write_text(json.dumps(text | long_ago))
        for _ in range(2):
            store = open_store(URI)
            assert [record.status for record in store.list_runs()] == ["running"]
            store.close()
            for sign in cached_root(URI).rglob("writers/*.json"):  # as if it were looked at again much later
                old = json.loads(sign.read_text()) | {"heartbeat_at": time.time() - 600}
                sign.write_text(json.dumps(old))
                os.utime(sign, (1, 1))
        run.log({"loss": 1.0})
