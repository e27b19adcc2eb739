"""Copies between roots: what changed, all of it, and nothing half."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

import pytest
import runicorn as rn
from runicorn.contracts import FileTree, Transport
from runicorn.errors import StorageFull
from runicorn.hooks import open_store, remote_transports
from runicorn.hookspecs import hookimpl
from runicorn.testing import TransportContract
from runicorn_exporters.sync.copying import Outcome, Sync
from runicorn_exporters.sync.local_tree import LocalTree

Command = Callable[..., dict[str, Any]]
Bring = Callable[[], Outcome]


class Folders:
    """Local folders under an address, as somebody else's transport would offer places; a round trip each."""

    name, schemes = "folders", frozenset(["folders"])

    def open(self, uri: str) -> FileTree:
        return LocalTree(Path(uri.removeprefix("folders://")))


class TestLocalTree(TransportContract):
    @pytest.fixture
    def transport(self) -> Transport:
        return Folders()

    @pytest.fixture
    def uri(self, tmp_path: Path) -> str:
        return f"folders://{tmp_path}/place"


@pytest.fixture
def root(runicorn_home: Path) -> Path:
    store = open_store()
    root = store.root
    store.close()
    return root


@pytest.fixture
def there(tmp_path: Path) -> Path:
    return tmp_path / "there"


@pytest.fixture
def sync(root: Path, there: Path) -> Command:
    def call(*arguments: str, back: bool = False) -> dict[str, Any]:
        places = [str(there), str(root)] if back else [str(root), str(there)]
        command = [sys.executable, "-m", "runicorn", "sync", *places, "--json", *arguments]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode in (0, 1), done.stderr
        answer: dict[str, Any] = json.loads(done.stdout)
        assert (done.returncode == 0) is not (answer["conflicts"] or answer["failed"])
        return answer

    return call


@pytest.fixture
def bring(root: Path, there: Path) -> Bring:
    """The same in this process."""
    return lambda: Sync(LocalTree(root), LocalTree(there)).run()


def content(root: Path) -> dict[str, bytes]:
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in root.rglob("*")
        if path.is_file() and not path.name.endswith(".lock")
    }


def logged(project: str = "p", n: int = 10) -> rn.Run:
    with rn.init(project=project, capture_env=False) as run:
        for step in range(n):
            run.log({"loss": 1 / (step + 1)})
        run.log({"picture": rn.Image([[step % 255]])})
        artifact = rn.Artifact("net")
        with artifact.new_file("w.bin") as file:
            file.write(run.id.encode())
        run.log_artifact(artifact)
    return run


def settle(root: Path) -> None:
    """As if all of it had been written a minute ago."""
    for path in root.rglob("*"):
        if path.is_file():
            stat = path.stat()
            os.utime(path, (stat.st_mtime - 60, stat.st_mtime - 60))


def test_everything_comes_over_once_and_then_only_what_changed(root: Path, there: Path, sync: Command) -> None:
    first = logged()
    settle(root)
    before = content(root)
    planned = sync("--dry-run")
    assert not there.exists()
    done = sync()
    assert content(there) == before == content(root)
    assert (done["copied"], done["copied_bytes"]) == (len(before), sum(map(len, before.values())))
    assert {**planned, "dry_run": False} == done
    assert done["runs"] == 1
    again = sync()
    assert (again["copied"], again["extended"], again["unchanged"]) == (0, 0, len(before))
    second = logged("q")
    (root / "p" / "default" / "runs" / first.id / "user.json").write_text('{"note": "new"}', encoding="utf-8")
    more = sync()
    assert content(there) == content(root)
    assert more["runs"] == 1
    assert more["copied"] == len(content(root)) - len(before) + sum(
        before.get(name) not in (None, data) for name, data in content(root).items()
    )
    store = open_store(there)
    assert {record.ref.id for record in store.list_runs()} == {first.id, second.id}
    store.close()


def test_a_run_that_is_being_written_comes_over_line_by_line(root: Path, there: Path, bring: Bring) -> None:
    with rn.init(project="p", capture_env=False) as run:
        run.log({"loss": 1.0})
        bring()
        events = there / "p" / "default" / "runs" / run.id / "events.jsonl"
        whole = events.read_bytes()
        assert whole.endswith(b"\n")
        ours = run.dir / "events.jsonl"
        half = b'{"ts":5,"type":"metrics","step":2,"da'
        with ours.open("ab") as file:
            file.write(half)
        assert bring().extended == 0
        assert events.read_bytes() == whole
        with ours.open("ab") as file:
            file.write(b'ta":{"loss":2}}\n')
        done = bring()
        assert (done.extended, done.extended_bytes) == (1, len(events.read_bytes()) - len(whole))
        assert events.read_bytes() == ours.read_bytes()
    bring()
    assert content(there) == content(root)


def test_what_is_newer_there_stays_and_comes_back_on_the_way_back(root: Path, there: Path, sync: Command) -> None:
    run = logged()
    settle(root)
    sync()
    user = f"p/default/runs/{run.id}/user.json"
    (there / user).write_text('{"note": "written there"}', encoding="utf-8")
    done = sync()
    assert [path for path, _ in done["kept"]] == [user] * ((root / user).exists())
    assert json.loads((there / user).read_text(encoding="utf-8"))["note"] == "written there"
    sync(back=True)
    assert json.loads((root / user).read_text(encoding="utf-8"))["note"] == "written there"
    assert content(root) == content(there)


def test_two_roots_that_made_the_same_version_are_told_apart(root: Path, there: Path, sync: Command) -> None:
    logged()
    settle(root)
    sync()
    (record,) = there.glob("artifacts/versions/model/net/v1.json")
    record.chmod(0o644)
    record.write_text('{"made": "elsewhere"}', encoding="utf-8")
    done = sync("--overwrite")
    assert [path for path, _ in done["conflicts"]] == ["artifacts/versions/model/net/v1.json"]
    assert record.read_text(encoding="utf-8") == '{"made": "elsewhere"}'


def test_sealing_there_and_here_leaves_every_point_once(root: Path, there: Path, bring: Bring) -> None:
    run = logged(n=200)
    settle(root)
    bring()
    seal = [sys.executable, "-m", "runicorn", "storage", "seal", "--min-bytes", "0", "--run"]
    subprocess.run([*seal, run.id], check=True, capture_output=True)
    done = bring()
    assert done.removed >= 1
    assert not (there / "p" / "default" / "runs" / run.id / "events.jsonl").exists()
    for place in (root, there):
        store = open_store(place)
        (record,) = store.find_runs(run.id)
        (series,) = [each for each in store.open_run(record.ref).series() if each.key == "loss"]
        assert series.n == 200
        store.close()
    other = logged(n=50)
    settle(root)
    bring()
    subprocess.run([*seal, other.id, "--root", str(there)], check=True, capture_output=True)
    bring()
    assert not (there / "p" / "default" / "runs" / other.id / "events.jsonl").exists()


def test_killed_at_any_moment_it_goes_on_and_nothing_half_is_seen(root: Path, there: Path, sync: Command) -> None:
    for _ in range(4):
        run = logged(n=2000)
        for number in range(40):
            (run.dir / "media" / f"{number}.bin").write_bytes(os.urandom(300_000))
    settle(root)
    wanted = content(root)
    command = [sys.executable, "-m", "runicorn", "sync", str(root), str(there)]
    kills = 0
    for after in (1, 40, 90, 150):
        with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
            deadline = time.monotonic() + 60
            while process.poll() is None and time.monotonic() < deadline:
                if sum(len(files) for _, _, files in os.walk(there)) >= after:
                    process.send_signal(signal.SIGKILL)
                    kills += 1
                    break
        for name, data in content(there).items():
            plain = name.replace(".incoming-", "")
            assert "/.~" in f"/{plain}" or wanted[plain] == data, name
    assert kills
    done = sync()
    left = {name: data for name, data in content(there).items() if "/.~" not in f"/{name}"}
    assert left == wanted
    assert done["unchanged"] > 0


_SMALL = """
import resource, sys
from runicorn.cli import main
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv.pop(1)), resource.RLIM_INFINITY))  # no larger file is written
main()
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such limits")
def test_a_run_or_a_version_of_which_a_file_fails_is_not_seen_until_it_is_whole(
    root: Path, there: Path, sync: Command
) -> None:
    small = logged(n=10)
    large = logged(n=5000)
    with rn.init(project="p", capture_env=False, capture_console=False) as run:
        model = rn.Artifact("model")
        with model.new_file("w.bin") as file:
            file.write(os.urandom(100_000))
        run.log_artifact(model, aliases=["best"])
    settle(root)
    command = [sys.executable, "-c", _SMALL, "50000", "sync", str(root), str(there), "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    answer = json.loads(done.stdout)
    assert (done.returncode, answer["runs"]) == (1, 2), done.stderr
    assert len(answer["failed"]) == 2
    store = open_store(there)
    assert {record.ref.id for record in store.list_runs()} == {small.id, run.id}
    store.close()
    assert not list((there / "artifacts").rglob("v1.json"))
    assert sync()["runs"] == 1
    assert (there / "p" / "default" / "runs" / large.id / "status.json").exists()
    assert content(there) == content(root)


def test_of_two_copies_at_once_both_succeed_and_nothing_is_left(root: Path, there: Path) -> None:
    run = logged()
    half = run.dir.with_name(".incoming-killed")
    half.mkdir()
    (half / "meta.json").write_text("{}")  # of a copy into this root that was killed

    class Slow(LocalTree):
        """Another copy brings all of it while this one is about to put the run in its place."""

        def rename(self, old: str, new: str) -> None:
            assert Sync(LocalTree(root), LocalTree(there)).run().runs == 1
            LocalTree(there).write(f"{old}/meta.json", b"{}")  # what this one was still writing
            super().rename(old, new)

    outcome = Sync(LocalTree(root), Slow(there)).run()
    assert (outcome.runs, outcome.failed) == (0, [])
    shutil.rmtree(half)
    assert content(there) == content(root)


def test_what_a_killed_copy_left_is_no_difference_and_goes(root: Path, there: Path, sync: Command) -> None:
    logged()
    sync()
    left = there / "artifacts" / "objects" / ".~1234abcd"
    left.write_bytes(b"half")
    command = [sys.executable, "-m", "runicorn", "manifest", "diff", str(root), str(there)]
    assert subprocess.run(command, capture_output=True, check=False).returncode == 0
    sync()
    assert left.exists(), "somebody may be writing it"
    os.utime(left, (time.time() - 7200,) * 2)
    sync("--dry-run")
    assert left.exists()
    sync()
    assert not left.exists()


class Full(LocalTree):
    """A place where folders can still be made, and no files."""

    def write(self, path: str, data: bytes | BinaryIO, *, modified_at: float | None = None) -> None:
        self.make_folder(path.rpartition("/")[0])
        raise StorageFull("writing", str(self.folder), "no space is left there")


def test_a_place_that_was_full_gets_the_whole_run_the_next_time(root: Path, there: Path, bring: Bring) -> None:
    run = logged()
    folder = there / "p/default/runs" / run.id
    with pytest.raises(StorageFull):
        Sync(LocalTree(root), Full(there)).run()
    assert not folder.exists()  # nothing of it is seen
    (folder / "writers").mkdir(parents=True)  # as an older copy left it
    done = bring()
    assert (done.runs, done.failed) == (1, [])
    assert content(there) == content(root)


def test_places_elsewhere_are_reached_by_their_address(
    root: Path, there: Path, plugin_manager: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Offer:
        @hookimpl
        def register_remote_transports(self) -> list[Transport]:
            return [Folders()]

    logged()
    settle(root)
    monkeypatch.setattr(LocalTree, "parallel", 8)
    plugin_manager.add("acme-folders", Offer())
    tree = remote_transports().open(f"folders://{there}")
    outcome = Sync(LocalTree(root), tree).run()
    assert outcome.complete
    assert content(there) == content(root)


def test_nonsense_is_refused_in_one_sentence(root: Path, tmp_path: Path) -> None:
    logged()
    for places, words in (
        ((str(root), str(root)), "lies in SRC, or SRC in it"),
        ((str(root), str(root / "below")), "lies in SRC, or SRC in it"),
        ((str(tmp_path / "none"), str(tmp_path / "x")), "is no folder"),
        (("nothing://host/x", str(tmp_path / "x")), "is not one that an active plugin opens"),
    ):
        command = [sys.executable, "-m", "runicorn", "sync", *places]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr.count("\n")) == (2, 1), done.stderr
        assert words in done.stderr


@pytest.mark.parametrize("later", [0.0, 0.5])
def test_a_change_within_one_second_is_found_where_places_know_whole_seconds(
    root: Path, there: Path, bring: Bring, later: float
) -> None:
    run = logged()
    settle(root)
    bring()
    ours = run.dir / "meta.json"
    theirs = there / ours.relative_to(root)
    changed = ours.read_bytes().replace(b"0", b"1")
    second = int(time.time()) - 30
    (theirs if later else ours).write_bytes(changed)
    os.utime(ours, (second, second))
    os.utime(theirs, (second + later, second + later))
    outcome = bring()
    assert theirs.read_bytes() == changed
    assert [why for _, why in outcome.kept] == (["is newer there"] if later else [])
