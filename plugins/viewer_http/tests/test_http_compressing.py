"""Compressed answers: the same content, for whoever accepts it."""

from __future__ import annotations

import math
import zlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any

import httpx
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from runicorn_viewer_http.asgi.compressing import Compressing

GZIP = {"Accept-Encoding": "gzip"}
PLAIN = {"Accept-Encoding": "identity"}


@pytest.fixture
def compressing(serve_settings: Callable[..., AbstractContextManager[Any]]) -> Iterator[Any]:
    with serve_settings({"compression": "on"}) as client:
        yield client


def encoding(answer: httpx.Response) -> str | None:
    found: str | None = answer.headers.get("content-encoding")
    return found


def test_pages_lists_and_curves_are_the_same_compressed_or_not(compressing: Any, make_run: Any) -> None:
    run = make_run("a")
    for step in range(500):
        run.log(step, loss=1 / (step + 1))
    asked = {"runs": ["a"], "keys": ["loss"], "buckets": 100}
    script = compressing.get("/").text.partition('modulepreload" href="')[2].partition('"')[0]
    for path in ("/", script, "/api/openapi.json", "/api/metrics/a", "/api/metrics/a?buckets=100"):
        small, large = compressing.get(path, headers=GZIP), compressing.get(path, headers=PLAIN)
        assert (encoding(small), encoding(large)) == ("gzip", None)
        assert small.content == large.content, path
        assert "Accept-Encoding" in small.headers["vary"]
    small = compressing.post("/api/v2/metrics", json=asked, headers=GZIP)
    assert encoding(small) == "gzip"
    assert small.content == compressing.post("/api/v2/metrics", json=asked, headers=PLAIN).content


def test_many_points_are_packed_by_what_sees_that_columns_repeat(compressing: Any, make_run: Any) -> None:
    run = make_run("a")
    for step in range(3000):
        run.log(step, loss=math.sin(step * 1.7))
    asked = {"runs": ["a"], "keys": ["loss"], "buckets": 2000}
    plain = compressing.post("/api/v2/metrics", json=asked, headers=PLAIN)
    both = {"Accept-Encoding": "gzip, zstd"}
    with compressing.stream("POST", "/api/v2/metrics", json=asked, headers=both) as packed:
        assert encoding(packed) == "zstd"
        small = b"".join(packed.iter_raw())
    assert pa.input_stream(pa.BufferReader(small), compression="zstd").read() == plain.content
    assert len(small) < len(plain.content) / 4
    text = compressing.get("/api/metrics/a", headers=both)
    assert encoding(text) == "gzip"


def test_a_compressed_answer_is_known_again(compressing: Any, make_run: Any) -> None:
    run = make_run("a")
    for step in range(500):
        run.log(step, loss=1 / (step + 1))
    first = compressing.get("/api/metrics/a", headers=GZIP)
    assert first.headers["etag"].startswith("W/")
    again = compressing.get("/api/metrics/a", headers={**GZIP, "If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content, encoding(again)) == (304, b"", None)


def test_what_is_small_a_picture_or_a_part_passes_as_it_is(compressing: Any, make_run: Any) -> None:
    run = make_run("a")
    path = run.image("sample", 1, b"\x89PNG\r\n\x1a\n" + bytes(9000))
    run.status("finished")
    picture = compressing.get(f"/api/runs/a/media/{path.removeprefix('media/')}", headers=GZIP)
    assert picture.status_code == 200
    assert encoding(picture) is None
    part = compressing.get(picture.url, headers={**GZIP, "Range": "bytes=0-2000"})
    assert (part.status_code, encoding(part), len(part.content)) == (206, None, 2001)
    small = compressing.get("/api/runs/b", headers=GZIP)
    assert (small.status_code, encoding(small)) == (404, None)


def test_who_does_not_accept_it_gets_it_plain(compressing: Any) -> None:
    for header in ("", "br", "gzip;q=0", "identity"):
        assert encoding(compressing.get("/", headers={"Accept-Encoding": header})) is None
    for header in ("gzip, br", "br, GZIP;q=0.5", "*"):
        assert encoding(compressing.get("/", headers={"Accept-Encoding": header})) == "gzip"


@given(st.lists(st.binary(max_size=3000), min_size=1, max_size=6))
def test_pieces_arrive_as_they_are_sent(pieces: list[bytes]) -> None:
    """Each piece can be read before the next one is made, however an answer is cut."""
    sent: list[Any] = []
    unpacked = zlib.decompressobj(31)
    got = bytearray()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/csv")]})
        for number, piece in enumerate(pieces):
            await send({"type": "http.response.body", "body": piece, "more_body": True})
            got.extend(unpacked.decompress(sent[-1]["body"]))
            assert bytes(got) == b"".join(pieces[: number + 1])
        await send({"type": "http.response.body", "body": b""})

    async def send(message: Any) -> None:
        sent.append(message)

    async def in_thread(work: Callable[[], bytes]) -> bytes:
        return work()

    async def receive() -> Any:
        raise AssertionError("nothing is read")

    scope = {"type": "http", "method": "GET", "headers": [(b"accept-encoding", b"gzip")]}
    run = Compressing(app, in_thread)(scope, receive, send)
    with pytest.raises(StopIteration):
        run.send(None)
    got.extend(unpacked.decompress(sent[-1]["body"]))
    assert unpacked.eof
