"""Folders of Runicorn 0.5 and 0.7: read as they are, without changing a byte."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
import runicorn as rn
from runicorn.errors import InvalidArgument, UnsafePath
from runicorn.hooks import Selection, export_to_file, open_store
from runicorn.managing import ImportRequest, import_runs
from runicorn_artifacts.lineage import LineageTracker
from runicorn_artifacts.names import Name
from runicorn_artifacts.repository import ArtifactRepository


def write(folder: Path, number: int, content: bytes, **more: Any) -> None:
    version = folder / f"v{number}"
    (version / "files" / "sub").mkdir(parents=True)
    (version / "files" / "sub" / "w.bin").write_bytes(content)
    digest = f"sha256:{hashlib.sha256(content).hexdigest()}"
    metadata = {
        "name": folder.name,
        "type": "model",
        "version": number,
        "created_at": 1700000000.0 + number,
        "created_by_run": "20250101_000000_abcdef",
        "created_by_user": "ada",
        "size_bytes": 10**12,
        "num_files": 1,
        "num_references": 1,
        "status": "ready",
        "metadata": {"lr": 0.1},
        "description": "an older one",
        "tags": ["old"],
        "aliases": [],
        "manifest_digest": "abc",
        **more,
    }
    (version / "metadata.json").write_text(json.dumps(metadata), encoding="utf-8")
    manifest = {
        "files": [{"path": "sub/w.bin", "size": len(content), "digest": digest, "modified_at": 1.0}],
        "references": [{"uri": "s3://b/x", "checksum": None, "size": 10**12, "metadata": {}}],
        "total_size": 10**12,
    }
    (version / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")


@pytest.fixture
def older(repository: ArtifactRepository) -> Path:
    base = repository.root / "artifacts"
    net = base / "ArtifactType.MODEL" / "net"
    write(net, 1, b"one")
    promoted = {
        "lifecycle_stage": "production",
        "lifecycle_updated_at": 1700000100.0,
        "stage_transitions": [{"from_stage": "staging", "to_stage": "production", "timestamp": 17.0, "notes": "ok"}],
        "evaluations": [{"metrics": {"acc": 0.9}}],
    }
    write(net, 2, b"two", **promoted)
    write(net, 3, b"three")
    (net / "v3" / ".deleted").write_text(json.dumps({"deleted_at": 1700000200.0}), encoding="utf-8")
    (net / "versions.json").write_text(json.dumps({"aliases": {"best": 1, "latest": 2}}), encoding="utf-8")
    data = base / "dataset" / "torn"
    write(data, 1, b"data")
    (data / "versions.json").write_text('{"aliases": {"la', encoding="utf-8")
    (data / "v2").mkdir()
    (data / "v2" / "metadata.json").write_text("", encoding="utf-8")
    (base / ".dedup" / "ab").mkdir(parents=True)
    return base


def content(base: Path) -> dict[str, bytes]:
    return {path.as_posix(): path.read_bytes() for path in base.rglob("*") if path.is_file()}


def test_they_are_listed_read_and_verified(older: Path, repository: ArtifactRepository) -> None:
    before = content(older)
    assert [str(name) for name in repository.names()] == ["dataset/torn", "model/net"]
    best = rn.use_artifact("net:best")
    assert (best.version, best.aliases, best.description, best.tags) == ("v1", ("best",), "an older one", ("old",))
    assert best.path("sub/w.bin").read_bytes() == b"one"
    production = rn.use_artifact("net:production")
    assert (production.version, production.aliases, production.size) == ("v2", ("latest",), 3)
    assert production.record.state.evaluations == ({"metrics": {"acc": 0.9}},)
    assert production.verify() == []
    assert rn.use_artifact("model/net:v3").record.deleted
    assert rn.use_artifact("torn:v1").path("sub/w.bin").read_bytes() == b"data"
    assert rn.use_artifact("torn").files() == ()
    assert rn.LineageTracker(repository).of_version(best.record).edges
    assert content(older) == before


def test_todays_versions_go_on_after_them_and_changes_leave_their_files_alone(
    older: Path, repository: ArtifactRepository
) -> None:
    before = content(older)
    version = rn.use_artifact("net:v1").alias("golden").promote("archived")
    assert (version.aliases, version.stage) == (("best", "golden"), "archived")
    new = rn.log_artifact(rn.Artifact("net").add_file(older / "ArtifactType.MODEL/net/v1/metadata.json"))
    assert new.version == "v4"
    repository.delete(rn.use_artifact("net:v1").record)
    assert [v.number for v in repository.versions(new.record.of)] == [2, 4]
    with pytest.raises(InvalidArgument, match="whose folders are only read"):
        repository.purge(repository.find("net:v1"))
    now = content(older)
    assert {name: now[name] for name in before} == before
    assert LineageTracker(repository)


def test_a_file_that_its_manifest_puts_outside_is_not_read(older: Path, repository: ArtifactRepository) -> None:
    (repository.root / "secret").write_text("secret", encoding="utf-8")
    manifest = older / "ArtifactType.MODEL/net/v1/manifest.json"
    files = [{"path": "../../../../../secret", "size": 6, "digest": ""}]
    manifest.write_text(json.dumps({"files": files}), encoding="utf-8")
    version = rn.use_artifact("net:v1")
    assert [finding.problem for finding in version.verify()] == ["is missing"]
    with pytest.raises(UnsafePath):
        version.download()


def test_a_draft_of_an_older_version_holds_its_files(older: Path) -> None:
    before = content(older)
    draft = rn.use_artifact("net:best").draft()
    with draft.new_file("more.txt") as file:
        file.write(b"more")
    version = rn.log_artifact(draft)
    assert [entry.path for entry in version.files()] == ["more.txt", "sub/w.bin"]
    assert version.path("sub/w.bin").read_bytes() == b"one"
    assert [reference.uri for reference in version.references] == ["s3://b/x"]
    assert {path: data for path, data in content(older).items() if path in before} == before


def test_archives_hold_them_in_todays_form(older: Path, repository: ArtifactRepository, tmp_path: Path) -> None:
    folder = repository.root / "p" / "default" / "runs" / "20250101_000000_abcdef"
    folder.mkdir(parents=True)
    meta = {"id": folder.name, "project": "p", "name": "default", "created_at": 1700000000.0}
    (folder / "meta.json").write_text(json.dumps(meta), encoding="utf-8")
    (folder / "status.json").write_text('{"status": "finished"}', encoding="utf-8")
    made = [{"name": "net", "type": "model", "version": number} for number in (1, 2, 3)]
    (folder / "artifacts_created.json").write_text(json.dumps({"artifacts": made}), encoding="utf-8")
    repository.set_alias(repository.find("net:v1"), "since")
    before = content(older)
    store, there = open_store(), open_store(tmp_path / "there")
    export_to_file("archive", Selection(store, [record.ref for record in store.list_runs()]), tmp_path / "a.zip", {})
    request = ImportRequest(tmp_path / "a.zip")
    assert [outcome.became for outcome in import_runs(there, request)] == ["added", "added"]
    brought = rn.open_artifacts(there.root)
    for number in (1, 2, 3):
        old, new = (each.version(Name("model", "net"), number) for each in (repository, brought))
        ours, theirs = old.document(), new.document()
        other = {name for name in ours if ours[name] != theirs[name]}
        assert other <= {"digest", "format", "transitions", "evaluations", "deleted_at"}
        assert (new.deleted, len(new.state.transitions)) == (old.deleted, len(old.state.transitions))
        scores = [[each["metrics"] for each in version.state.evaluations] for version in (old, new)]
        assert scores[0] == scores[1]
    assert rn.use_artifact("net:production", storage=there.root).path("sub/w.bin").read_bytes() == b"two"
    assert rn.use_artifact("net:since", storage=there.root).version == "v1"
    assert next(iter(import_runs(store, request))).became == "there", "what is here already stays as it is"
    now = content(older)
    assert {path: now[path] for path in before} == before
    assert now.keys() == before.keys(), "no content that is nobody's"
    store.close()
    there.close()
