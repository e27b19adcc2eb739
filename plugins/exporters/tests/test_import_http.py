"""Imports over HTTP: uploads and folders that are allowed, previews, jobs that are stopped."""

from __future__ import annotations

import io
import json
import os
import shutil
import tarfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import quote
from urllib.request import Request, urlopen

import pytest
import runicorn as rn
from runicorn.config import cache_dir
from runicorn.hooks import Selection, export_to_file, open_store
from runicorn.managing import ImportRequest, import_runs
from runicorn.testing import ViewerClient

FIXTURES = Path(__file__).parent / "fixtures"


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """Of two runs of another root."""
    for number in range(2):
        with rn.init(project="p", run_id=f"猫 {number}", storage=tmp_path / "other", capture_env=False) as run:
            run.log({"loss": 0.5})
        (run.dir / "media").mkdir()
        (run.dir / "media" / "noise.png").write_bytes(os.urandom(1 << 20))
    store = open_store(tmp_path / "other")
    path = tmp_path / "runs.zip"
    export_to_file("archive", Selection(store, [record.ref for record in store.list_runs()]), path)
    store.close()
    return path


def upload(viewer: ViewerClient, data: bytes, query: str) -> tuple[int, dict[str, Any]]:
    request = Request(f"{viewer.url}/api/import/upload?{query}", data, method="POST")
    try:
        with urlopen(request, timeout=150) as answer:
            return answer.status, json.load(answer)
    except HTTPError as error:
        with error:
            return error.code, json.load(error)


def nothing_is_left() -> bool:
    """No upload and no file of a job. The viewer removes them meanwhile: a walk bears that."""
    return not any(files for _, _, files in os.walk(cache_dir() / "jobs"))


def until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def runs(viewer: ViewerClient) -> list[str]:
    return sorted(run["id"] for run in viewer.get("/api/experiments").json())


def test_an_upload_is_seen_first_and_then_imported(viewer: ViewerClient, archive: Path) -> None:
    status, seen = upload(viewer, archive.read_bytes(), "name=runs.zip&preview=true&wait_s=30")
    assert (status, seen["preview"], seen["runs"]) == (200, True, 2)
    assert runs(viewer) == []
    status, done = upload(viewer, archive.read_bytes(), "name=runs.zip&project=mine&wait_s=30")
    assert (status, done["runs"]) == (200, 2)
    assert {outcome["run"].split("/")[0] for outcome in done["outcomes"]} == {"mine"}
    assert runs(viewer) == ["猫 0", "猫 1"]
    status, again = upload(viewer, archive.read_bytes(), "name=runs.zip&project=mine&wait_s=30")
    assert [outcome["became"] for outcome in again["outcomes"]] == ["there", "there"]
    until(nothing_is_left)


def test_several_files_in_one_body_are_imported_each_by_what_reads_it(viewer: ViewerClient, archive: Path) -> None:
    body = io.BytesIO()
    with tarfile.open(fileobj=body, mode="w") as packed:
        for name, data in {
            "a.csv": b"step,loss\n1,0.5\n",
            "b.csv": b"step,loss\n1,0.5\n2,0.4\n",
            "notes.txt": b"hello",
            "runs.zip": archive.read_bytes(),
        }.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            packed.addfile(member, io.BytesIO(data))
    status, done = upload(viewer, body.getvalue(), "name=files.tar&wait_s=30")
    assert (status, done["runs"]) == (200, 4)
    (failed,) = [outcome for outcome in done["outcomes"] if outcome["became"] == "failed"]
    assert failed["source"] == "notes.txt"
    assert "nothing here reads this" in failed["reason"]
    assert len(runs(viewer)) == 4
    with tarfile.open(fileobj=(climbing := io.BytesIO()), mode="w") as packed:
        packed.addfile(tarfile.TarInfo("../out.csv"))
    status, refused = upload(viewer, climbing.getvalue(), "name=files.tar&wait_s=30")
    assert (status, "would lie elsewhere" in refused["detail"]) == (422, True)


def test_of_a_folder_each_file_is_imported_or_reported_however_deep_it_lies(
    viewer: ViewerClient, archive: Path
) -> None:
    table = b"step,loss\n1,0.5\n"
    files = {
        "a.csv": table,
        "b.zip": archive.read_bytes(),
        "sub/b.csv": table,
        "sub/n.txt": b"x",
        "sub/in/c.csv": table,
    }
    body = io.BytesIO()
    with tarfile.open(fileobj=body, mode="w") as packed:
        for name, data in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            packed.addfile(member, io.BytesIO(data))
    # Archives have no such option: that one of them fails stops no other.
    status, done = upload(viewer, body.getvalue(), "name=files.tar&option=layout%3Dwide&wait_s=30")
    assert (status, done.get("runs")) == (200, 3), done
    failed = {each["source"]: each["reason"] for each in done["outcomes"] if each["became"] == "failed"}
    assert sorted(failed) == ["b.zip", "sub/n.txt"]
    assert "layout" in failed["b.zip"]
    assert len(runs(viewer)) == 3


def test_a_long_one_is_a_job(viewer: ViewerClient, archive: Path) -> None:
    status, job = upload(viewer, archive.read_bytes(), "name=runs.zip&wait_s=0")
    assert (status, job["kind"], job["title"]) == (202, "import", "import of runs.zip")
    deadline = time.monotonic() + 60
    while (answer := viewer.get(f"/api/jobs/{job['job_id']}").json())["state"] in ("waiting", "running"):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    assert (answer["state"], answer["result"]["runs"]) == ("done", 2)
    assert runs(viewer) == ["猫 0", "猫 1"]


def test_a_job_that_is_stopped_leaves_whole_runs_only(viewer: ViewerClient, archive: Path) -> None:
    _, job = upload(viewer, archive.read_bytes(), "name=runs.zip&wait_s=0")
    viewer.send("DELETE", f"/api/jobs/{job['job_id']}")
    root = open_store().root
    until(lambda: nothing_is_left() and not (root / ".importing").exists())
    for run in root.glob("p/default/runs/*"):
        assert sorted(path.name for path in run.iterdir() if path.name.endswith(".json"))
        assert (run / "media" / "noise.png").stat().st_size == 1 << 20
    _, done = upload(viewer, archive.read_bytes(), "name=runs.zip&wait_s=30")
    assert {outcome["became"] for outcome in done["outcomes"]} <= {"added", "there"}
    assert runs(viewer) == ["猫 0", "猫 1"]


REFUSED = [
    ("", 400, "unsafe-path"),
    ("name=..%2Fx.zip", 400, "unsafe-path"),
    (f"name={quote('/etc/x.zip', safe='')}", 400, "unsafe-path"),
    ("name=x.zip&nmae=y", 400, "parameter-unknown"),
    ("name=x.zip&on_conflict=fight", 400, "invalid-argument"),
    ("name=x.zip&project=..", 400, "unsafe-path"),
    ("name=x.zip&wait_s=soon", 400, "invalid-argument"),
    ("name=x.zip&from=nobody", 400, "invalid-argument"),
    ("name=x.zip", 422, "import-problem"),
    ("name=x.zip&from=archive&wait_s=30", 422, "import-problem"),
]


def test_what_cannot_be_imported_is_refused_with_one_sentence(viewer: ViewerClient) -> None:
    for query, status, code in REFUSED:
        got, problem = upload(viewer, b"no archive", query)
        assert (got, problem["code"]) == (status, code), problem
        assert "\n" not in problem["detail"]
        assert "upload-" not in problem["detail"], "where the viewer keeps files is nobody's business"
    assert runs(viewer) == []


def test_no_path_is_read_that_the_configuration_does_not_allow(viewer: ViewerClient, archive: Path) -> None:
    answer = viewer.send("POST", "/api/import", {"path": str(archive)})
    assert (answer.status, answer.json()["code"]) == (403, "import-path-not-allowed")
    assert "exporters.import_folders" in answer.json()["detail"]
    assert viewer.get("/api/import/folders").json()["allowed"] == []
    assert viewer.get("/api/import/folders?path=/").status == 403


@pytest.fixture
def allowed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "allowed"
    folder.mkdir()
    monkeypatch.setenv("RUNICORN_EXPORTERS__IMPORT_FOLDERS", str(folder))
    return folder


def test_a_folder_that_is_allowed_is_imported(allowed: Path, viewer: ViewerClient) -> None:
    shutil.copytree(FIXTURES / "wandb", allowed / "wandb")
    body = {"path": str(allowed / "wandb"), "preview": True, "wait_s": 30}
    assert viewer.send("POST", "/api/import", body).json()["runs"] == 3
    assert runs(viewer) == []
    done = viewer.send("POST", "/api/import", {**body, "preview": False, "from": "wandb"}).json()
    assert (done["runs"], done["preview"]) == (3, False)
    assert runs(viewer) == ["again001", "full0001", "killed01"]


def test_no_path_leaves_the_folders_that_are_allowed(
    allowed: Path, viewer: ViewerClient, tmp_path: Path, archive: Path
) -> None:
    (allowed / "link").symlink_to(tmp_path / "other")
    shutil.copy(archive, tmp_path / "archive.zip")
    for path in ("{}/../archive.zip", "{}/link", "/etc", "{}\x00", "~"):
        answer = viewer.send("POST", "/api/import", {"path": path.format(allowed)})
        assert (answer.status, answer.json()["code"]) == (403, "import-path-not-allowed"), path


def test_what_can_be_imported_is_listed(viewer: ViewerClient) -> None:
    found = {each["name"]: each for each in viewer.get("/api/import/formats").json()}
    assert found["mlflow"]["options"] == {"artifacts": True, "deleted": False}
    assert found["wandb"]["plugin"] == "exporters"
    paths = viewer.get("/api/openapi.json").json()["paths"]
    assert "202" in paths["/api/import"]["post"]["responses"]


def test_an_archive_that_was_asked_for_over_http_comes_back(viewer: ViewerClient, tmp_path: Path) -> None:
    with rn.init(project="p", run_id="one", capture_env=False) as run:
        run.log({"loss": 0.5})
    body = {"format": "archive", "run_ids": ["one"], "options": {"kind": "tar.zst"}, "wait_s": 30}
    answer = viewer.send("POST", "/api/export", body)
    assert answer.headers["content-disposition"] == "attachment; filename*=UTF-8''one.tar.zst"
    assert answer.headers["content-type"] == "application/octet-stream"
    (tmp_path / "one.tar.zst").write_bytes(answer.body)
    other = open_store(tmp_path / "other")
    (outcome,) = import_runs(other, ImportRequest(tmp_path / "one.tar.zst"))
    other.close()
    assert outcome.became == "added"


def done(viewer: ViewerClient, job: dict[str, Any]) -> dict[str, Any]:
    deadline = time.monotonic() + 60
    while (answer := viewer.get(f"/api/jobs/{job['job_id']}").json())["state"] in ("waiting", "running"):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    found: dict[str, Any] = answer
    return found


def test_what_a_preview_has_looked_at_is_imported_without_sending_it_again(viewer: ViewerClient, archive: Path) -> None:
    _, job = upload(viewer, archive.read_bytes(), "name=runs.zip&preview=true&wait_s=0")
    seen = done(viewer, job)["result"]
    assert (seen["importer"], seen["runs"], runs(viewer)) == ("archive", 2, [])
    body = {"job": job["job_id"], "project": "mine", "preview": True, "wait_s": 30}
    again = viewer.send("POST", "/api/import", body).json()
    assert {outcome["run"].split("/")[0] for outcome in again["outcomes"]} == {"mine"}
    imported = viewer.send("POST", "/api/import", {**body, "preview": False}).json()
    assert (imported["runs"], runs(viewer)) == (2, ["猫 0", "猫 1"])
    viewer.send("DELETE", f"/api/jobs/{job['job_id']}")
    until(nothing_is_left)
    gone = viewer.send("POST", "/api/import", body)
    assert (gone.status, gone.json()["code"]) == (404, "job-not-found")


def test_only_a_preview_can_be_gone_on_with(viewer: ViewerClient, archive: Path) -> None:
    for body in ({}, {"path": str(archive), "job": "x"}):
        assert viewer.send("POST", "/api/import", body).json()["code"] == "what-to-import"
    with rn.init(project="p", run_id="one", capture_env=False) as run:
        run.log({"loss": 0.5})
    export = viewer.send("POST", "/api/export", {"format": "csv", "run_ids": ["one"], "wait_s": 0}).json()
    done(viewer, export)
    answer = viewer.send("POST", "/api/import", {"job": export["job_id"]})
    assert (answer.status, answer.json()["code"]) == (409, "nothing-to-import")
    _, job = upload(viewer, archive.read_bytes(), "name=runs.zip&wait_s=0")  # no preview: the upload is gone
    done(viewer, job)
    answer = viewer.send("POST", "/api/import", {"job": job["job_id"]})
    assert (answer.status, answer.json()["code"]) == (409, "nothing-to-import")


def test_only_names_are_listed_and_only_below_what_is_allowed(
    allowed: Path, viewer: ViewerClient, tmp_path: Path
) -> None:
    (allowed / "猫").mkdir()
    (allowed / "猫" / "a.csv").write_text("step,loss\n1,2\n", encoding="utf-8")
    (allowed / "b.csv").write_text("x", encoding="utf-8")
    (allowed / ".secret").write_text("x", encoding="utf-8")
    (allowed / "link").symlink_to(tmp_path)
    where = viewer.get("/api/import/folders").json()
    assert (where["allowed"], where["entries"]) == ([str(allowed)], [])
    found = viewer.get(f"/api/import/folders?path={quote(str(allowed))}").json()
    assert [(each["name"], each["folder"], each["bytes"]) for each in found["entries"]] == [
        ("猫", True, None),
        ("b.csv", False, 1),
    ]
    assert found["parent"] is None
    inner = viewer.get(f"/api/import/folders?path={quote(found['entries'][0]['path'])}").json()
    assert (inner["parent"], inner["entries"][0]["name"]) == (str(allowed), "a.csv")
    for path in ("/etc", f"{allowed}/..", f"{allowed}/link", "~", "~nobody-here/x", "a\x00b", "x" * 4000):
        answer = viewer.get(f"/api/import/folders?path={quote(path)}")
        assert (answer.status, answer.json()["code"]) == (403, "import-path-not-allowed"), path
    assert viewer.get(f"/api/import/folders?path={quote(str(allowed / 'b.csv'))}").status == 404
