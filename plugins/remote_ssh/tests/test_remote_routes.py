"""Viewers on other machines over the HTTP API of a real viewer, through a real SSH server."""

from __future__ import annotations

import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import pytest
from runicorn.testing.viewer import ViewerClient

from .conftest import Sshd
from .test_remote_http import connect


class Local:
    """A local viewer that has a connection to the other machine."""

    def __init__(self, viewer: ViewerClient, sshd: Sshd) -> None:
        self.viewer = viewer
        self.connection_id: str = connect(viewer, sshd)["connection_id"]

    def post(self, path: str, **body: Any) -> Any:
        return self.viewer.send("POST", f"/api/remote/{path}", body)

    def start(self, folder: Path, **more: Any) -> Any:
        body = {"connection_id": self.connection_id, "root": str(folder), "python": sys.executable, **more}
        return self.post("viewer/start", **body)

    def sessions(self) -> Any:
        return self.viewer.get("/api/remote/viewer/sessions").json()


@pytest.fixture
def local(viewer: ViewerClient, sshd: Sshd) -> Local:
    return Local(viewer, sshd)


def test_a_viewer_over_there_is_started_listed_and_stopped(local: Local, tmp_path: Path) -> None:
    session = local.start(tmp_path).json()
    assert (session["state"], session["host"], session["root"]) == ("up", "127.0.0.1", str(tmp_path))
    assert session["url"] == f"http://127.0.0.1:{session['local_port']}"
    assert [step["state"] for step in session["steps"]] == ["done"] * 3
    assert session["log"]
    with urllib.request.urlopen(f"{session['url']}/api/health", timeout=60) as answer:
        assert answer.status == 200
    assert [one["id"] for one in local.sessions()] == [session["id"]]
    assert local.start(tmp_path).json()["id"] == session["id"]
    assert local.post("viewer/stop", session_id=session["id"]).json() == {"stopped": session["id"]}
    assert local.sessions() == []
    with pytest.raises(urllib.error.URLError):
        urllib.request.urlopen(session["url"], timeout=60)
    again = local.post("viewer/stop", session_id=session["id"])
    assert (again.status, again.json()["code"]) == (404, "no-such-session")


def test_environments_are_listed_with_what_keeps_them_from_running_it(local: Local, tmp_path: Path) -> None:
    asked = f"connection_id={local.connection_id}&root={tmp_path}"
    said = local.viewer.get(f"/api/remote/environments?{asked}").json()
    assert (said["root"], said["root_exists"]) == (str(tmp_path), True)
    assert said["environments"]
    for one in said["environments"]:
        assert one["ready"] == (one["obstacle"] is None)
        assert one["python"].startswith("/")


def test_a_session_that_is_not_waited_for_tells_how_it_goes(local: Local, tmp_path: Path) -> None:
    session = local.start(tmp_path, wait=False).json()
    until = time.monotonic() + 60
    while (now := local.sessions()[0])["state"] == "connecting":
        assert time.monotonic() < until
        time.sleep(0.1)
    assert (now["id"], now["state"]) == (session["id"], "up")
    failed = local.start(tmp_path / "none", wait=False).json()["id"]
    until = time.monotonic() + 60
    while (now := local.sessions()[1])["state"] == "connecting":
        assert time.monotonic() < until
        time.sleep(0.1)
    assert (now["id"], now["state"], now["url"]) == (failed, "failed", None)
    assert "has no folder" in now["error"]
    assert now["steps"][0]["state"] == "failed"


def test_what_cannot_be_started_is_refused_with_its_reason(local: Local, tmp_path: Path) -> None:
    refusals: list[tuple[dict[str, Any], int, str | None]] = [
        ({"connection_id": "none"}, 404, "no-such-connection"),
        ({"root": "/no/such/folder"}, 404, "root-missing"),
        ({"python": "/no/python"}, 404, "python-missing"),
        ({"python": None, "env": "no such"}, 404, "no-such-environment"),
        ({"env": "both"}, 400, "invalid-argument"),
        ({"shell": "rm"}, 400, None),
    ]
    for more, status, code in refusals:
        refused = local.start(tmp_path, **more)
        assert (refused.status, code or refused.json()["code"]) == (status, refused.json()["code"]), refused.body


def test_a_line_that_is_ended_ends_its_viewers(local: Local, tmp_path: Path) -> None:
    local.start(tmp_path)
    local.post("disconnect", connection_id=local.connection_id)
    until = time.monotonic() + 60
    while local.sessions():
        assert time.monotonic() < until
        time.sleep(0.1)
    assert local.start(tmp_path).status == 404
