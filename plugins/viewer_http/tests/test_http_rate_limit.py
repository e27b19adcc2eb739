"""How many requests one client may send, and what the next one is told."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Any

import httpx
import pytest
from runicorn.contracts import Store
from runicorn_viewer_http.app import RunningViewer, build_app
from runicorn_viewer_http.asgi.rate_limit import rate_limit


def client(store: Store, address: str = "192.0.2.7", **settings: object) -> httpx.AsyncClient:
    viewer = RunningViewer(store, {"host": "127.0.0.1", "port": 1, "rate_limit": "auto", **settings})
    transport = httpx.ASGITransport(build_app(viewer), client=(address, 50000))
    return httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1")


async def statuses(http: httpx.AsyncClient, times: int, path: str = "/api/health", **more: Any) -> list[int]:
    return [(await http.get(path, **more)).status_code for _ in range(times)]


@pytest.fixture
def run() -> Any:
    import asyncio

    return asyncio.run


def test_whoever_sends_too_many_is_told_when_to_come_again(store: Store, run: Any) -> None:
    async def story() -> None:
        async with client(store, rate_limit="5/minute") as http:
            assert await statuses(http, 5) == [200] * 5
            answer = await http.get("/api/health")
            assert answer.status_code == 429
            assert answer.headers["content-type"] == "application/problem+json"
            problem = answer.json()
            assert (problem["code"], problem["title"]) == ("rate-limited", "Too Many Requests")
            assert 1 <= int(answer.headers["retry-after"]) == problem["retry_after"] <= 60
            assert (await http.get("/")).status_code == 200  # the interface itself is not counted

    run(story())


def test_each_address_counts_for_itself_and_headers_change_nothing(store: Store, run: Any) -> None:
    async def story() -> None:
        viewer = RunningViewer(store, {"host": "127.0.0.1", "rate_limit": "2/minute"})
        app = build_app(viewer)

        def of(address: str) -> httpx.AsyncClient:
            transport = httpx.ASGITransport(app, client=(address, 1))
            return httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1")

        async with of("192.0.2.7") as one, of("192.0.2.8") as other:
            assert await statuses(one, 3) == [200, 200, 429]
            assert await statuses(other, 2) == [200, 200]
            forged = {"X-Forwarded-For": "203.0.113.9", "Forwarded": "for=203.0.113.9", "X-Real-IP": "203.0.113.9"}
            assert await statuses(one, 1, headers=forged) == [429]

    run(story())


@pytest.mark.parametrize(
    ("setting", "host", "limited"),
    [("auto", "127.0.0.1", False), ("auto", "::1", False), ("auto", "0.0.0.0", True), ("off", "0.0.0.0", False)],
)
def test_by_itself_it_is_on_beyond_loopback(
    store: Store, run: Any, monkeypatch: pytest.MonkeyPatch, setting: str, host: str, limited: bool
) -> None:
    monkeypatch.setattr("runicorn_viewer_http.asgi.rate_limit.DEFAULT", "2/minute")

    async def story() -> None:
        async with client(store, rate_limit=setting, host=host) as http:
            assert (await statuses(http, 3))[-1] == (429 if limited else 200)

    run(story())


def test_several_limits_hold_together(store: Store, run: Any) -> None:
    async def story() -> None:
        async with client(store, rate_limit="100/second; 3/hour") as http:
            assert await statuses(http, 4) == [200, 200, 200, 429]

    run(story())


def test_on_loopback_the_library_is_not_even_loaded() -> None:
    assert rate_limit("auto", loopback=True) is None
    program = "import sys, runicorn_viewer_http.plugin, runicorn_viewer_http.app; print('limits' in sys.modules)"
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert said == "False\n"


def test_a_setting_that_is_no_limit_is_refused_at_the_start() -> None:
    more = {"RUNICORN_VIEWER_HTTP__RATE_LIMIT": "many"}
    command = [sys.executable, "-m", "runicorn", "viewer", "--port", "0", "--no-open"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=200, env={**os.environ, **more}, check=False)
    assert done.returncode != 0
    assert "'many' is no limit; write it like '600/minute'" in done.stderr
    assert "Traceback" not in done.stderr
