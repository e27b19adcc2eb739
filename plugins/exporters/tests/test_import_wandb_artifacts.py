"""Artifacts and tables of wandb 0.31.0 (``fixtures/make_wandb.py``): what it has put aside, cached or downloaded."""

from __future__ import annotations

import base64
import gzip
import json
import shutil
import struct
import zlib
from collections.abc import Iterator, Sequence
from hashlib import md5
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
import runicorn as rn
from runicorn.contracts import RunReader, Store
from runicorn.hooks import open_store
from runicorn.managing import Imported, ImportRequest, import_runs
from runicorn_exporters.exports.tensorboard.wire import piece, text, whole
from runicorn_exporters.imports.wandb.log import HEAD

WRITTEN = Path(__file__).parent / "fixtures" / "wandb-tables"
NOTED = "artifacts (their names stand in the run's environment)"
LOST = "media in cells of tables that are not there any more"


@pytest.fixture
def store() -> Iterator[Store]:
    store = open_store()
    yield store
    store.close()


@pytest.fixture
def cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Where wandb keeps what it has sent and fetched."""
    folder = shutil.copytree(WRITTEN / "cache", tmp_path / "cache")
    monkeypatch.setenv("WANDB_CACHE_DIR", str(folder))
    return folder


def bring(store: Store, path: Path, **how: Any) -> tuple[Imported, RunReader]:
    (outcome,) = import_runs(store, ImportRequest(path, **how))
    (record,) = [record for record in store.list_runs() if record.ref.folder == outcome.run]
    return outcome, store.open_run(record.ref)


def media(reader: RunReader, key: str) -> Any:
    """The fields of the one medium of a key, whatever they are."""
    (medium,) = [medium for medium in reader.media() if medium.key == key]
    return {**medium.fields, "path": medium.path}


def cells(reader: RunReader) -> dict[str, list[Any]]:
    table = media(reader, "guesses")
    return dict(pq.read_table(reader.folder / table["path"]).to_pydict())


def test_media_in_cells_of_tables_are_media_here(store: Store, cache: Path) -> None:
    outcome, reader = bring(store, WRITTEN / "wandb")
    types = {column["name"]: column["type"] for column in media(reader, "guesses")["columns"]}
    assert types == {
        "id": "int64", "picture": "media", "sound": "media", "page": "media", "film": "media", "volume": "string"
    }  # fmt: skip
    found = cells(reader)
    kinds = {name: found[name][0]["kind"] for name in ("picture", "sound", "page", "film")}
    assert kinds == {"picture": "image", "sound": "audio", "page": "html", "film": "video"}
    assert found["volume"] == ["object3D-file", None]
    assert found["picture"][1] is None
    for name in kinds:
        assert (reader.folder / found[name][0]["path"]).stat().st_size > 0
    picture = json.loads(found["picture"][0]["fields"])
    assert (found["picture"][0]["caption"], picture["width"], picture["height"]) == ("c", 8, 6)
    assert [box["label"] for box in picture["boxes"]] == ["猫", "cat"]
    assert picture["masks"][0]["labels"] == {"1": "cat"}
    assert outcome.left_out == {"values of type object3D-file": 1}


def test_boxes_and_masks_of_pictures_come_with_them(store: Store, cache: Path) -> None:
    _, reader = bring(store, WRITTEN / "wandb")
    drawn = media(reader, "drawn")
    assert drawn["boxes"] == [
        {"box": [0.1, 0.25, 0.5, 0.5], "group": "predictions", "label": "猫", "score": 0.5},
        {"box": [0.25, 0.333333, 0.75, 0.666667], "group": "predictions", "label": "cat"},
    ]
    (mask,) = drawn["masks"]
    assert (mask["name"], mask["labels"]) == ("seg", {"1": "cat"})
    assert (reader.folder / mask["path"]).read_bytes()[:4] == b"\x89PNG"


OVERLAYS = "boxes and masks of pictures that cannot be read"


@pytest.mark.parametrize("held", ['{"box_data": null}', '{"box_data": 5}', "5", "null", "{", None])
def test_boxes_that_cannot_be_read_are_counted_and_all_else_comes(
    store: Store, cache: Path, tmp_path: Path, held: str | None
) -> None:
    folder = shutil.copytree(WRITTEN / "wandb", tmp_path / "wandb")
    (boxes,) = folder.rglob("*.boxes2D.json")
    boxes.unlink()
    if held is not None:
        boxes.write_text(held)
    outcome, reader = bring(store, folder)
    assert (outcome.became, outcome.left_out[OVERLAYS]) == ("added", 1)
    drawn = media(reader, "drawn")
    assert "boxes" not in drawn
    assert len(drawn["masks"]) == 1
    assert cells(reader)["id"] == [1, 2]


def test_a_mask_that_is_no_picture_is_counted(store: Store, cache: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(WRITTEN / "wandb", tmp_path / "wandb")
    (mask,) = folder.rglob("*.mask.png")
    mask.write_bytes(b"none")
    outcome, reader = bring(store, folder)
    assert outcome.left_out[OVERLAYS] == 1
    assert len(media(reader, "drawn")["boxes"]) == 2


@pytest.mark.parametrize("held", ["[1]", '{"class_set": 5}', '{"class_set": [{"id": 1}]}', "5", "{"])
def test_classes_that_cannot_be_read_are_counted_and_the_table_comes(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, held: str
) -> None:
    monkeypatch.setenv("WANDB_CACHE_DIR", str(tmp_path / "none"))
    folder = shutil.copytree(WRITTEN / "wandb", tmp_path / "wandb")
    (picture,) = folder.rglob("images/drawn_*.png")
    (table,) = folder.rglob("*.table.json")
    files = table.parent.parent.parent
    (files / "media" / "classes.json").write_text(held)
    cell = {
        "_type": "image-file",
        "path": picture.relative_to(files).as_posix(),
        "classes": {"path": "media/classes.json"},
    }
    table.write_text(json.dumps({"columns": ["picture"], "data": [[cell], [cell]]}))
    outcome, reader = bring(store, folder)
    assert outcome.left_out["sets of classes that cannot be read"] == 1
    assert [each["kind"] for each in cells(reader)["picture"]] == ["image", "image"]


def test_a_table_whose_media_are_gone_is_a_table_of_texts_and_says_so(
    store: Store, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WANDB_CACHE_DIR", str(cache / "elsewhere"))
    outcome, reader = bring(store, WRITTEN / "wandb")
    assert cells(reader)["picture"] == ["Image", None]
    assert outcome.left_out[LOST] >= 4
    assert outcome.left_out[NOTED] == 1


def test_what_wandb_has_in_its_cache_becomes_a_version(store: Store, cache: Path, tmp_path: Path) -> None:
    bring(store, WRITTEN / "wandb")
    version = rn.use_artifact("dataset/digits:best", storage=store.root)
    record = version.record.record
    assert (version.metadata, record.description, record.tags) == ({"n": 10}, "ten", ("small",))
    assert (version.download(tmp_path / "out") / "labels.txt").read_text() == "0 1 2"
    assert [str(reference.uri) for reference in version.references] == ["s3://bucket/digits"]
    assert record.run is not None
    assert record.run.id == "tables01"


def test_a_file_in_the_cache_that_is_not_what_it_was_is_not_taken(store: Store, cache: Path) -> None:
    for file in cache.rglob("*"):
        if file.is_file():
            file.write_bytes(b"x" * file.stat().st_size)
    outcome, reader = bring(store, WRITTEN / "wandb")
    assert outcome.left_out[NOTED] == 1
    assert cells(reader)["picture"] == ["Image", None]


# --- Records that need a server, or 100 000 files, in the form that wandb 0.31.0 gives them


def wandb_run(folder: Path, records: Sequence[bytes], run: str = "abc") -> Path:
    path = folder / f"offline-run-1-{run}" / f"run-{run}.wandb"
    path.parent.mkdir(parents=True)
    with path.open("wb") as file:
        file.write(HEAD)
        for record in [piece(17, text(1, run) + text(3, "vision")), *records, piece(18, whole(1, 0))]:
            file.write(struct.pack("<IHB", zlib.crc32(record, zlib.crc32(b"\x01")), len(record), 1) + record)
    return path


def checksum(data: bytes) -> str:
    return base64.b64encode(md5(data, usedforsecurity=False).digest()).decode()


def logged(files: dict[str, bytes], staged: Path, *, used: bool = False, manifest: Path | None = None) -> bytes:
    """An ``ArtifactRecord``, its files put aside; with a manifest of its own where one is asked for."""
    staged.mkdir(parents=True, exist_ok=True)
    lines, entries, digest = [], b"", md5(b"wandb-artifact-manifest-v1\n", usedforsecurity=False)
    for name, data in sorted(files.items()):
        place = staged / checksum(data).replace("/", "_")
        place.write_bytes(data)
        digest.update(f"{name}:{checksum(data)}\n".encode())
        about = {"path": name, "digest": checksum(data), "size": len(data), "extra": {}, "local_path": str(place)}
        lines.append(json.dumps(about))
        entries += piece(4, text(1, name) + text(2, checksum(data)) + whole(4, len(data)) + text(6, str(place)))
    held = whole(1, 1) + (entries if manifest is None else text(5, str(manifest)))
    if manifest is not None:
        manifest.parent.mkdir(parents=True, exist_ok=True)
        manifest.write_bytes(gzip.compress("\n".join(lines).encode()))
    about_it = text(4, "dataset") + text(5, "digits") + text(6, digest.hexdigest()) + whole(10, int(used))
    return piece(8, about_it + piece(12, held))


def test_a_manifest_that_is_a_file_of_its_own_is_read(store: Store, tmp_path: Path) -> None:
    staged = tmp_path / "artifacts" / "staging"
    files = {f"{n:03}.txt": str(n).encode() for n in range(200)}
    record = logged(files, staged, manifest=staged / "artifact_manifests" / "1.manifest_contents.jl.gz")
    outcome, reader = bring(store, wandb_run(tmp_path / "wandb", [record]))
    assert (outcome.artifacts, outcome.left_out) == (1, {})
    assert [link["files"] for link in reader.record.artifacts_created] == [200]
    assert rn.use_artifact("dataset/digits", storage=store.root).path("123.txt").read_bytes() == b"123"


@pytest.mark.parametrize("what", ["changed", "cut off", "elsewhere"])
def test_a_manifest_that_is_not_what_it_was_is_not_read(store: Store, tmp_path: Path, what: str) -> None:
    staged = tmp_path / "artifacts" / "staging"
    place = tmp_path / "m.gz" if what == "elsewhere" else staged / "artifact_manifests" / "m.gz"
    record = logged({"a.txt": b"a", "b.txt": b"b"}, staged, manifest=place)
    if what == "changed":
        first, second = gzip.decompress(place.read_bytes()).split(b"\n")
        place.write_bytes(gzip.compress(first.replace(b"a.txt", b"c.txt") + b"\n" + second))
    if what == "cut off":
        place.write_bytes(place.read_bytes()[:-12])
    outcome, _ = bring(store, wandb_run(tmp_path / "wandb", [record]))
    assert outcome.left_out == {NOTED: 1}


@pytest.mark.parametrize("name", ["token", "X-Amz-Signature", "X-Goog-Signature", "sig"])
def test_no_secret_of_an_address_is_kept(store: Store, tmp_path: Path, name: str) -> None:
    entry = text(1, "x") + text(2, checksum(b"x")) + text(3, f"https://u:hush@h/x?n=1&{name}=hush") + whole(4, 1)
    held = text(4, "dataset") + text(5, "digits") + piece(12, whole(1, 1) + piece(4, entry))
    bring(store, wandb_run(tmp_path / "wandb", [piece(8, held)]))
    (reference,) = rn.use_artifact("dataset/digits", storage=store.root).references
    assert str(reference.uri) == f"https://h/x?n=1&{name}=***"


def test_what_a_run_used_is_the_version_that_another_run_made(store: Store, tmp_path: Path) -> None:
    project, files = tmp_path / "project", {"a.txt": b"a", "b/c.txt": b"c"}
    staged = project / "share" / "artifacts" / "staging"
    wandb_run(project / "wandb", [logged(files, staged), logged({"later": b"x"}, staged)], "maker")
    used = piece(25, text(1, "QXJ0") + text(2, "dataset") + text(3, "digits:v0"))
    wandb_run(project / "wandb", [used], "user")
    for name, data in files.items():
        place = project / "artifacts" / "digits:v0" / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(data)
    outcomes = list(import_runs(store, ImportRequest(project)))
    assert [outcome.left_out for outcome in outcomes if outcome.left_out] == []
    records = {record.ref.id: record for record in store.list_runs()}
    (link,) = records["user"].artifacts_used
    assert (link["type"], link["name"], link["version"]) == ("dataset", "digits", 1)
    assert [link["version"] for link in records["maker"].artifacts_created] == [1, 2]
    repository = rn.open_artifacts(store.root)
    graph = rn.LineageTracker(repository).of_version(repository.find("digits:v1"))
    assert {(edge.source, edge.relation) for edge in graph.edges} >= {
        ("run:vision/default/maker", "created"),
        ("artifact:dataset/digits:v1", "used"),
    }


def test_what_lies_outside_of_what_was_named_is_not_read_as_a_download(store: Store, tmp_path: Path) -> None:
    (tmp_path / "artifacts" / "digits:v0").mkdir(parents=True)
    (tmp_path / "artifacts" / "digits:v0" / "secret").write_bytes(b"password")
    used = piece(25, text(2, "dataset") + text(3, "digits:v0"))
    wandb_run(tmp_path / "wandb", [used])
    outcome, reader = bring(store, tmp_path / "wandb")
    assert (outcome.left_out, reader.record.artifacts_used) == ({NOTED: 1}, ())
    assert reader.read("environment")["wandb"] == {"artifacts_used": ["dataset/digits:v0"]}


def test_a_draft_that_was_handed_to_use_artifact_is_used_and_made_by_nobody(store: Store, tmp_path: Path) -> None:
    staged = tmp_path / "artifacts" / "staging"
    used = piece(25, text(2, "dataset") + text(3, "digits:v0"))
    _, reader = bring(store, wandb_run(tmp_path / "wandb", [logged({"a": b"a"}, staged, used=True), used]))
    assert [link["version"] for link in reader.record.artifacts_used] == [1]
    assert reader.record.artifacts_created == ()
    assert rn.use_artifact("dataset/digits", storage=store.root).record.record.run is None


def saved(*names: str, kind: int = 0) -> bytes:
    """A ``FilesRecord``, as ``wandb.save`` makes it."""
    return piece(6, b"".join(piece(1, text(1, name) + whole(3, kind)) for name in names))


def test_files_that_were_saved_come_and_links_lead_nowhere_else(store: Store, tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("not yours")
    work = tmp_path / "work"
    names = saved("out/model.pt", "notes.txt", "gone.bin", "passwd", "../../../secret.txt")
    log = wandb_run(work / "wandb", [names, saved("media/table/t.json"), saved("wandb-metadata.json", kind=1)])
    files = log.parent / "files"
    (files / "out").mkdir(parents=True)
    (work / "model.pt").write_bytes(b"weights")
    (files / "out" / "model.pt").symlink_to(work / "model.pt")  # wandb makes such
    (files / "passwd").symlink_to(secret)
    (files / "notes.txt").write_text("mine")
    (files / "wandb-metadata.json").write_text("{}")
    outcome, reader = bring(store, work)
    version = rn.use_artifact("files/vision-files")
    assert {file.path: version.path(file.path).read_bytes() for file in version.files()} == {
        "notes.txt": b"mine", "out/model.pt": b"weights",
    }  # fmt: skip
    gone = "files that were saved, not there or not below what is imported (their names stand in the run's environment)"
    assert outcome.left_out == {gone: 3}
    noted = reader.read("environment")["wandb"]
    assert isinstance(noted, dict)
    assert noted["files"] == ["gone.bin", "passwd", "../../../secret.txt"]
    assert str(secret.read_text()) not in str([path.read_bytes() for path in store.root.rglob("*") if path.is_file()])


def test_what_was_drawn_is_counted_and_only_what_is_known_of_the_machine_is_told(store: Store, tmp_path: Path) -> None:
    chart = piece(1, text(2, "_wandb") + text(2, "visualize") + text(16, '{"roc": {"panel_type": "Vega2"}}'))
    machine = piece(26, text(1, "Linux") + piece(21, whole(1, 25 << 30)) + text(25, "12.8"))
    outcome, reader = bring(store, wandb_run(tmp_path, [piece(5, chart), machine]))
    assert outcome.left_out == {"charts of one's own (what they draw is here as tables)": 1}
    assert reader.read("environment")["wandb"] == {"os": "Linux", "cuda": "12.8"}
