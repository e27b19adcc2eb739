"""The webhook, against a server that really listens."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import runicorn as rn
from runicorn.config import config_dir
from runicorn.errors import ConfigError
from runicorn.hooks import config_document, open_store

SECRET = "T0K3N-of-the-address"


class Server(ThreadingHTTPServer):
    """Answers with the codes it is given, then 200; keeps what it was sent."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.codes: list[int] = []
        self.got: list[Any] = []
        self.paths: list[str] = []
        self.signed: list[str | None] = []
        self.hang = threading.Event()
        self.hang.set()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/hook/{SECRET}"


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_POST(self) -> None:
        self.server.hang.wait(250)
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.paths.append(self.path)
        self.server.signed.append(self.headers["Authorization"])
        code = self.server.codes.pop(0) if self.server.codes else 200
        if code == 200:
            self.server.got.append(json.loads(body))
        self.send_response(code)
        if code == 429:
            self.send_header("Retry-After", "0")
        if code == 302:
            self.send_header("Location", "/elsewhere")
        self.end_headers()

    do_GET = do_POST

    def log_message(self, *_: object) -> None:
        """Quiet."""


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    server = Server()
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    monkeypatch.setattr("runicorn_monitors.webhook.PAUSE_S", 0.01)
    monkeypatch.setattr("runicorn_monitors.webhook.TIMEOUT_S", 60.0)
    monkeypatch.setenv("RUNICORN_MONITORS__WEBHOOK", server.address)
    yield server
    server.hang.set()
    server.shutdown()
    server.server_close()


def trouble(run: rn.Run) -> list[str]:
    (record,) = open_store().find_runs(run.id)
    return [str(entry["what"]) for entry in record.trouble]


def test_an_alert_arrives_as_json_with_text_for_chats(server: Server) -> None:
    with rn.init(project="p", name="n") as run:
        run.alert("Look", "at this", level="error", step=7)
    (got,) = server.got
    assert got["text"] == f"Look at step 7 in p/n ({run.id})\nat this"
    assert got["run"]["id"] == run.id
    sent = got["alert"]
    assert (sent["title"], sent["text"], sent["level"], sent["step"]) == ("Look", "at this", "error", 7)
    assert abs(sent["time"] - time.time()) < 300
    assert trouble(run) == []


@pytest.mark.parametrize("codes", [[503], [429, 502], [500, 500, 500]])
def test_an_answer_that_says_later_is_tried_again(server: Server, codes: list[int]) -> None:
    server.codes = list(codes)
    with rn.init(project="p") as run:
        run.alert("Look")
    assert [got["alert"]["title"] for got in server.got] == ["Look"]
    assert len(server.paths) == len(codes) + 1
    assert trouble(run) == []


@pytest.mark.parametrize(("codes", "tries"), [([404], 1), ([500] * 9, 4), ([302], 1)])
def test_what_cannot_be_delivered_is_said_without_the_address(server: Server, codes: list[int], tries: int) -> None:
    server.codes = list(codes)
    with rn.init(project="p") as run:
        run.alert("Look")
    assert len(server.paths) == tries
    assert server.got == []
    (said,) = trouble(run)
    assert f"the webhook at 127.0.0.1 did not take an alert: it answered {codes[0]}" in said
    assert SECRET not in json.dumps(trouble(run))


def test_a_webhook_that_is_down_costs_the_run_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("runicorn_monitors.webhook.PAUSE_S", 0.01)
    monkeypatch.setenv("RUNICORN_MONITORS__WEBHOOK", "http://127.0.0.1:9/x")
    with rn.init(project="p") as run:
        run.alert("Look")
    (said,) = trouble(run)
    assert "refused" in said
    (record,) = open_store().find_runs(run.id)
    assert record.status == "finished"


def test_a_webhook_that_hangs_does_not_keep_the_run(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RUNICORN_RUN__ALERT_TIMEOUT", "0.2")
    server.hang.clear()
    with rn.init(project="p") as run:
        run.alert("Look")
    assert server.got == []
    assert any("1 alert not sent when the run ended: 'Look'" in said for said in trouble(run))


def test_the_last_words_of_a_failing_run_get_out_though_finish_did_not_wait_for_them(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RUNICORN_RUN__ALERT_TIMEOUT", "0.05")
    server.hang.clear()
    program = """
import runicorn as rn
import runicorn.hooks.alert_sinks, runicorn_monitors.webhook
runicorn.hooks.alert_sinks.LATE_S = runicorn_monitors.webhook.TIMEOUT_S = 100.0  # a loaded machine
try:
    with rn.init(project="p", capture_env=False, capture_system=False) as run:
        run.alert("Out of memory", level="error")
        raise MemoryError("boom")
except MemoryError:
    print("ended", flush=True)
    raise
"""
    command = [sys.executable, "-c", program]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ended\n"
        assert server.got == []
        server.hang.set()
        assert process.wait(200) == 1
    assert [got["alert"]["title"] for got in server.got] == ["Out of memory", "The run failed"]
    assert server.got[1]["alert"]["text"] == "MemoryError: boom"


def test_a_run_that_fails_is_told_unless_that_is_switched_off(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    for status in ("failed", "interrupted", "finished"):
        rn.init(project="p").finish(status)
    monkeypatch.setenv("RUNICORN_MONITORS__FAILED", "false")
    rn.init(project="p").finish("failed")
    assert [(got["alert"]["title"], got["alert"]["text"]) for got in server.got] == [
        ("The run failed", "the training said so")
    ]


def test_secrets_in_an_alert_are_not_sent(server: Server) -> None:
    token = "ghp_" + "a1B2" * 9
    with rn.init(project="p") as run:
        run.alert(f"cannot clone https://me:{token}@example.org/x", f"{token} http://me:pa@ss4word@host/x")
    assert token not in json.dumps(server.got)
    assert "ss4word" not in json.dumps(server.got)
    assert "***" in json.dumps(server.got)


def test_the_address_is_a_secret_of_the_configuration(server: Server) -> None:
    assert "webhook" not in config_document()["monitors"]


def test_a_user_and_password_in_the_address_are_sent_as_basic_authentication(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = server.address.replace("://", "://me%40work:p%2Fw:密@") + "?a=b"
    monkeypatch.setenv("RUNICORN_MONITORS__WEBHOOK", address)
    server.codes = [503, 200, 401]
    with rn.init(project="p") as run:
        run.alert("Look")
        run.alert("Look again")
    assert [got["alert"]["title"] for got in server.got] == ["Look"]
    assert server.paths == [f"/hook/{SECRET}?a=b"] * 3
    assert [base64.b64decode(str(signed).removeprefix("Basic ")).decode() for signed in server.signed] == [
        "me@work:p/w:密"
    ] * 3
    (said,) = trouble(run)
    assert "the webhook at 127.0.0.1 did not take an alert: it answered 401" in said
    kept = b"".join(file.read_bytes() for file in Path(run.dir).rglob("*") if file.is_file())
    assert "密".encode() not in kept
    assert b"p%2Fw" not in kept


def test_an_address_without_a_password_is_not_signed(server: Server) -> None:
    with rn.init(project="p") as run:
        run.alert("Look")
    assert server.signed == [None]


@pytest.mark.parametrize("command", [["show"], ["show", "--json"], ["get", "monitors.webhook"]])
def test_the_address_is_not_shown_with_the_configuration(server: Server, command: list[str]) -> None:
    shown = subprocess.run([sys.executable, "-m", "runicorn", "config", *command], capture_output=True, text=True)
    assert shown.returncode == 0
    assert "(set)" in shown.stdout
    assert SECRET not in shown.stdout


@pytest.mark.parametrize(
    "address",
    [f"ftp://me:{SECRET}@host", f"http://me:{SECRET}/x@host", f"http://me:{SECRET}[@host", f"http://me:{SECRET}℀@host"],
)
def test_an_address_that_is_refused_is_not_shown_either(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RUNICORN_MONITORS__WEBHOOK", address)
    with pytest.raises(ConfigError, match=r"'monitors\.webhook' cannot be what is set: an address") as raised:
        config_document()
    assert SECRET not in str(raised.value)


@pytest.mark.parametrize("address", ["file:///etc/passwd", "example.org/hook", "ftp://example.org"])
def test_only_addresses_of_the_web_are_taken(address: str) -> None:
    config_dir().mkdir(parents=True, exist_ok=True)
    (config_dir() / "config.toml").write_text(f'[monitors]\nwebhook = "{address}"\n')
    with pytest.raises(ConfigError, match="https://"):
        config_document()
