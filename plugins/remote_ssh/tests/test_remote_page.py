"""The page in a real browser, in front of real SSH servers: signing in, keys, folders, and words in two languages."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import asyncssh
import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]  # it has no types
from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import Page, expect
from runicorn.testing import PanelContract
from runicorn_remote_ssh.files.loop import LoopThread

from .conftest import Sshd

pytestmark = [pytest.mark.browser, pytest.mark.disturbed]  # what a host refuses is a request that failed
Open = Callable[..., Page]


TRAINING = """
import sys, time
import runicorn as rn
with rn.init("p", run_id="live", storage=sys.argv[1], capture_env=False) as run:
    for step in range(100_000):
        run.log({"loss": 1 / (step + 1)}, step=step)
        if step == 20:
            print("ready", flush=True)
        time.sleep(0.05 if step > 20 else 0)
"""


class TestPanels(PanelContract):
    name = "remote-ssh"


@pytest.fixture
def home(tmp_path: Path, sshd: Sshd) -> Path:
    """A user whose SSH configuration names two machines; the key of neither is on file."""
    home = tmp_path / "user"
    (home / ".ssh").mkdir(parents=True)
    (home / ".ssh/config").write_text(
        f"Host gpu-box\n  HostName 127.0.0.1\n  Port {sshd.port}\n  User {sshd.user}\n  IdentityFile {sshd.key}\n"
        "Host cluster\n  HostName login.invalid\n  ProxyJump bastion.invalid\n"
    )
    return home


@pytest.fixture
def viewer_of(home: Path, tmp_path: Path) -> Callable[[], Iterator[str]]:
    """The viewer of that user, started anew each time; this machine has no keyring."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith(("RUNICORN_", "SSH_"))}
    ours |= {"HOME": str(home), "RUNICORN_HOME": str(tmp_path / "viewer"), "PYTHONUNBUFFERED": "1"}
    ours |= {"PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring"}
    command = [sys.executable, "-m", "runicorn", "viewer", "--port", "0", "--no-open"]

    def viewer() -> Iterator[str]:
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=ours) as process:
            try:
                assert process.stdout is not None
                yield process.stdout.readline().split()[-1]
            finally:
                process.terminate()
                process.wait(60)

    return viewer


@pytest.fixture
def site(viewer_of: Callable[[], Iterator[str]]) -> Iterator[str]:
    yield from viewer_of()


@pytest.fixture
def page(open_page: Open, site: str) -> Page:
    return open_page(f"{site}/remote", locale="en-GB", reduced_motion="reduce")


def complaints(page: Page) -> list[str]:
    expect(page.get_by_role("heading", level=1).first).to_be_visible()  # the page is there
    found = Axe().run(page).response["violations"]
    return [f"{one['id']}: {node['html'][:160]}" for one in found for node in one["nodes"]]


def connect(page: Page, host: str = "gpu-box") -> None:
    page.get_by_role("button", name=f"Connect to {host}", exact=True).click()


def accept_key(page: Page) -> None:
    page.get_by_role("button", name="It is the right one: accept it").click()


def test_a_machine_is_connected_after_its_key_was_compared(page: Page, sshd: Sshd, tmp_path: Path) -> None:
    there = tmp_path / "data 数据"
    (there / "runs").mkdir(parents=True)
    expect(page.get_by_role("button", name="Connect to gpu-box", exact=True)).to_be_visible()
    assert complaints(page) == []
    connect(page)
    asked = page.get_by_role("alertdialog", name="This machine was never seen before")
    fingerprint = asyncssh.read_private_key(str(sshd.host_key)).get_fingerprint()
    expect(asked.locator(".remote-fingerprint")).to_have_text(fingerprint)
    assert complaints(page) == []
    accept_key(page)
    expect(page.locator(".remote-head h2")).to_have_text(f"{sshd.user}@gpu-box:{sshd.port}")
    expect(page.locator(".remote-status")).to_contain_text("GB")
    page.get_by_role("textbox", name="Folder with runs").fill(str(tmp_path))
    page.get_by_role("button", name="Browse").click()
    page.get_by_role("button", name="data 数据", exact=True).click()
    expect(page.locator(".remote-crumbs")).to_contain_text("runs are kept here")
    assert complaints(page) == []
    page.get_by_role("button", name="Take this folder").click()
    expect(page.get_by_role("textbox", name="Folder with runs")).to_have_value(str(there))
    page.reload()
    expect(page.locator(".remote-status")).to_be_visible()
    page.get_by_role("button", name="Disconnect").click()
    expect(page.get_by_role("button", name="Connect to gpu-box", exact=True)).to_be_visible()
    connect(page)  # its key is on file now
    expect(page.locator(".remote-status")).to_be_visible()


def test_a_changed_key_is_refused_and_no_single_click_takes_it(page: Page, sshd: Sshd) -> None:
    connect(page)
    accept_key(page)
    expect(page.locator(".remote-status")).to_be_visible()
    page.get_by_role("button", name="Disconnect").click()
    sshd.stop()
    sshd.new_host_key()
    sshd.start()
    connect(page)
    refused = page.get_by_role("alertdialog", name="The key of this machine has changed")
    expect(refused).to_contain_text("somebody stands between you and it")
    expect(page.get_by_role("button", name="accept")).to_have_count(0)
    assert complaints(page) == []
    refused.get_by_text("I know why it has changed").click()
    remove = refused.get_by_role("button", name="Remove the old key")
    expect(remove).to_be_disabled()
    refused.get_by_role("textbox").fill("127.0.0.1")
    remove.click()
    expect(page.get_by_role("alertdialog", name="This machine was never seen before")).to_be_visible()
    accept_key(page)
    expect(page.locator(".remote-status")).to_be_visible()


class Asks(asyncssh.SSHServer):
    """A password and a second factor."""

    def kbdint_auth_supported(self) -> bool:
        return True

    def get_kbdint_challenge(self, username: str, lang: str, submethods: str) -> Any:
        return ("Second factor", "", "en", [("Password: ", False), ("Code: ", True)])

    def validate_kbdint_response(self, username: str, responses: Sequence[str]) -> bool:
        return username == "me" and list(responses) == ["秘密", "123456"]


def test_what_a_host_asks_is_answered_in_the_page_and_a_machine_remembered_without_it(
    page: Page, tmp_path: Path
) -> None:
    loop = LoopThread("test-asking-server")
    key = asyncssh.generate_private_key("ssh-ed25519")
    server = loop.call(_listening(key), 60, "server")
    page.get_by_role("button", name="Add a machine").click()
    page.get_by_role("textbox", name="Machine").fill("127.0.0.1")
    page.get_by_role("textbox", name="User").fill("me")
    page.get_by_role("textbox", name="Port").fill(str(server.get_port()))
    page.keyboard.press("Enter")
    accept_key(page)
    asked = page.get_by_role("alertdialog", name="me@127.0.0.1 asks")
    expect(asked.get_by_label("Password")).to_be_focused()
    assert asked.get_by_label("Password").get_attribute("type") == "password"
    assert complaints(page) == []
    page.keyboard.type("秘密")
    page.keyboard.press("Tab")
    page.keyboard.type("123456")
    page.keyboard.press("Enter")
    expect(page.locator(".remote-head")).to_contain_text("connected")
    saved = (tmp_path / "viewer/config/remote/connections.json").read_text(encoding="utf-8")
    assert "127.0.0.1" in saved
    assert "秘密" not in saved
    page.get_by_role("button", name="Disconnect").click()
    page.get_by_role("button", name=re.compile("^Forget me@127.0.0.1")).click()
    expect(page.get_by_role("button", name=re.compile("^Connect to me@127.0.0.1"))).to_have_count(0)
    loop.call(_ended(server), 60, "server")


async def _listening(key: asyncssh.SSHKey, factory: type[asyncssh.SSHServer] = Asks) -> asyncssh.SSHAcceptor:
    return await asyncssh.listen("127.0.0.1", 0, server_host_keys=[key], server_factory=factory)


async def _ended(server: asyncssh.SSHAcceptor) -> None:
    server.close()
    await server.wait_closed()


def test_runs_over_there_are_seen_live_through_the_tunnel(page: Page, open_page: Open, tmp_path: Path) -> None:
    root = tmp_path / "there 远" / "runs"
    with subprocess.Popen([sys.executable, "-c", TRAINING, str(root)], stdout=subprocess.PIPE, text=True) as training:
        try:
            assert training.stdout is not None
            assert training.stdout.readline() == "ready\n"
            (root.parent / ".venv").symlink_to(sys.prefix)  # what trained them stands beside them
            connect(page)
            accept_key(page)
            page.get_by_role("textbox", name="Folder with runs").fill(str(root))
            page.get_by_role("button", name="Open its runs").click()
            opened = page.get_by_role("link", name="Open", exact=True)
            expect(opened).to_be_visible(timeout=90_000)
            expect(page.locator(".remote-steps")).to_contain_text("start")
            assert complaints(page) == []
            address = str(opened.get_attribute("href"))
            there = open_page(f"{address}/table?project=p&cols=run,status,metrics.loss.last")
            value = there.locator(".grid-row [data-col='3']")
            expect(value).to_have_text(re.compile(r"\d"))
            expect(value).not_to_have_text(value.inner_text())
            there.goto(f"{address}/runs/live?tab=charts")
            expect(there.locator(".plot canvas").first).to_be_visible()
            curve = there.locator(".plot canvas").first.evaluate("one => one.toDataURL()")
            there.wait_for_function(
                "before => document.querySelector('.plot canvas').toDataURL() !== before", arg=curve
            )
            there.context.close()
            page.get_by_role("button", name="Stop").click()
            expect(opened).to_have_count(0)
        finally:
            training.kill()


def test_what_becomes_of_a_connection_is_said_with_what_can_be_done(page: Page, sshd: Sshd) -> None:
    connect(page)
    accept_key(page)
    head, trouble = page.locator(".remote-head").first, page.locator(".remote-detail [role=status]").first
    expect(head).to_contain_text("connected")
    log = page.locator(".remote-log")
    for session in sessions_of(sshd):
        os.kill(session, signal.SIGSTOP)
    expect(log).to_contain_text("answers late", timeout=90_000)
    sshd.stop()
    expect(head).to_contain_text("reconnecting", timeout=90_000)
    expect(trouble).to_contain_text("It comes back by itself")
    assert complaints(page) == []
    sshd.start()
    try_now = page.get_by_role("button", name="Try now")
    if try_now.is_visible():
        with suppress(PlaywrightError):  # it came back meanwhile
            try_now.click(timeout=2_000)
    expect(head).not_to_contain_text("reconnecting", timeout=90_000)
    kept = (sshd.folder / "authorized").read_bytes()
    (sshd.folder / "authorized").write_bytes(b"")
    sshd.stop()
    sshd.start()
    again = page.get_by_role("button", name="Sign in again")
    expect(again).to_be_visible(timeout=90_000)
    expect(trouble).to_contain_text("serve again once you have signed in")
    assert complaints(page) == []
    (sshd.folder / "authorized").write_bytes(kept)
    again.click()
    expect(page.locator(".remote-status")).to_be_visible()
    page.reload()
    for said in ("connected as", "answers late", "reconnecting", "needs you to sign in"):
        expect(log).to_contain_text(said)
    page.get_by_role("button", name="Disconnect").click()
    expect(log).to_contain_text("disconnected")


def sessions_of(sshd: Sshd) -> list[int]:
    """The processes that serve connections."""
    return [int(pid) for pid in subprocess.check_output(["pgrep", "-P", str(sshd.pid)], text=True).split()]


def test_secrets_are_remembered_in_the_file_and_used_again_once_it_is_unlocked(
    open_page: Open, home: Path, tmp_path: Path, viewer_of: Callable[[], Iterator[str]]
) -> None:
    loop = LoopThread("test-password-server")
    server = loop.call(_listening(asyncssh.generate_private_key("ssh-ed25519"), TakesAPassword), 20, "server")
    with (home / ".ssh/config").open("a") as config:
        config.write(f"Host safe\n  HostName 127.0.0.1\n  Port {server.get_port()}\n  User me\n")
    with contextmanager(viewer_of)() as site:
        page = open_page(f"{site}/remote", locale="en-GB")
        connect(page, "safe")
        accept_key(page)
        asked = page.get_by_role("alertdialog", name="me@127.0.0.1 asks")
        asked.get_by_label("Password", exact=True).fill("wrong")
        asked.get_by_role("button", name="Answer").click()
        expect(asked).to_contain_text("That was wrong")
        asked.get_by_label("Password", exact=True).fill("秘密")
        asked.get_by_role("checkbox", name="Remember it in the encrypted file").check()
        asked.get_by_label("A passphrase for the file").fill("tresor")
        assert complaints(page) == []
        asked.get_by_role("button", name="Answer").click()
        expect(page.locator(".remote-head").first).to_contain_text("connected")
        page.context.close()
    with contextmanager(viewer_of)() as site:
        page = open_page(f"{site}/remote", locale="en-GB")
        locked = page.get_by_role("form", name="Remembered secrets are locked")
        locked.get_by_label("Passphrase of the file of secrets").fill("guess")
        page.keyboard.press("Enter")
        expect(locked.get_by_role("alert")).to_contain_text("not the passphrase")
        locked.get_by_label("Passphrase of the file of secrets").fill("tresor")
        page.keyboard.press("Enter")
        expect(locked).to_have_count(0)
        connect(page, "safe")
        expect(page.locator(".remote-head").first).to_contain_text("connected")
        expect(page.locator(".remote-log")).not_to_contain_text("asks for something")
        page.context.close()
    assert "秘密" not in "".join(file.read_text("utf-8", "replace") for file in (tmp_path / "viewer").rglob("*.json"))
    loop.call(_ended(server), 20, "server")


class TakesAPassword(asyncssh.SSHServer):
    def password_auth_supported(self) -> bool:
        return True

    def validate_password(self, username: str, password: str) -> bool:
        return (username, password) == ("me", "秘密")


def test_the_folder_and_the_machines_on_the_way_are_remembered_and_shown(
    page: Page, home: Path, sshd: Sshd, tmp_path: Path
) -> None:
    expect(page.locator(".remote-idle", has_text="cluster")).to_contain_text("through bastion.invalid")
    connect(page)
    accept_key(page)
    page.get_by_role("textbox", name="Folder with runs").fill(str(tmp_path / "no such"))
    page.get_by_role("button", name="Open its runs").click()
    failed = page.get_by_role("region", name=str(tmp_path / "no such"))
    expect(failed.get_by_role("alert")).to_contain_text("has no folder")
    expect(failed.get_by_role("button", name="Try again")).to_be_visible()
    assert complaints(page) == []
    failed.get_by_role("button", name="Forget it").click()
    expect(failed).to_have_count(0)
    page.get_by_role("button", name="Disconnect").click()
    expect(page.locator(".remote-idle", has_text="gpu-box")).to_contain_text(str(tmp_path / "no such"))
    connect(page)
    expect(page.get_by_role("textbox", name="Folder with runs")).to_have_value(str(tmp_path / "no such"))


def test_a_host_that_cannot_be_reached_is_said(page: Page) -> None:
    connect(page, "cluster")
    expect(page.locator(".remote-log .err")).to_contain_text("bastion.invalid")


def test_the_page_fits_a_narrow_window_in_chinese_and_in_the_dark(open_page: Open, site: str) -> None:
    narrow = {"width": 400, "height": 800}
    page = open_page(f"{site}/remote", locale="zh-CN", color_scheme="dark", viewport=narrow)
    page.get_by_role("button", name="添加主机").click()
    expect(page.get_by_role("textbox", name="跳板机")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 400
    assert complaints(page) == []
