"""Exports over HTTP: at once, as jobs, cancelled, and never half a file."""

from __future__ import annotations

import csv
import io
import json
import os
import threading
import time
import zipfile
from pathlib import Path
from typing import Any

import pytest
import runicorn as rn
from runicorn.testing import ViewerClient
from runicorn_exporters.jobs.job import Job
from runicorn_exporters.jobs.jobs import Jobs


@pytest.fixture
def runs() -> list[str]:
    ids = []
    for number in range(3):
        with rn.init(project="p", params={"n": number}, capture_env=False) as run:
            for step in range(1, 11):
                run.log({"loss": number + 1 / step})
        ids.append(run.id)
    return ids


def wait_for(viewer: ViewerClient, job: str, *states: str) -> dict[str, Any]:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        answer: dict[str, Any] = viewer.get(f"/api/jobs/{job}").json()
        if answer["state"] in states:
            return answer
        time.sleep(0.05)
    raise AssertionError(f"the job is {answer}")


def test_a_quick_export_is_answered_with_the_file(runs: list[str], viewer: ViewerClient) -> None:
    body = {"format": "csv", "run_ids": runs[:1], "options": {"layout": "long"}, "wait_s": 30}
    answer = viewer.send("POST", "/api/export", body)
    assert (answer.status, answer.headers["content-type"]) == (200, "text/csv; charset=utf-8")
    assert answer.headers["content-disposition"] == f"attachment; filename*=UTF-8''{runs[0]}.csv"
    assert int(answer.headers["content-length"]) == len(answer.body)
    assert len(list(csv.DictReader(io.StringIO(answer.body.decode())))) == 10
    assert viewer.get("/api/jobs").json() == []


def test_a_filter_chooses_and_a_job_gives_its_file_more_than_once(runs: list[str], viewer: ViewerClient) -> None:
    body = {"format": "json", "filter": "params.n >= 1", "wait_s": 0}
    started = viewer.send("POST", "/api/export", body)
    job = started.json()["job_id"]
    assert (started.status, started.headers["location"]) == (202, f"/api/jobs/{job}")
    done = wait_for(viewer, job, "done")
    assert (done["kind"], done["file"], done["result"]) == ("export", "runs.json", {"runs": 2})
    files = [viewer.get(f"/api/jobs/{job}/file") for _ in range(2)]
    assert files[0].body == files[1].body
    assert [run["run"] for run in json.loads(files[0].body)["runs"]] == runs[:0:-1]
    assert done["bytes"] == len(files[0].body)
    assert (done["progress"]["done"], done["progress"]["total"], done["progress"]["unit"]) == (2, 2, "runs")
    assert viewer.send("DELETE", f"/api/jobs/{job}").json() == {"cancelled": False}
    assert viewer.get(f"/api/jobs/{job}").status == 404


def test_folders_come_as_a_zip(runs: list[str], viewer: ViewerClient) -> None:
    answer = viewer.send("POST", "/api/export", {"format": "tensorboard", "run_ids": runs, "wait_s": 30})
    with zipfile.ZipFile(io.BytesIO(answer.body)) as archive:
        assert archive.testzip() is None
        assert len(archive.namelist()) == 3


def test_what_cannot_be_exported_is_refused(runs: list[str], viewer: ViewerClient) -> None:
    refused: list[tuple[dict[str, Any], int, str]] = [
        ({"format": "docx", "run_ids": ["x"]}, 400, "invalid-argument"),
        ({"format": "csv"}, 400, "which-runs"),
        ({"format": "csv", "run_ids": ["nowhere"]}, 404, "run-not-found"),
        ({"format": "csv", "filter": "project = nothing"}, 404, "run-not-found"),
        ({"format": "csv", "filter": "params.lr <"}, 400, "filter-invalid"),
        ({"format": "csv", "run_ids": ["x"], "options": {"layuot": "long"}}, 400, "invalid-argument"),
    ]
    for body, status, code in refused:
        answer = viewer.send("POST", "/api/export", body)
        assert (answer.status, answer.json()["code"]) == (status, code), body


def test_formats_name_their_plugin_and_options(viewer: ViewerClient) -> None:
    (found,) = [each for each in viewer.get("/api/export/formats").json() if each["name"] == "csv"]
    assert (found["suffix"], found["plugin"]) == (".csv", "exporters")
    assert {"name": "layout", "default": "wide"} in found["options"]


def test_a_cancelled_job_leaves_nothing(viewer: ViewerClient, runicorn_home: Path) -> None:
    with rn.init(project="p", capture_env=False) as run:
        for step in range(60_000):
            run.log(dict.fromkeys(("a", "b", "c", "d", "e"), step * 1.1), step=step)
    body = {"format": "csv", "run_ids": [run.id], "options": {"layout": "long"}, "wait_s": 0}
    job = viewer.send("POST", "/api/export", body).json()["job_id"]
    early = viewer.get(f"/api/jobs/{job}/file")
    assert viewer.send("DELETE", f"/api/jobs/{job}").json()["cancelled"] is (early.status != 200)
    assert viewer.get(f"/api/jobs/{job}").status == 404
    deadline = time.monotonic() + 60
    while left := [files for _, _, files in os.walk(runicorn_home / "cache" / "jobs") if files]:  # bears vanishing ones
        assert time.monotonic() < deadline, left
        time.sleep(0.05)


def test_a_job_that_is_cancelled_in_the_moment_in_which_it_ends_leaves_nothing(tmp_path: Path) -> None:
    jobs = Jobs(tmp_path / "jobs")

    class LastMoment(threading.Event):
        def set(self) -> None:
            jobs.forget(job)
            super().set()

    def work(job: Job) -> None:
        (job.folder / "made").write_bytes(b"x")

    job = Job("one", "export", "all", tmp_path / "jobs" / "one", over=LastMoment())
    job.run(work)
    assert not job.folder.exists()
