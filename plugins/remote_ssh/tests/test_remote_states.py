"""What happens to a connection, over HTTP: it is lost, tried again, needs somebody; and the log of it."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from runicorn.testing.viewer import ViewerClient
from runicorn_remote_ssh import connection as module

from .conftest import Sshd
from .test_remote_http import accept, connect


def wait_for(condition: Callable[[], Any]) -> Any:
    until = time.monotonic() + 60
    while not (found := condition()):
        assert time.monotonic() < until
        time.sleep(0.05)
    return found


def only(viewer: ViewerClient) -> dict[str, Any]:
    (found,) = viewer.get("/api/remote/sessions").json()
    return dict(found)


def in_state(viewer: ViewerClient, state: str) -> dict[str, Any]:
    found: dict[str, Any] = wait_for(lambda: (now := only(viewer))["state"] == state and now)
    return found


def events(viewer: ViewerClient, host: str = "127.0.0.1") -> list[str]:
    entries = viewer.get(f"/api/remote/log?host={host}").json()
    return [
        one["values"].get("state") or (one["values"].get("problem") or {}).get("code") or one["event"]
        for one in entries
    ]


def test_a_connection_that_rests_before_it_tries_again_does_so_when_somebody_asks(
    viewer: ViewerClient, sshd: Sshd, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "RETRY_S", 900.0)
    identity = {"connection_id": connect(viewer, sshd)["connection_id"]}
    sshd.stop()
    lost = wait_for(lambda: (now := only(viewer))["retry_at"] is not None and now)
    assert lost["state"] == "reconnecting"
    assert (lost["problem"]["code"], lost["problem"]["host"]) == ("connection-lost", "127.0.0.1")
    sshd.start()
    assert viewer.send("POST", "/api/remote/retry", identity).json() == {"ok": True}
    assert in_state(viewer, "up")["retry_at"] is None
    unknown = viewer.send("POST", "/api/remote/retry", {"connection_id": "none"})
    assert (unknown.status, unknown.json()["code"]) == (404, "no-such-connection")


def test_who_signs_in_again_gets_the_same_connection_with_the_credentials_that_it_has(
    viewer: ViewerClient, sshd: Sshd
) -> None:
    identity = {"connection_id": connect(viewer, sshd)["connection_id"]}
    authorized = sshd.folder / "authorized"
    kept = authorized.read_bytes()
    authorized.write_bytes(b"")
    sshd.stop()
    sshd.start()
    waits = in_state(viewer, "needs-authentication")
    assert waits["problem"]["code"] == "authentication-failed"
    refused = viewer.send("POST", "/api/remote/sign-in", identity)
    assert (refused.status, refused.json()["code"]) == (403, "authentication-failed")
    authorized.write_bytes(kept)
    again = viewer.send("POST", "/api/remote/sign-in", identity).json()
    assert (again["connection_id"], again["state"], again["problem"]) == (identity["connection_id"], "up", None)


def test_the_log_of_a_host_tells_what_happened_and_no_secret(viewer: ViewerClient, sshd: Sshd) -> None:
    asked = {
        "host": "127.0.0.1",
        "port": sshd.port,
        "username": sshd.user,
        "auth": "password",
        "password": "s3cret-ö",
        "jump": [],
    }
    unknown = viewer.send("POST", "/api/remote/connect", asked)
    assert accept(viewer, unknown.json()) == 200
    questions = viewer.send("POST", "/api/remote/connect", asked).json()
    assert questions["code"] == "answers-needed"
    given_up = viewer.send("POST", "/api/remote/answers", {"attempt": questions["attempt"], "answers": None})
    assert given_up.status == 403
    identity = {"connection_id": connect(viewer, sshd)["connection_id"]}
    assert viewer.send("POST", "/api/remote/disconnect", identity).status == 200
    said = events(viewer)
    assert said == [
        "connecting", "host-key-unknown", "connecting", "asked", "authentication-failed", "connecting", "connected",
        "disconnected",
    ]  # fmt: skip
    assert "s3cret" not in viewer.get("/api/remote/log?host=127.0.0.1").body.decode()
    assert events(viewer, "elsewhere") == []


def test_the_log_keeps_the_last_two_hundred_entries_of_a_hundred_hosts() -> None:
    from runicorn_remote_ssh.serving.diary import HOSTS, KEPT, Diary

    diary = Diary()
    for number in range(KEPT + 50):
        diary.note("box", "connecting", n=number)
    assert [entry.values["n"] for entry in diary.of("box")] == list(range(50, KEPT + 50))
    for number in range(HOSTS):
        diary.note(f"box{number}", "connecting")
    assert diary.of("box") == []
    assert len(diary.of("box0")) == 1


def test_a_session_that_failed_is_tried_again_as_it_was_asked_for(
    viewer: ViewerClient, sshd: Sshd, tmp_path: Path
) -> None:
    import sys

    connection = connect(viewer, sshd)
    body = {"connection_id": connection["connection_id"], "root": str(tmp_path / "later"), "python": sys.executable}
    failed = viewer.send("POST", "/api/remote/viewer/start", {**body, "wait": False}).json()["id"]

    def session(state: str) -> Any:
        return [one for one in viewer.get("/api/remote/viewer/sessions").json() if one["state"] == state]

    (first,) = wait_for(lambda: session("failed"))
    assert (first["id"], first["problem"]["code"]) == (failed, "root-missing")
    assert first["log"][-1]["event"] == "state-because"
    (tmp_path / "later").mkdir()
    again = viewer.send("POST", "/api/remote/viewer/again", {"session_id": failed}).json()
    (now,) = wait_for(lambda: session("up"))
    assert (now["id"], now["root"], now["python"]) == (again["id"], str(tmp_path / "later"), sys.executable)
    assert viewer.send("POST", "/api/remote/viewer/again", {"session_id": failed}).status == 404
    viewer.send("POST", "/api/remote/disconnect", {"connection_id": connection["connection_id"]})
    wait_for(lambda: viewer.get("/api/remote/viewer/sessions").json() == [])
