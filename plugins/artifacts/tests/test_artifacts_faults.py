"""Killed commits, several committers, damage, full disks, leftovers: nothing half done is ever seen."""

from __future__ import annotations

import os
import random
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import runicorn as rn
from runicorn.errors import StorageError
from runicorn_artifacts.cleaning import check, collect, statistics
from runicorn_artifacts.errors import ArtifactDamaged, ArtifactNotFound, InvalidArtifact
from runicorn_artifacts.handle import ArtifactVersion
from runicorn_artifacts.manifest import Link
from runicorn_artifacts.opening import open_repository
from runicorn_artifacts.repository import ArtifactRepository

Log = Callable[..., ArtifactVersion]
COMMIT = Path(__file__).parent / "programs" / "commit.py"
OBJECTS = "artifacts/objects"


def blobs(repository: ArtifactRepository) -> list[Path]:
    return [path for path in (repository.root / OBJECTS).rglob("*") if path.is_file()]


def test_a_commit_that_is_killed_leaves_nothing_visible_and_can_be_repeated(
    tmp_path: Path, repository: ArtifactRepository
) -> None:
    file = tmp_path / "model.bin"
    file.write_bytes(os.urandom(48 << 20))
    chance = random.Random(7)
    killed = through = 0
    while killed < 3:
        assert through < 20, "no attempt was slow enough to be killed"
        with subprocess.Popen([sys.executable, str(COMMIT), "net", str(file)], stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            process.stdout.readline()
            time.sleep(chance.uniform(0.01, 0.15))
            process.send_signal(signal.SIGKILL)
            process.wait()
        killed += 1
        for name in list(repository.names()):
            for version in list(
                repository.versions(name)
            ):  # one that got through is whole, and the next begins from nothing
                assert ArtifactVersion(repository, version).verify() == []
                repository.purge(version)
                collect(repository, grace_s=0)
                killed, through = killed - 1, through + 1
        assert not check(repository).findings
    done = subprocess.run([sys.executable, str(COMMIT), "net", str(file)], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["ready", f"v{through + 1}"]
    left = collect(repository, grace_s=0)
    assert all(".tmp-" in key for key in left.removed), "whole blobs were found again by the commit that went through"
    assert ArtifactVersion(repository, repository.find("net")).verify() == []


def test_processes_that_commit_one_name_at_once_get_consecutive_versions(
    tmp_path: Path, repository: ArtifactRepository
) -> None:
    processes = []
    for number in range(6):
        file = tmp_path / f"{number}.bin"
        file.write_bytes(os.urandom(1000))
        command = [sys.executable, str(COMMIT), "net", str(file)]
        processes.append(subprocess.Popen(command, stdout=subprocess.PIPE, text=True))
    said = [process.communicate(timeout=200)[0].split()[-1] for process in processes]
    assert sorted(said) == ["v1", "v2", "v3", "v4", "v5", "v6"]
    assert [v.number for v in repository.versions(repository.find("net").of)] == [1, 2, 3, 4, 5, 6]


def test_damage_is_found_and_never_handed_out(folder: Path, repository: ArtifactRepository, tmp_path: Path) -> None:
    version = rn.log_artifact(rn.Artifact("net").add_dir(folder))
    entry = next(entry for entry in version.files() if entry.path == "large.bin")
    chunk = repository.root / OBJECTS / entry.chunks[3][:2] / entry.chunks[3]
    data = bytearray(chunk.read_bytes())
    data[100] ^= 1
    chunk.chmod(0o644)
    chunk.write_bytes(data)
    assert [(f.path, f.problem) for f in version.verify()] == [("large.bin", "has other content than was committed")]
    with pytest.raises(ArtifactDamaged, match=r"'large.bin' of model/net:v1 is not what was committed"):
        version.download(tmp_path / "out")
    assert not (tmp_path / "out").exists(), "a new folder appears whole or not at all"
    assert [path.name for path in tmp_path.iterdir() if path.name.endswith(".tmp")] == []
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine").touch()
    with pytest.raises(ArtifactDamaged, match=r"'large.bin' of .* is not what was committed, so .*out is incomplete"):
        version.download(tmp_path / "out")
    assert (tmp_path / "out" / "mine").exists()
    assert not (tmp_path / "out" / "large.bin").exists()
    chunk.unlink()
    assert [f.path for f in version.verify()] == ["large.bin"]


def test_a_blob_that_a_power_cut_left_short_is_stored_again(logged: Log, repository: ArtifactRepository) -> None:
    version = logged("the content of a file")
    digest = version.files()[0].digest
    blob = repository.root / OBJECTS / digest[:2] / digest
    blob.chmod(0o644)
    blob.write_bytes(b"")
    logged("the content of a file", name="other")
    assert version.verify() == []


def test_gc_removes_what_nobody_needs_and_nothing_else(logged: Log, repository: ArtifactRepository) -> None:
    first, second, third = logged("one"), logged("two"), logged("three")
    repository.delete(second.record)
    repository.purge(first.record)
    young = collect(repository, grace_s=3600)
    assert (young.removed, young.young) == ((), 2), "a running commit may be about to need them"
    dry = collect(repository, grace_s=0, dry_run=True)
    assert len(dry.removed) == 2  # its file and its manifest
    assert len(blobs(repository)) == 6
    assert collect(repository, grace_s=0).removed == dry.removed
    assert len(blobs(repository)) == 4
    assert (second.verify(), third.verify()) == ([], [])


def test_gc_removes_nothing_while_a_version_cannot_be_read(logged: Log, repository: ArtifactRepository) -> None:
    repository.purge(logged("one").record)
    version = logged("two")
    digest = version.digest
    manifest = repository.root / OBJECTS / digest[:2] / digest
    manifest.unlink()
    before = len(blobs(repository))
    with pytest.raises(ArtifactDamaged):
        collect(repository, grace_s=0)
    assert len(blobs(repository)) == before


def test_gc_goes_on_when_a_version_is_removed_for_good_at_that_moment(
    logged: Log, repository: ArtifactRepository, monkeypatch: pytest.MonkeyPatch
) -> None:
    logged("one")
    kept = logged("two")
    asked = ArtifactRepository.is_purged

    def removed_right_after(self: ArtifactRepository, link: Link) -> bool:
        found = asked(self, link)
        if link.version == 1 and not found:
            other = open_repository(repository.root)
            other.purge(other.version(link.of, 1), force=True)
        return found

    monkeypatch.setattr(ArtifactRepository, "is_purged", removed_right_after)
    assert collect(repository, grace_s=3600).versions == 1
    assert kept.verify() == []


def test_content_is_stored_once(folder: Path, repository: ArtifactRepository) -> None:
    rn.log_artifact(rn.Artifact("a").add_dir(folder))
    before = statistics(repository)
    rn.log_artifact(rn.Artifact("b", "dataset").add_dir(folder))
    with (folder / "large.bin").open("r+b") as file:
        file.seek(5 << 20)
        file.write(b"changed in one place")
    rn.log_artifact(rn.Artifact("a").add_dir(folder))
    after = statistics(repository)
    added = after.stored_bytes - before.stored_bytes
    assert (after.versions, after.artifacts) == (3, 2)
    assert added < 1.1 * (1 << 20), "one chunk and a manifest"
    assert after.stated_bytes > 2.9 * before.stated_bytes


def test_a_file_changed_without_changing_its_size_and_time_is_noticed(tmp_path: Path) -> None:
    file = tmp_path / "w.bin"
    file.write_bytes(b"a" * 100)
    long_ago = time.time() - 1000
    os.utime(file, (long_ago, long_ago))
    assert rn.log_artifact(rn.Artifact("net").add_file(file)).version == "v1"
    file.write_bytes(b"b" * 100)
    os.utime(file, (long_ago, long_ago))
    version = rn.log_artifact(rn.Artifact("net").add_file(file))
    assert version.version == "v2"
    assert version.path("w.bin").read_bytes() == b"b" * 100


def test_a_broken_hash_cache_only_costs_time(folder: Path, runicorn_home: Path) -> None:
    cache = runicorn_home / "cache" / "hashes.sqlite3"
    cache.parent.mkdir(parents=True)
    cache.write_bytes(b"this is no database" * 1000)
    assert rn.log_artifact(rn.Artifact("net").add_dir(folder)).verify() == []
    assert rn.log_artifact(rn.Artifact("net").add_dir(folder)).version == "v1"


def test_a_hash_cache_that_cannot_be_opened_only_costs_time(folder: Path, runicorn_home: Path) -> None:
    (runicorn_home / "cache" / "hashes.sqlite3").mkdir(parents=True)
    with rn.init(project="p", capture_env=False) as run:
        assert run.log_artifact(rn.Artifact("net").add_dir(folder)).verify() == []


def test_removing_for_good_that_was_killed_is_finished_by_gc(logged: Log, repository: ArtifactRepository) -> None:
    logged("one")
    kept = logged("two")
    file = repository.root / "artifacts" / "versions" / "model" / "net" / "v1.json"
    content = file.read_bytes()
    repository.purge(repository.find("net:v1"))
    file.write_bytes(content)  # as if it had been killed before its last step
    assert collect(repository, grace_s=0, dry_run=True).versions == 1
    assert len(collect(repository, grace_s=0).removed) == 2
    assert not file.exists()
    assert kept.verify() == []
    assert logged("three").version == "v3"


def test_what_a_killed_use_left_disturbs_nobody(logged: Log, repository: ArtifactRepository) -> None:
    logged("data", "data", "dataset")
    with rn.init(project="p", capture_env=False) as run:
        run.use_artifact("data")
        artifact = rn.Artifact("model")
        with artifact.new_file("w") as file:
            file.write(b"w")
        run.log_artifact(artifact)
    for place in ("uses", "used-by"):
        (use,) = (repository.root / "artifacts" / place).rglob("*.json")
        (use.parent / ".tmp-1234abcd").write_bytes(use.read_bytes())
    with rn.init(project="p", capture_env=False) as run:
        assert run.use_artifact("model").version == "v1"
    assert len(repository.uses.of(repository.find("data").link)) == 1
    assert len(rn.LineageTracker(repository).of_version(repository.find("data")).nodes) == 4


def test_a_full_disk_leaves_no_version_and_does_not_stop_the_training(folder: Path) -> None:
    with rn.init(project="p", capture_env=False) as run:
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        previous = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        try:
            resource.setrlimit(resource.RLIMIT_FSIZE, (512 << 10, hard))
            assert run.log_artifact(rn.Artifact("net").add_dir(folder)) is None
            with pytest.raises(StorageError):
                rn.log_artifact(rn.Artifact("net").add_dir(folder), storage=run.dir.parents[3])
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
            signal.signal(signal.SIGXFSZ, previous)
        run.log({"loss": 1.0})
        with pytest.raises(ArtifactNotFound):
            rn.use_artifact("net")
        version = run.log_artifact(rn.Artifact("net").add_dir(folder))
    assert version is not None
    assert version.verify() == []
    from runicorn.hooks import open_store

    store = open_store()
    alerts = store.open_run(store.find_runs(run.id)[0].ref).alerts()
    assert [alert["title"] for alert in alerts] == ["artifact model/net could not be stored"]


def test_a_file_that_is_being_written_is_refused_with_a_sentence(tmp_path: Path) -> None:
    import threading

    file, stop = tmp_path / "growing.bin", threading.Event()
    file.write_bytes(b"x" * (9 << 20))

    def grow() -> None:
        while not stop.is_set():
            with file.open("ab") as out:
                out.write(b"y")
            time.sleep(0.001)

    def log_again_and_again() -> None:  # while it is read, the thread may get no turn
        while True:
            rn.log_artifact(rn.Artifact("net").add_file(file))

    thread = threading.Thread(target=grow)
    thread.start()
    try:
        with pytest.raises(InvalidArtifact, match="which is being written"):
            log_again_and_again()
    finally:
        stop.set()
        thread.join()
