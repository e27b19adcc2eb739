"""``runicorn storage migrate`` again, when the source has gone on: what is new comes over, and nothing is lost."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import runicorn as rn
from click.testing import CliRunner, Result
from runicorn.hooks import open_store
from runicorn_storage_duckdb.commands.storage import storage
from runicorn_storage_duckdb.migration import migrate
from runicorn_storage_duckdb.segments.lock import exclusive


def _migrate(*arguments: object) -> Result:
    return CliRunner().invoke(storage, ["migrate", *map(str, arguments)])


def _fingerprint(root: Path) -> dict[str, tuple[int, str]]:
    return {
        str(path): (path.stat().st_mtime_ns, hashlib.sha256(path.read_bytes() if path.is_file() else b"").hexdigest())
        for path in sorted(root.rglob("*"))
    }


def _log(root: Path, first: int, count: int, **more: Any) -> None:
    with rn.init("p", "n", run_id="one", storage=str(root), capture_env=False, capture_system=False, **more) as run:
        for step in range(first, first + count):
            run.log(loss=float(step), step=step)
        run.log_text(f"from {first}")
        run.summary({"last": first + count - 1})


def _kept(root: Path) -> tuple[list[Any], list[str], object]:
    """Values, log lines and summary of the only run."""
    store = open_store(root)
    (record,) = store.list_runs(deleted=None)
    reader = store.open_run(record.ref)
    told = [record.data["loss"] for record in reader.records()], [line.text for line in reader.logs().lines]
    summary = reader.read("summary").get("last")
    store.close()
    return *told, summary


@pytest.mark.parametrize("before", ["migrated", "sealed", "copied"])
def test_what_a_source_has_gained_comes_over_when_it_is_migrated_again(before: str, tmp_path: Path) -> None:
    source, target = tmp_path / "source", tmp_path / "target"
    _log(source, 0, 20)
    if before == "copied":
        shutil.copytree(source, target, copy_function=shutil.copyfile)  # by something that keeps no times
    else:
        assert _migrate(source, target).exit_code == 0
    if before == "sealed":
        assert CliRunner().invoke(storage, ["seal", "--root", str(target)]).exit_code == 0
    assert "brought over before" in _migrate(source, target).output
    _log(source, 20, 100, resume="must")
    rn.ExperimentManager(source).tag("one", ["good"])
    fingerprint = _fingerprint(source)
    dry = _migrate(source, target, "--dry-run")
    assert "1 run would be migrated" in dry.output
    assert len(_kept(target)[0]) == 20
    done = _migrate(source, target)
    assert (done.exit_code, "1 run migrated: 120 points" in done.output) == (0, True), done.output
    assert _fingerprint(source) == fingerprint
    assert _kept(target) == _kept(source) == ([float(n) for n in range(120)], ["from 0", "from 20"], 119)
    assert "brought over before" in _migrate(source, target).output
    with rn.open(target) as runs:
        assert runs.sql("select count(*) as n from metrics")["n"].to_pylist() == [120]


@pytest.mark.parametrize("change", ["tagged", "resumed", "deleted", "given a file"])
def test_a_copy_that_was_changed_here_is_not_replaced(change: str, tmp_path: Path) -> None:
    source, target = tmp_path / "source", tmp_path / "target"
    _log(source, 0, 5)
    assert _migrate(source, target).exit_code == 0
    if change == "tagged":
        rn.ExperimentManager(target).tag("one", ["mine"])
    elif change == "deleted":
        rn.ExperimentManager(target).delete("one")
    elif change == "given a file":
        (target / "p" / "n" / "runs" / "one" / "thoughts.md").write_text("mine", encoding="utf-8")
    else:
        _log(target, 50, 5, resume="must")
    same = _migrate(source, target)
    assert (same.exit_code, "brought over before" in same.output) == (0, True), same.output
    _log(source, 5, 5, resume="must")
    fingerprint = _fingerprint(target)
    for arguments in (["--dry-run"], []):
        refused = _migrate(source, target, *arguments)
        assert refused.exit_code == 1
        assert "it has more in the source, and what is here was changed since it came" in refused.output
        assert _fingerprint(target) == fingerprint


def test_a_copy_that_changes_while_its_source_comes_over_is_not_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, target = tmp_path / "source", tmp_path / "target"
    _log(source, 0, 5)
    assert _migrate(source, target).exit_code == 0
    _log(source, 5, 5, resume="must")

    def tag(folder: Path) -> None:
        rn.ExperimentManager(target).tag("one", ["mine"])

    monkeypatch.setattr(migrate, "flush_folder", tag)  # just before it is put in place
    refused = _migrate(source, target)
    monkeypatch.undo()
    assert refused.exit_code == 1
    assert "it changed here meanwhile; migrate again" in refused.output
    assert len(_kept(target)[0]) == 5
    assert "mine" in (target / "p" / "n" / "runs" / "one" / "user.json").read_text(encoding="utf-8")
    assert not (target / ".migrating").exists()


def test_artifacts_that_came_later_are_brought_over_unless_the_target_has_others(tmp_path: Path) -> None:
    source, target = tmp_path / "source", tmp_path / "target"
    _log(source, 0, 2)

    def release(root: Path, version: int, seconds: int) -> None:
        folder = root / "artifacts" / "model" / "net"
        (folder / f"v{version}").mkdir(parents=True)
        (folder / f"v{version}" / "weights").write_text(f"of {version}")
        (folder / "versions.json").write_text(f'{{"last": {version}}}')
        os.utime(folder / "versions.json", (seconds, seconds))

    release(source, 1, 1000)
    assert "copied as they are: artifacts" in _migrate(source, target).output
    assert "copied" not in _migrate(source, target).output
    release(source, 2, 2000)
    fingerprint = _fingerprint(source)
    assert "copied as they are: artifacts" in _migrate(source, target).output
    assert _fingerprint(source) == fingerprint
    net = target / "artifacts" / "model" / "net"
    assert ((net / "v2" / "weights").read_text(), (net / "versions.json").read_text()) == ("of 2", '{"last": 2}')
    release(target, 3, 3000)
    assert _migrate(source, target).exit_code == 0, "there is nothing new"
    release(source, 4, 4000)
    fingerprint = _fingerprint(target)
    refused = _migrate(source, target)
    assert (refused.exit_code, "artifacts: migrating failed in" in refused.output) == (1, True), refused.output
    assert _fingerprint(target) == fingerprint


@pytest.mark.skipif(sys.platform == "win32", reason="folders cannot be locked there")
def test_two_migrations_into_one_root_do_not_meet(tmp_path: Path) -> None:
    source, target = tmp_path / "source", tmp_path / "target"
    _log(source, 0, 5)
    target.mkdir()
    with exclusive(target):
        refused = _migrate(source, target)
        assert refused.exit_code == 1
        assert "another process is at work in this root; try later" in refused.output
        assert list(target.iterdir()) == []
    assert _migrate(source, target).exit_code == 0


#: Migrates, and is killed before it renames or removes something in the target for the n-th time.
KILLED = """
import os, sys
from pathlib import Path
from runicorn.hooks import open_store
from runicorn_storage_duckdb.migration.migrate import Migration
source, target, at = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
done = 0
def step(event, arguments):
    global done
    if event in ("os.rename", "shutil.rmtree") and str(target) in str(arguments[0]):
        done += 1
        if done == at:
            os.kill(os.getpid(), 9)
sys.addaudithook(step)
store = open_store(source)
migration = Migration(store, target)
for record in store.list_runs(deleted=None):
    migration.run(record)
"""


def test_a_replacement_that_was_killed_leaves_the_old_or_the_new_run(tmp_path: Path) -> None:
    source, older, target = tmp_path / "source", tmp_path / "older", tmp_path / "target"
    _log(source, 0, 3)
    shutil.copytree(source, older)
    _log(source, 3, 3, resume="must")
    done = _kept(source)
    gone = 0
    for at in range(1, 30):
        shutil.rmtree(target, ignore_errors=True)
        shutil.copytree(older, target)
        command = [sys.executable, "-c", KILLED, str(source), str(target), str(at)]
        killed = subprocess.run(command, check=False, capture_output=True, text=True)
        gone += not (target / "p" / "n" / "runs" / "one").exists()
        assert _migrate(source, target).exit_code == 0
        assert _kept(target) == done
        assert not (target / ".migrating").exists()
        if killed.returncode == 0:
            break
        assert (killed.returncode, killed.stderr) == (-9, "")
    else:
        pytest.fail("it never came to its end")
    assert gone, "also between the two renames"
