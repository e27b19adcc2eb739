"""``/api/remote``: from the first knock to folders, with a real SSH server behind it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import quote

import asyncssh
import pytest
from runicorn.testing.viewer import ViewerClient
from runicorn_remote_ssh.known_hosts import KnownHosts
from runicorn_remote_ssh.looking.machine import parse
from runicorn_remote_ssh.serving.vault import Vault

from .conftest import Sshd


def body(sshd: Sshd, **more: Any) -> dict[str, Any]:
    return {
        "host": "127.0.0.1",
        "port": sshd.port,
        "username": sshd.user,
        "auth": "key",
        "key_path": str(sshd.key),
        "jump": [],
        **more,
    }


def accept(viewer: ViewerClient, problem: dict[str, Any]) -> int:
    return viewer.send("POST", "/api/remote/known-hosts/accept", problem).status


def connect(viewer: ViewerClient, sshd: Sshd, **more: Any) -> dict[str, Any]:
    answer = viewer.send("POST", "/api/remote/connect", body(sshd, **more))
    if answer.status == 409 and answer.json()["code"] == "host-key-unknown":
        assert accept(viewer, answer.json()) == 200
        answer = viewer.send("POST", "/api/remote/connect", body(sshd, **more))
    assert answer.status == 200, answer.body
    found: dict[str, Any] = answer.json()
    return found


def test_a_host_is_met_accepted_looked_at_and_left(viewer: ViewerClient, sshd: Sshd, home: Path) -> None:
    first = viewer.send("POST", "/api/remote/connect", body(sshd))
    assert (first.status, first.json()["code"]) == (409, "host-key-unknown")
    wrong = {**first.json(), "fingerprint": "SHA256:nothing"}
    assert accept(viewer, wrong) == 400
    assert accept(viewer, first.json()) == 200
    connected = viewer.send("POST", "/api/remote/connect", body(sshd)).json()
    assert (connected["state"], connected["username"], connected["port"]) == ("up", sshd.user, sshd.port)
    again = viewer.send("POST", "/api/remote/connect", body(sshd)).json()
    assert again["connection_id"] == connected["connection_id"]
    which = f"connection_id={connected['connection_id']}"
    (listed,) = viewer.get("/api/remote/sessions").json()
    assert listed == connected

    (home / "数据 1").mkdir()
    (home / "数据 1" / "a file").write_text("x")
    folder = viewer.get(f"/api/remote/fs/list?{which}&path={quote(str(home))}").json()
    assert [(e["name"], e["kind"]) for e in folder["entries"] if e["name"][0] != "."] == [("数据 1", "folder")]
    assert (folder["parent"], folder["is_root"]) == (str(home.parent), False)
    (home / "数据 1" / "项目" / "default" / "runs").mkdir(parents=True)
    root = viewer.get(f"/api/remote/fs/list?{which}&path={quote(str(home / '数据 1'))}").json()
    assert root["is_root"]
    there = viewer.get(f"/api/remote/fs/exists?{which}&path={quote(str(home))}/nothing").json()
    assert there == {"exists": False, "kind": None, "size": None}
    missing = viewer.get(f"/api/remote/fs/list?{which}&path={quote(str(home))}/nothing")
    assert (missing.status, missing.json()["code"]) == (404, "no-such-folder")
    machine = viewer.get(f"/api/remote/status?{which}").json()
    assert machine["cpus"] == os.cpu_count()
    assert machine["mem_total"] > machine["mem_available"] > 0
    assert machine["disk_total"] > machine["disk_free"] > 0
    assert 0 <= machine["cpu"] <= 100

    ended = viewer.send("POST", "/api/remote/disconnect", {"connection_id": connected["connection_id"]})
    assert ended.json() == {"ok": True}
    assert viewer.get("/api/remote/sessions").json() == []
    gone = viewer.get(f"/api/remote/status?{which}")
    assert (gone.status, gone.json()["code"]) == (404, "no-such-connection")


def test_a_changed_key_is_refused_with_both_keys_and_only_removing_helps(viewer: ViewerClient, sshd: Sshd) -> None:
    first = connect(viewer, sshd)
    viewer.send("POST", "/api/remote/disconnect", {"connection_id": first["connection_id"]})
    sshd.stop()
    sshd.new_host_key()
    sshd.start()
    changed = viewer.send("POST", "/api/remote/connect", body(sshd))
    assert (changed.status, changed.json()["code"]) == (409, "host-key-changed")
    assert changed.json()["fingerprint"] not in changed.json()["known"]
    assert accept(viewer, changed.json()) in (400, 409)
    assert viewer.send("POST", "/api/remote/connect", body(sshd)).json()["code"] == "host-key-changed"
    removed = viewer.send("POST", "/api/remote/known-hosts/remove", {"host": "127.0.0.1", "port": sshd.port})
    assert removed.json() == {"removed": 1, "elsewhere": [], "steps": []}
    assert connect(viewer, sshd)["state"] == "up"


def test_questions_of_a_host_are_answered_step_by_step(viewer: ViewerClient, sshd: Sshd, tmp_path: Path) -> None:
    connect(viewer, sshd)
    locked = tmp_path / "locked"
    asyncssh.read_private_key(str(sshd.key)).write_private_key(str(locked), passphrase="horse", rounds=50)
    asked = viewer.send("POST", "/api/remote/connect", body(sshd, key_path=str(locked)))
    assert (asked.status, asked.json()["code"]) == (409, "answers-needed")
    assert asked.json()["questions"] == [{"text": "Passphrase", "secret": True}]
    attempt = asked.json()["attempt"]
    few = viewer.send("POST", "/api/remote/answers", {"attempt": attempt, "answers": []})
    assert few.status == 400
    answered = viewer.send("POST", "/api/remote/answers", {"attempt": attempt, "answers": ["horse"]})
    assert (answered.status, answered.json()["state"]) == (200, "up")
    over = viewer.send("POST", "/api/remote/answers", {"attempt": attempt, "answers": ["horse"]})
    assert (over.status, over.json()["code"]) == (404, "no-such-attempt")
    asked = viewer.send("POST", "/api/remote/connect", body(sshd, key_path=None, auth="password"))
    assert asked.json()["code"] == "answers-needed", asked.json()
    given_up = viewer.send("POST", "/api/remote/answers", {"attempt": asked.json()["attempt"], "answers": None})
    assert (given_up.status, given_up.json()["code"]) == (403, "authentication-failed")


def test_no_secret_is_answered_logged_or_kept(
    viewer: ViewerClient, sshd: Sshd, runicorn_home: Path, home: Path
) -> None:
    connect(viewer, sshd)
    secret = "Xyzzy-Plugh-42"
    refused = viewer.send("POST", "/api/remote/connect", body(sshd, auth="password", password=secret, key_path=None))
    assert refused.status in (403, 409)
    kept = {"name": "the box", **body(sshd), "root": "~/runs"}
    assert viewer.send("POST", "/api/remote/connections", {**kept, "password": secret}).status == 400
    assert viewer.send("POST", "/api/remote/connections", kept).status == 200
    (saved,) = viewer.get("/api/remote/connections").json()
    assert (saved["name"], saved["root"], saved["key_path"]) == ("the box", "~/runs", str(sshd.key))
    answers = refused.body + viewer.get("/api/remote/sessions").body + viewer.get("/api/remote/connections").body
    assert secret.encode() not in answers
    for file in [*runicorn_home.rglob("*"), *home.rglob("*")]:
        assert not file.is_file() or secret.encode() not in file.read_bytes(), file
    removed = viewer.send("DELETE", "/api/remote/connections?name=the%20box").json()
    assert removed == {"ok": True, "secrets_left": False}
    assert viewer.send("DELETE", "/api/remote/connections?name=the%20box").status == 404


def test_only_a_secret_that_let_somebody_in_is_remembered(viewer: ViewerClient, sshd: Sshd, tmp_path: Path) -> None:
    connect(viewer, sshd)
    locked = tmp_path / "locked"
    asyncssh.read_private_key(str(sshd.key)).write_private_key(str(locked), passphrase="horse", rounds=50)
    kind = viewer.get("/api/remote/hosts").json()["secrets"]
    if kind != "keyring":
        early = viewer.send("POST", "/api/remote/connect", body(sshd, key_path=str(locked), remember=True))
        assert (early.status, early.json()["code"]) == (409, "vault-locked")
        unlocked = viewer.send("POST", "/api/remote/secrets/unlock", {"passphrase": "correct horse"})
        assert unlocked.json()["secrets"] == "file"
    wrong = viewer.send("POST", "/api/remote/connect", body(sshd, key_path=str(locked), passphrase="no", remember=True))
    asked = wrong.json()  # it is asked for again, as a wrong password is
    assert (wrong.status, asked["code"], asked["kind"], asked["again"]) == (409, "answers-needed", "passphrase", True)
    given_up = {"attempt": asked["attempt"], "answers": None, "remember": True}
    assert viewer.send("POST", "/api/remote/answers", given_up).status == 403
    asked = viewer.send("POST", "/api/remote/connect", body(sshd, key_path=str(locked), remember=True))
    assert asked.json()["code"] == "answers-needed"  # the wrong one was not kept
    right = {"attempt": asked.json()["attempt"], "answers": ["horse"], "remember": True}
    first = viewer.send("POST", "/api/remote/answers", right).json()
    viewer.send("POST", "/api/remote/disconnect", {"connection_id": first["connection_id"]})
    again = viewer.send("POST", "/api/remote/connect", body(sshd, key_path=str(locked)))
    assert (again.status, again.json()["state"]) == (200, "up")


def test_remembered_secrets_stand_in_an_encrypted_file_where_there_is_no_keyring(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from runicorn.errors import Problem

    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")
    path = tmp_path / "secrets"
    vault = Vault(path)
    if vault.kind == "keyring":
        monkeypatch.setattr(vault, "_keyring", None)
    assert vault.kind == "none"
    with pytest.raises(Problem, match="unlock the encrypted file"):
        vault.put("password of ada@box", "s3cret-öäü")
    vault.unlock("correct horse")
    vault.put("password of ada@box", "s3cret-öäü")
    assert vault.kind == "file"
    assert path.stat().st_mode & 0o777 == 0o600
    data = path.read_bytes()
    assert b"s3cret" not in data
    assert b"ada" not in data

    other = Vault(path)
    monkeypatch.setattr(other, "_keyring", None)
    assert (other.kind, other.get("password of ada@box")) == ("locked", None)
    with pytest.raises(Problem, match="not the passphrase"):
        other.unlock("wrong")
    assert other.kind == "locked"
    other.unlock("correct horse")
    assert other.get("password of ada@box") == "s3cret-öäü"
    other.forget("password of ada@box")
    assert other.get("password of ada@box") is None
    path.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    damaged = Vault(path)
    monkeypatch.setattr(damaged, "_keyring", None)
    with pytest.raises(Problem):
        damaged.unlock("correct horse")
    path.write_bytes(data[:30])
    with pytest.raises(Problem, match="cut off"):
        damaged.unlock("correct horse")


def test_a_keyring_that_is_locked_hands_out_nothing_and_says_that_it_keeps_nothing(tmp_path: Path) -> None:
    import keyring
    from keyring.backend import KeyringBackend
    from keyring.errors import KeyringLocked
    from runicorn.errors import Problem

    class Locked(KeyringBackend):
        priority = 5

        def get_password(self, service: str, username: str) -> str | None:
            raise KeyringLocked("locked")

        def set_password(self, service: str, username: str, password: str) -> None:
            raise KeyringLocked("locked")

    before = keyring.get_keyring()
    keyring.set_keyring(Locked())  # type: ignore[no-untyped-call]
    try:
        vault = Vault(tmp_path / "secrets")
        assert (vault.kind, vault.get("password of ada@box")) == ("keyring", None)
        vault.forget("password of ada@box")
        with pytest.raises(Problem, match="unlock it first"):
            vault.put("password of ada@box", "secret")
    finally:
        keyring.set_keyring(before)


def test_a_machine_without_proc_or_gpu_tells_what_it_can() -> None:
    mac = parse(
        "=== system\nDarwin 25.1\nmac\n=== cpus\n8\n=== load\n{ 1.20 1.10 1.00 }\n=== stat\n=== memory\n17179869184\n"
        "=== disk\n/dev/disk3s5 971350180 700000000 250000000 74% /System/Volumes/Data\n=== gpu\n=== uptime\n"
    )
    assert (mac.cpus, mac.load, mac.cpu, mac.mem_total) == (8, (1.2, 1.1, 1.0), None, 17179869184)
    assert (mac.disk_total, mac.disk_free) == (971350180 << 10, 250000000 << 10)
    gpu = parse("=== gpu\n0, NVIDIA H100, 37, 1024, 81559, 45, [N/A]\n").gpus[0]
    assert (gpu.util, gpu.mem_used, gpu.power_w) == (37.0, 1024 << 20, None)
    assert parse("").system == ""


def test_the_doctor_names_each_step_and_the_one_that_fails(sshd: Sshd, home: Path, runicorn_home: Path) -> None:
    (home / ".ssh").mkdir()
    (home / ".ssh" / "config").write_text(
        f"Host box\n  HostName 127.0.0.1\n  Port {sshd.port}\n  User {sshd.user}\n  IdentityFile {sshd.key}\n"
    )

    def doctor(*more: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "runicorn", "remote", "doctor", *more]
        return subprocess.run(command, capture_output=True, text=True, timeout=200, stdin=subprocess.DEVNULL)

    unknown = doctor("box")
    assert unknown.returncode == 1
    assert "FAIL  signing in" in unknown.stdout
    assert "is not known" in unknown.stdout
    sshd.trust(KnownHosts(home / ".ssh" / "known_hosts"))
    good = doctor("box", "--json")
    assert good.returncode == 0, good.stdout
    names = [check["name"] for check in json.loads(good.stdout)]
    assert names[3:] == ["host", "signing in", "login shell", "files", "streams", "python", "clock", "machine"]
    sshd.stop()
    sshd.extra.append("AllowTcpForwarding no")
    sshd.start()
    closed = doctor("box")
    assert closed.returncode == 1
    assert "FAIL  streams" in closed.stdout
    assert "ok    clock" in closed.stdout
