"""Versions, aliases, stages, deletion: what a program sees of them."""

from __future__ import annotations

import errno
import os
import pickle
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import runicorn as rn
from runicorn.errors import InvalidArgument, UnsafePath
from runicorn.serialize import read_object
from runicorn_artifacts.errors import AmbiguousArtifact, ArtifactInUse, ArtifactNotFound, InvalidArtifact
from runicorn_artifacts.handle import ArtifactVersion
from runicorn_artifacts.repository import ArtifactRepository

Log = Callable[..., ArtifactVersion]


def test_the_first_version_is_v1_and_the_next_v2(logged: Log) -> None:
    assert [logged(text).version for text in ("one", "two", "three")] == ["v1", "v2", "v3"]


def test_equal_content_gives_the_latest_version_back_with_the_new_aliases(logged: Log) -> None:
    first = logged("same", aliases=("a",))
    again = logged("same", aliases=("b",))
    assert (again.version, again.aliases) == ("v1", ("latest", "a", "b"))
    assert again.digest == first.digest


def test_going_back_to_older_content_is_a_new_version(logged: Log) -> None:
    assert [logged(text).version for text in ("one", "two", "one")] == ["v1", "v2", "v3"]


def test_metadata_given_with_equal_content_replaces_the_old(folder: Path) -> None:
    rn.log_artifact(rn.Artifact("net", metadata={"lr": 1}).add_dir(folder))
    again = rn.log_artifact(rn.Artifact("net", metadata={"lr": 2}, description="d").add_dir(folder))
    assert (again.version, again.metadata, again.description) == ("v1", {"lr": 2}, "d")
    assert rn.use_artifact("net").metadata == {"lr": 2}


def test_what_goes_in_comes_out(folder: Path, tmp_path: Path) -> None:
    (folder / "small.txt").chmod(0o755)
    version = rn.log_artifact(rn.Artifact("net").add_dir(folder))
    target = version.download(tmp_path / "out")
    found = {p.relative_to(target).as_posix(): p for p in target.rglob("*") if p.is_file() and p.name[0] != "."}
    assert set(found) == {"small.txt", "sub/名字 1.txt", "large.bin"}
    for name, path in found.items():
        assert path.read_bytes() == (folder / name).read_bytes()
    assert found["small.txt"].stat().st_mode & 0o100
    with version.open("large.bin") as file:
        file.seek(-3, 2)
        assert file.read() == b"end"
        file.seek((1 << 20) - 2)
        assert file.read(4) == bytes([254, 255, 0, 1])


def test_changing_a_download_never_changes_the_store(logged: Log) -> None:
    version = logged("original")
    path = version.path("content.txt")
    path.write_text("spoilt", encoding="utf-8")
    assert version.verify() == []
    assert version.path("content.txt").read_text(encoding="utf-8") == "original"


def test_one_file_is_fetched_alone(folder: Path) -> None:
    version = rn.log_artifact(rn.Artifact("net").add_dir(folder))
    path = version.path("sub/名字 1.txt")
    assert path.read_text(encoding="utf-8") == "文"
    assert not (path.parents[1] / "large.bin").exists()


@pytest.mark.parametrize(
    ("asked", "version"),
    [("net", 3), ("net:latest", 3), ("net:v1", 1), ("net:best", 2), ("model/net:best", 2), ("net:production", 1)],
)
def test_a_version_is_named_in_every_way(logged: Log, asked: str, version: int) -> None:
    logged("one").promote("production")
    logged("two", aliases=("best",))
    logged("three")
    assert rn.use_artifact(asked).number == version


def test_a_name_in_two_types_must_say_which(logged: Log) -> None:
    logged("a", type="model")
    logged("b", type="dataset")
    with pytest.raises(AmbiguousArtifact, match="say which: dataset/net, model/net"):
        rn.use_artifact("net")
    assert rn.use_artifact("dataset/net").type == "dataset"


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ("nets", "did you mean 'net'?"),
        ("other", "see: runicorn artifacts list"),
        ("net:v9", "it has no version 9"),
        ("net:worst", r"it has no alias 'worst' \(it has: best, latest\)"),
        ("net:staging", "no version of it is in stage staging"),
    ],
)
def test_what_is_not_there_is_said_with_a_hint(logged: Log, asked: str, words: str) -> None:
    logged("a", aliases=("best",))
    with pytest.raises(ArtifactNotFound, match=words):
        rn.use_artifact(asked)


@pytest.mark.parametrize("asked", ["", ":v1", "net:", "a/b/c", "/net"])
def test_what_is_no_name_is_refused(asked: str) -> None:
    with pytest.raises(InvalidArgument, match="must look like"):
        rn.use_artifact(asked)


def test_an_alias_moves_and_its_history_stays(logged: Log, repository: ArtifactRepository) -> None:
    logged("one", aliases=("best",))
    second = logged("two", aliases=("best",))
    assert rn.use_artifact("net:best").number == 2
    assert [v.aliases for v in repository.versions(second.record.of)] == [(), ("latest", "best")]
    moves = [(e.kind, e.version, e.data["alias"]) for e in repository.history(second.record.of)]
    assert moves == [("alias", 1, "best"), ("alias", 2, "best")]


@pytest.mark.parametrize("alias", ["v3", "latest", "production", "a:b", "../x", ""])
def test_names_that_resolve_by_themselves_are_no_aliases(logged: Log, alias: str) -> None:
    with pytest.raises(UnsafePath):
        logged("a", aliases=(alias,))


def test_a_models_life_is_kept(logged: Log, repository: ArtifactRepository) -> None:
    version = logged("one")
    for stage in ("experimental", "staging", "production", "staging", "archived"):
        version.promote(stage, f"to {stage}")
    state = repository.find("net").state
    assert state.stage == "archived"
    assert [(t["from"], t["to"]) for t in state.transitions] == [
        (None, "experimental"),
        ("experimental", "staging"),
        ("staging", "production"),
        ("production", "staging"),
        ("staging", "archived"),
    ]
    with pytest.raises(InvalidArgument, match="is where model/net:v1 is already"):
        version.promote("archived")
    version.evaluate({"acc": 0.9}, "test")
    assert repository.find("net").state.evaluations[0]["metrics"] == {"acc": 0.9}
    assert rn.use_artifact("net").files(), "a promoted version stays readable"


def test_the_version_that_came_to_production_last_is_production(logged: Log) -> None:
    first, second = logged("one"), logged("two")
    second.promote("production")
    first.promote("production")
    assert rn.use_artifact("net:production").number == 1
    first.promote("archived")
    assert rn.use_artifact("net:production").number == 2


def test_a_deleted_version_is_found_by_number_and_comes_back(logged: Log, repository: ArtifactRepository) -> None:
    logged("one")
    second = logged("two")
    repository.delete(second.record)
    assert rn.use_artifact("net").number == 1
    assert rn.use_artifact("net:v2").record.deleted
    repository.restore(second.record)
    assert rn.use_artifact("net").number == 2


def test_after_removing_a_version_for_good_the_name_goes_on(logged: Log, repository: ArtifactRepository) -> None:
    logged("one")
    repository.purge(logged("two").record)
    with pytest.raises(ArtifactNotFound, match="it has no version 2"):
        rn.use_artifact("net:v2")
    assert logged("two").version == "v3", "a number is never given twice"
    assert rn.use_artifact("net:v3").path("content.txt").read_text(encoding="utf-8") == "two"


def test_what_something_depends_on_is_not_deleted_by_accident(logged: Log, repository: ArtifactRepository) -> None:
    logged("data", name="data", type="dataset")
    with rn.init(project="p", capture_env=False) as run:
        used = run.use_artifact("data")
    for act in (repository.delete, repository.purge):
        with pytest.raises(ArtifactInUse, match=f"dataset/data:v1 is used by run p/default/{run.id}") as caught:
            act(used.record)
        assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)
    logged("model").promote("production")
    with pytest.raises(ArtifactInUse, match="stage production"):
        repository.delete(repository.find("net"))
    repository.purge(used.record, force=True)


def test_a_run_knows_what_it_created_and_used(logged: Log) -> None:
    logged("data", name="data", type="dataset")
    with rn.init(project="p", capture_env=False) as run:
        run.use_artifact("data:latest")
        run.use_artifact("data:v1")
        with rn.Artifact("net").new_file("w") as file:
            file.write(b"weights")
        artifact = rn.Artifact("net")
        with artifact.new_file("w") as file:
            file.write(b"weights")
        version = run.log_artifact(artifact)
        assert version is not None
        assert [str(parent) for parent in version.record.record.parents] == ["dataset/data:v1"]
    noted = read_object(run.dir / "artifacts.json")
    assert [(e["type"], e["name"], e["version"]) for e in noted["used"]] == [("dataset", "data", 1)]
    assert [(e["type"], e["name"], e["version"]) for e in noted["created"]] == [("model", "net", 1)]


def test_a_resumed_run_still_knows_what_it_used(logged: Log) -> None:
    logged("data", name="data", type="dataset")
    with rn.init(project="p", capture_env=False) as run:
        run.use_artifact("data")
    with rn.init(project="p", run_id=run.id, resume="must", capture_env=False) as again:
        artifact = rn.Artifact("net").add_reference("s3://bucket/x")
        version = again.log_artifact(artifact)
    assert [str(parent) for parent in version.record.record.parents] == ["dataset/data:v1"]
    assert len(read_object(run.dir / "artifacts.json")["used"]) == 1


def test_a_draft_of_a_version_adds_to_it_without_copying(folder: Path, repository: ArtifactRepository) -> None:
    first = rn.log_artifact(rn.Artifact("net", metadata={"a": 1}).add_dir(folder).add_reference("s3://b/x"))
    draft = first.draft()
    with draft.new_file("more.txt") as file:
        file.write(b"more")
    second = rn.log_artifact(draft)
    assert second.version == "v2"
    assert {f.path for f in second.files()} == {f.path for f in first.files()} | {"more.txt"}
    assert ([r.uri for r in second.references], second.metadata) == (["s3://b/x"], {"a": 1})
    assert second.verify() == []


def test_a_draft_is_only_logged_where_its_files_are(folder: Path, tmp_path: Path) -> None:
    version = rn.log_artifact(rn.Artifact("net").add_dir(folder))
    with pytest.raises(InvalidArtifact, match="content is not in this store; download it"):
        rn.log_artifact(version.draft(), storage=tmp_path / "elsewhere")
    with pytest.raises(InvalidArtifact, match="cannot hold both"):
        version.draft().add_file(folder / "small.txt", "sub")
    assert not list((tmp_path / "elsewhere").rglob("v1.json"))


def test_files_that_are_written_side_by_side_are_not_mixed() -> None:
    artifact = rn.Artifact("net")
    with artifact.new_file("a") as first, artifact.new_file("b") as second:
        first.write(b"first")
        second.write(b"2")
    version = rn.log_artifact(artifact)
    assert [version.path(name).read_bytes() for name in ("a", "b")] == [b"first", b"2"]


def test_a_folder_that_was_downloaded_is_the_same_artifact(folder: Path, tmp_path: Path) -> None:
    version = rn.log_artifact(rn.Artifact("net").add_dir(folder))
    again = rn.log_artifact(rn.Artifact("net").add_dir(version.download(tmp_path / "out")))
    assert (again.version, again.digest) == (version.version, version.digest)


def test_a_committed_version_cannot_be_changed(folder: Path) -> None:
    version = rn.log_artifact(rn.Artifact("net").add_dir(folder))
    with pytest.raises(InvalidArtifact, match="is committed as v1 and cannot change"):
        version.add_file(folder / "small.txt", "x")
    with pytest.raises(InvalidArtifact, match="is committed as v1 and cannot change"):
        version.add_reference("s3://a/b")
    with pytest.raises(InvalidArtifact, match=r"use version.alias\(...\)"):
        rn.log_artifact(version)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda d: rn.Artifact("net").add_file(d / "absent"), "which does not exist"),
        (lambda d: rn.Artifact("net").add_file(d), "is a folder; use add_dir"),
        (lambda d: rn.Artifact("net").add_dir(d / "small.txt"), "which is no folder"),
        (lambda d: rn.Artifact("net").add_dir(d, ignore=["*"]), "finds no file"),
        (lambda d: rn.Artifact("net").add_reference("just/a/path"), "which is no address"),
        (lambda d: rn.Artifact("net").add_reference("https://me:secret@host/x"), "that holds a password"),
        (lambda d: rn.Artifact("net", metadata={"x": object()}), "has metadata that is no JSON"),
        (lambda d: rn.log_artifact(rn.Artifact("net")), "holds nothing"),
        (lambda d: rn.Artifact("net").add_file(d / "small.txt", "a").add_file(d / "large.bin", "a"), "already"),
        (lambda d: rn.Artifact("net").add_file(d / "small.txt", "a").add_file(d / "large.bin", "a/b"), "hold both"),
    ],
)
def test_what_cannot_be_an_artifact_is_said_at_once(folder: Path, make: Callable[[Path], object], words: str) -> None:
    with pytest.raises(InvalidArtifact, match=words):
        make(folder)


@pytest.mark.parametrize("name", ["/abs", "../x", "a/../../b", "a//b", "C:/x", "a\\b", ".", "nul\x00"])
def test_no_file_leaves_the_artifact(folder: Path, name: str) -> None:
    with pytest.raises(UnsafePath):
        rn.Artifact("net").add_file(folder / "small.txt", name)


@pytest.mark.parametrize(("name", "kind"), [("../x", "model"), ("x", "../y"), ("a/b", "model"), ("x", ".hidden")])
def test_no_name_or_type_leaves_the_root(name: str, kind: str) -> None:
    with pytest.raises(UnsafePath):
        rn.Artifact(name, kind)


def test_patterns_leave_files_out(tmp_path: Path) -> None:
    base = tmp_path / "code"
    for name in ("a.py", "b.tmp", "raw/c.bin", "raw/d.txt", "__pycache__/a.pyc", "deep/raw/e.bin"):
        (base / name).parent.mkdir(parents=True, exist_ok=True)
        (base / name).write_text("x", encoding="utf-8")
    paths = [s.path for s in rn.Artifact("code").add_dir(base, ignore=["*.tmp", "raw/*.bin", "__pycache__/"]).sources]
    assert sorted(paths) == ["a.py", "deep/raw/e.bin", "raw/d.txt"]
    assert [s.path for s in rn.Artifact("code").add_dir(base, "src").sources if "pycache" in s.path] == []


def test_the_type_may_be_an_enumeration(logged: Log) -> None:
    from enum import Enum

    class ArtifactType(Enum):
        MODEL = "model"

    assert rn.Artifact("net", ArtifactType.MODEL).type == "model"


@pytest.mark.skipif(sys.platform == "win32", reason="links need a right there")
def test_a_folder_is_added_with_what_its_links_lead_to_and_what_is_left_out_is_said(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    data, elsewhere = tmp_path / "data", tmp_path / "elsewhere"
    (data / "sub").mkdir(parents=True)
    (elsewhere / "deep").mkdir(parents=True)
    (data / "a.txt").write_text("a")
    (elsewhere / "deep" / "b.txt").write_text("b")
    (data / "sub" / "linked").symlink_to(elsewhere)
    (data / "sub" / "up").symlink_to(data)
    (data / "sub" / "beyond").symlink_to(Path("..", ".."))
    (elsewhere / "deep" / "self").symlink_to(elsewhere)
    (data / "file").symlink_to(elsewhere / "deep" / "b.txt")
    (data / "gone").symlink_to(tmp_path / "nothing")
    (data / "round").symlink_to(data / "round")
    os.mkfifo(data / "pipe")
    version = rn.log_artifact(rn.Artifact("data", type="dataset").add_dir(data, ignore=["pipe"]))
    assert [file.path for file in version.files()] == ["a.txt", "file", "sub/linked/deep/b.txt"]
    (said,) = [record.getMessage() for record in caplog.records if "lacks" in record.getMessage()]
    assert "artifact 'data' lacks 'gone' and 1 more of" in said


def test_a_folder_that_may_not_be_read_is_no_folder_without_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "data" / "secret").mkdir(parents=True)
    (tmp_path / "data" / "a").write_text("a")
    listed = os.scandir

    def refused(path: Path) -> Any:  # tests may run as root, who may read everything
        if path.name == "secret":
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return listed(path)

    monkeypatch.setattr(os, "scandir", refused)
    with pytest.raises(InvalidArtifact, match=r"cannot read .*secret: Permission denied"):
        rn.Artifact("data").add_dir(tmp_path / "data")


def test_a_version_of_another_root_is_not_taken_for_one_of_this(folder: Path, tmp_path: Path) -> None:
    version = rn.log_artifact(rn.Artifact("net").add_dir(folder), storage=tmp_path / "elsewhere")
    assert version is not None
    with rn.init(project="p") as run:
        with pytest.raises(ArtifactNotFound, match="is not among the artifacts of the run"):
            run.use_artifact(version)
        other = rn.Artifact("net")
        with other.new_file("x") as file:
            file.write(b"another one")
        assert str(run.log_artifact(other).record) == str(version.record)
        with pytest.raises(ArtifactNotFound, match="is not among the artifacts of the run"):
            run.use_artifact(version)
    assert not (run.dir / "artifacts.json").read_text().count('used": [\n    {')
    same = rn.log_artifact(rn.Artifact("net").add_dir(folder))
    with rn.init(project="p") as run:
        assert run.use_artifact(same).files() == version.files()
