"""A real browser for tests of panels and pages. To opt in, say in ``conftest.py``::

    pytest_plugins = ["runicorn.testing.pytest_plugin", "runicorn.testing.browser_plugin"]

Needs ``pip install runicorn-core[testing-browser]`` and Chromium as the system has it; a test that asks for a fixture
of these is skipped where there is none.
"""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page

#: The same engine without the browser around it first: it takes a third of the CPU for each page.
PROGRAMS = ("chromium-headless-shell", "chromium", "google-chrome")
PATIENCE_MS = 60_000  # other workers of the test run have the cores too
_ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip
_LOUD = ("error", "warning")
_QUIET = (
    "WebSocket is closed before the connection is established",  # what Chromium says when a page is left early
    "net::ERR_NETWORK_CHANGED",  # somebody made an interface on this machine
)


class _Chromium:
    """One browser, started when it is first wanted, and again should it have died."""

    def __init__(self, program: str) -> None:
        from playwright.sync_api import expect, sync_playwright

        expect.set_options(timeout=PATIENCE_MS)
        self._program = program
        self._playwright = sync_playwright().start()
        self._loop = asyncio.get_running_loop()
        self._browser = self._launch()
        self.pause()

    def _launch(self) -> Browser:
        return self._playwright.chromium.launch(executable_path=self._program, args=_ARGUMENTS)

    def resume(self) -> Browser:
        asyncio._set_running_loop(self._loop)
        if not self._browser.is_connected():
            self._browser = self._launch()
        return self._browser

    def pause(self) -> None:
        """Playwright's loop stands still between tests, but this thread would count as running it: others could
        run none of their own."""
        asyncio._set_running_loop(None)

    def stop(self) -> None:
        self.resume().close()
        self._playwright.stop()
        self.pause()


@pytest.fixture(scope="session")
def _chromium() -> Iterator[_Chromium]:
    program = next(filter(None, map(shutil.which, PROGRAMS)), None)
    if program is None:
        pytest.skip("needs Chromium; on Debian: apt-get install chromium fonts-dejavu-core fonts-noto-cjk")
    chromium = _Chromium(program)
    yield chromium
    chromium.stop()


@pytest.fixture
def chromium(_chromium: _Chromium) -> Iterator[Browser]:
    """The one browser of the whole session, without a window; what a test opens in it, it closes."""
    yield _chromium.resume()
    _chromium.pause()


@pytest.fixture
def open_page(chromium: Browser, request: pytest.FixtureRequest) -> Callable[..., Page]:
    """Opens an address in a context of its own: ``open_page(url, locale="zh-CN", color_scheme="dark")``.

    What follows are options of Playwright's ``new_context``. Relative addresses begin at the origin of the first one.
    The test fails if a page throws, logs an error or a warning, or asks another origin for anything;
    ``@pytest.mark.disturbed`` allows what is logged. Pages are closed before what they show is stopped.
    """
    complaints: list[str] = []
    contexts: list[BrowserContext] = []
    disturbed = request.node.get_closest_marker("disturbed") is not None

    def open_page(url: str, **options: object) -> Page:
        parts = urlsplit(url)
        defaults: dict[str, object] = {
            "base_url": f"{parts.scheme}://{parts.netloc}",
            "viewport": {"width": 1280, "height": 800},
            "locale": "en-US",
        }
        context = chromium.new_context(**(defaults | options))  # type: ignore[arg-type]  # names and types are Playwright's
        if not contexts:  # what a test adds last is ended first: before the servers that it has started
            request.node.addfinalizer(close)
        contexts.append(context)
        context.set_default_timeout(PATIENCE_MS)
        context.on("weberror", lambda thrown: complaints.append(f"error: {thrown.error}"))
        context.on("request", lambda r: complaints.append(f"left: {r.url}") if _foreign(r.url, parts.netloc) else None)
        if not disturbed:
            context.on("console", lambda m: complaints.append(f"console: {m.text}") if _complains(m) else None)
        page = context.new_page()
        page.goto(url)
        return page

    def close() -> None:
        for context in contexts:
            with suppress(Exception):
                context.close()
        assert complaints == []

    return open_page


def _complains(message: ConsoleMessage) -> bool:
    return message.type in _LOUD and not any(text in message.text for text in _QUIET)


def _foreign(url: str, origin: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme in ("http", "https", "ws", "wss") and parts.netloc != origin


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "disturbed: a page logs errors in this test (a request that is made to fail)")
