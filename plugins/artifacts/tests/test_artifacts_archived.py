"""Artifacts go into an archive with the runs that made and used them, and come back."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
import runicorn as rn
from runicorn.contracts import Store
from runicorn.hooks import Selection, export_to_file, open_store
from runicorn.managing import Imported, ImportRequest, import_runs
from runicorn_artifacts.errors import ArtifactDamaged
from runicorn_artifacts.names import Name
from runicorn_artifacts.opening import open_repository


@pytest.fixture
def runs(tmp_path: Path) -> None:
    """One run makes a dataset and a model of large and small files; another uses the model."""
    data = tmp_path / "data"
    (data / "inner").mkdir(parents=True)
    (data / "inner" / "标签 1.txt").write_text("0 1 2", encoding="utf-8")
    (data / "large.bin").write_bytes(bytes(range(256)) * (9 << 12))  # in chunks
    with rn.init(project="p", run_id="maker", capture_env=False) as run:
        run.log({"loss": 0.5})
        for number in (1, 2):
            (data / "version.txt").write_text(str(number))
            artifact = rn.Artifact("digits", type="dataset", metadata={"number": number})
            artifact.add_dir(data)
            artifact.add_reference("s3://bucket/raw", size=5)
            run.log_artifact(artifact, aliases=["best"] if number == 1 else [])
    with rn.init(project="p", run_id="user", capture_env=False) as run:
        run.use_artifact("digits:best")
    with rn.init(project="p", run_id="other", capture_env=False) as run:
        other = rn.Artifact("secret", type="model")
        with other.new_file("x") as file:
            file.write(b"not theirs")
        run.log_artifact(other)
    open_repository().promote(open_repository().find("digits:v1"), "staging", "good")


@pytest.fixture
def archive(runs: None, tmp_path: Path) -> Path:
    store = open_store()
    refs = [record.ref for record in store.list_runs() if record.ref.id != "other"]
    export_to_file("archive", Selection(store, refs), tmp_path / "runs.zip", {})
    store.close()
    return tmp_path / "runs.zip"


@pytest.fixture
def target(tmp_path: Path) -> Iterator[Store]:
    store = open_store(tmp_path / "elsewhere")
    yield store
    store.close()


def bring(store: Store, path: Path, **how: Any) -> tuple[Imported, list[Imported]]:
    part, *rest = import_runs(store, ImportRequest(path, **how))
    assert part.part == "artifacts"
    return part, rest


def test_hook_register_archive_parts_brings_versions_with_everything(archive: Path, target: Store) -> None:
    part, rest = bring(target, archive)
    assert (part.became, part.told) == ("added", ())
    assert {outcome.became for outcome in rest} == {"added"}
    here, there = open_repository(), open_repository(target.root)
    assert there.names() == [Name("dataset", "digits")]  # nothing of the run that stayed
    for number in (1, 2):
        name = Name("dataset", "digits")
        old, new = here.version(name, number), there.version(name, number)
        assert new.record == old.record
        assert (new.aliases, new.state.stage) == (old.aliases, old.state.stage)
        for entry in there.manifest(new).files:
            with there.open(new, entry) as file:
                assert sha256(file.read()).hexdigest() == entry.digest
    assert [str(use.run) for use in there.uses.of(there.find("digits:best").link)] == ["p/default/user"]
    again, _ = bring(target, archive)
    assert again.became == "there"


def test_a_preview_reads_all_and_places_nothing(archive: Path, target: Store) -> None:
    part, _ = bring(target, archive, preview=True)
    assert part.bytes > 1 << 20  # equal chunks are there once
    assert not (target.root / "artifacts").exists()


def test_an_unpacked_archive_has_them_in_their_place(archive: Path, tmp_path: Path) -> None:
    zipfile.ZipFile(archive).extractall(tmp_path / "unpacked")
    version = open_repository(tmp_path / "unpacked").find("digits:best")
    assert version.number == 1


def test_without_parts_only_the_runs_go(runs: None, tmp_path: Path) -> None:
    store = open_store()
    selection = Selection(store, [record.ref for record in store.list_runs()])
    export_to_file("archive", selection, tmp_path / "bare.zip", {"parts": "false"})
    store.close()
    assert not [name for name in zipfile.ZipFile(tmp_path / "bare.zip").namelist() if name.startswith("artifacts/")]


def test_content_that_is_gone_is_said_and_no_archive_is_made(runs: None, tmp_path: Path) -> None:
    repository = open_repository()
    manifest = repository.manifest(repository.find("digits:v1"))
    blob = manifest.files[0].blobs[0]
    (repository.root / "artifacts" / "objects" / blob[:2] / blob).unlink()
    store = open_store()
    selection = Selection(store, [record.ref for record in store.list_runs()])
    with pytest.raises(ArtifactDamaged, match=f"{blob}' of the artifacts is not in the store; see: runicorn"):
        export_to_file("archive", selection, tmp_path / "bare.zip", {})
    store.close()
    assert not (tmp_path / "bare.zip").exists()


def test_a_number_that_another_version_has_is_told(archive: Path, target: Store) -> None:
    mine = rn.Artifact("digits", type="dataset")
    with mine.new_file("mine.txt") as file:
        file.write(b"mine")
    rn.log_artifact(mine, ["best"], storage=target.root)
    part, _ = bring(target, archive)
    assert part.told == ("dataset/digits:v1 is another version here; the archive's is dataset/digits:v3",)
    there = open_repository(target.root)
    assert [version.number for version in there.versions(Name("dataset", "digits"))] == [1, 2, 3]
    assert there.find("digits:best").number == 1  # who has an alias keeps it
    with there.open(there.find("digits:v1"), there.manifest(there.find("digits:v1")).files[0]) as content:
        assert content.read() == b"mine"
    part, _ = bring(target, archive)
    assert part.became == "there"
    assert len(there.versions(Name("dataset", "digits"))) == 3


def test_a_version_that_gets_another_number_keeps_its_aliases_and_uses(archive: Path, target: Store) -> None:
    mine = rn.Artifact("digits", type="dataset")
    with mine.new_file("mine.txt") as file:
        file.write(b"mine")
    rn.log_artifact(mine, storage=target.root)
    bring(target, archive)
    there = open_repository(target.root)
    found = there.find("digits:best")
    assert (found.number, found.record.metadata, found.state.stage) == (3, {"number": 1}, "staging")
    assert [len(there.uses.of(there.find(f"digits:v{number}").link)) for number in (1, 2, 3)] == [0, 0, 1]
    assert there.find("digits:v1").state.stage is None


def test_what_happened_to_versions_that_stayed_behind_happens_to_no_other(archive: Path, target: Store) -> None:
    here = open_repository()
    here.set_alias(here.find("digits:v2"), "newest")
    here.delete(here.find("digits:v2"), force=True)
    store = open_store()
    selection = Selection(store, [record.ref for record in store.list_runs() if record.ref.id == "user"])
    export_to_file("archive", selection, archive.with_name("one.zip"), {})  # it used v1
    store.close()
    bring(target, archive.with_name("one.zip"))
    mine = rn.Artifact("digits", type="dataset")
    with mine.new_file("mine.txt") as file:
        file.write(b"mine")
    version = rn.log_artifact(mine, storage=target.root)
    assert (version.version, version.aliases) == ("v2", ("latest",))
    assert open_repository(target.root).find("digits").number == 2


def test_a_number_whose_version_was_removed_for_good_is_not_given_again(archive: Path, target: Store) -> None:
    bring(target, archive)
    there = open_repository(target.root)
    there.purge(there.find("digits:v2"))
    part, _ = bring(target, archive)
    assert part.told == ("dataset/digits:v2 was removed for good here; the archive's is dataset/digits:v3",)
    assert open_repository(target.root).find("digits").record.metadata == {"number": 2}


def rewritten(path: Path, change: Callable[[dict[str, bytes]], None]) -> Path:
    """An archive whose files somebody has changed, and whose hashes fit all the same."""
    with zipfile.ZipFile(path) as zipped:
        content = {info.filename: zipped.read(info) for info in zipped.infolist()}
    manifest = json.loads(content.pop("runicorn-archive.json"))
    change(content)
    manifest["parts"][0]["files"] = [
        {"path": name.removeprefix("artifacts/"), "size": len(data), "sha256": sha256(data).hexdigest()}
        for name, data in content.items()
        if name.startswith("artifacts/")
    ]
    with zipfile.ZipFile(path.with_name("changed.zip"), "w") as zipped:
        zipped.writestr("runicorn-archive.json", json.dumps(manifest))
        for name, data in content.items():
            zipped.writestr(name, data)
    return path.with_name("changed.zip")


def swap_content(content: dict[str, bytes]) -> None:
    key = next(key for key in content if "/objects/" in key and content[key] == b"0 1 2")
    content[key] = b"evil!"


def drop_content(content: dict[str, bytes]) -> None:
    del content[next(key for key in content if "/objects/" in key and content[key] == b"0 1 2")]


def move_version(content: dict[str, bytes]) -> None:
    key = "artifacts/versions/dataset/digits/v1.json"
    content["artifacts/versions/dataset/other/v1.json"] = content.pop(key)


def no_version(content: dict[str, bytes]) -> None:
    content["artifacts/versions/dataset/digits/v1.json"] = b"[]"


@pytest.mark.parametrize("change", [swap_content, drop_content, move_version, no_version])
def test_what_is_not_what_it_says_is_refused_and_the_runs_come(
    archive: Path, target: Store, change: Callable[[dict[str, bytes]], None]
) -> None:
    changed = rewritten(archive, change)
    files = [(name, data) for name, data in zip_content(changed) if name.startswith("artifacts/")]
    changed = in_order(changed, files)
    part, rest = bring(target, changed)
    assert part.became == "failed"
    assert part.reason
    assert {outcome.became for outcome in rest} == {"added"}


def zip_content(path: Path) -> list[tuple[str, bytes]]:
    with zipfile.ZipFile(path) as zipped:
        return [(info.filename, zipped.read(info)) for info in zipped.infolist()]


def in_order(path: Path, first: list[tuple[str, bytes]]) -> Path:
    """The same archive with the parts before the runs."""
    content = zip_content(path)
    rest = [pair for pair in content[1:] if pair not in first]
    with zipfile.ZipFile(path, "w") as zipped:
        for name, data in [content[0], *first, *rest]:
            zipped.writestr(name, data)
    return path


def test_a_part_that_no_plugin_knows_is_left_where_it_is(archive: Path, target: Store) -> None:
    def rename(manifest: bytes) -> bytes:
        return manifest.replace(b'"name": "artifacts"', b'"name": "elsewhere"')

    content = [
        (name.replace("artifacts/", "elsewhere/", 1) if name.startswith("artifacts/") else name, data)
        for name, data in zip_content(archive)
    ]
    with zipfile.ZipFile(archive, "w") as zipped:
        for name, data in content:
            zipped.writestr(name, rename(data) if name == "runicorn-archive.json" else data)
    part, *rest = import_runs(target, ImportRequest(archive))
    assert (part.became, part.reason) == ("skipped", "no active plugin brings in elsewhere")
    assert {outcome.became for outcome in rest} == {"added"}
