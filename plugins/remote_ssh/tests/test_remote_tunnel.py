"""The local address of a viewer elsewhere: what goes through it, what does not, what it says without a line."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import tracemalloc
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from runicorn_remote_ssh.viewer.tunnel import SSHTunnel, everybody
from runicorn_remote_ssh.viewer.warming import warm
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

TOKEN = "only-the-tunnel-knows"
Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@pytest.fixture(scope="module")
def viewer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The port of a real viewer that asks for a token."""
    root = tmp_path_factory.mktemp("root")
    command = [sys.executable, "-m", "runicorn", "viewer", "--root", str(root), "--bind", "127.0.0.1:0"]
    command += ["--token-stdin", "--exit-on-stdin-eof", "--grace", "0"]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(TOKEN.encode() + b"\n")
    process.stdin.flush()
    yield json.loads(process.stdout.readline())["port"]
    process.stdin.close()
    process.wait(60)
    process.stdout.close()


@asynccontextmanager
async def tunnel_to(port: int, admits: Any = everybody, patience_s: float = 0.2) -> AsyncIterator[SSHTunnel]:
    tunnel = SSHTunnel("box", TOKEN, admits=admits, patience_s=patience_s)
    await tunnel.start()
    if port:
        tunnel.join(lambda: asyncio.open_connection("127.0.0.1", port))
    try:
        yield tunnel
    finally:
        await tunnel.close()


def through(tunnel: SSHTunnel) -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url=tunnel.url, timeout=60)


@asynccontextmanager
async def server(handler: Handler) -> AsyncIterator[int]:
    """Something that is no viewer, and tells what reached it."""
    serving = await asyncio.start_server(handler, "127.0.0.1", 0)
    async with serving:
        yield serving.sockets[0].getsockname()[1]


def answer(body: bytes, *headers: str) -> bytes:
    lines = ["HTTP/1.1 200 OK", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def test_requests_and_sockets_get_the_token_on_their_way(viewer: int) -> None:
    async def main() -> None:
        async with tunnel_to(viewer) as tunnel, through(tunnel) as client:
            assert (await client.get(f"http://127.0.0.1:{viewer}/api/health")).status_code == 401
            assert (await client.get("/api/health")).json()["storage"]["runs"] == 0
            assert (await client.put("/api/ui-preferences", json={"a": 1}, params={"view": "x"})).status_code == 200
            assert (await client.head("/")).status_code == 200
            async with connect(tunnel.url.replace("http", "ws") + "/api/live") as socket:
                await socket.send('{"sub": ["runs:"]}')
                assert "seq" in json.loads(await socket.recv())

    asyncio.run(main())


def test_secrets_of_this_machine_stay_here_and_foreign_ones_there() -> None:
    heads: list[bytes] = []

    async def record(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heads.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(answer(b"ok", "Set-Cookie: there=1"))
        writer.close()

    async def main() -> None:
        async with server(record) as port, tunnel_to(port) as tunnel, through(tunnel) as client:
            mine = {"Cookie": "runicorn_12=mine", "Authorization": "Bearer mine", "X-Kept": "yes"}
            response = await client.get("/api/health", headers=mine)
            assert response.text == "ok"
            assert "set-cookie" not in response.headers
        head = heads[0].lower()
        assert b"mine" not in head
        assert b"x-kept: yes" in head
        assert head.count(b"authorization:") == 1
        assert f"authorization: bearer {TOKEN}".encode() in head

    asyncio.run(main())


def test_a_page_whose_name_was_pointed_here_gets_nothing(viewer: int) -> None:
    async def main() -> None:
        async with tunnel_to(viewer) as tunnel, through(tunnel) as client:
            for host in ("evil.example", f"evil.example:{tunnel.port}", ""):
                refused = await client.get("/api/health", headers={"Host": host})
                assert (refused.status_code, refused.json()["code"]) == (403, "host-not-allowed")
            for host in ("localhost", f"LOCALHOST:{tunnel.port}", f"[::1]:{tunnel.port}"):
                assert (await client.get("/api/health", headers={"Host": host})).status_code == 200
            foreign = {"Origin": "http://evil.example"}
            assert (await client.put("/api/ui-preferences?view=x", json={}, headers=foreign)).status_code == 403

    asyncio.run(main())


def test_where_the_local_viewer_asks_for_a_token_the_tunnel_does(viewer: int) -> None:
    async def main() -> None:
        async with (
            tunnel_to(viewer, admits=lambda headers: headers.get("cookie") == "mine=1") as tunnel,
            through(tunnel) as client,
        ):
            refused = await client.get("/api/health")
            assert (refused.status_code, refused.json()["code"]) == (401, "token-required")
            with pytest.raises(InvalidStatus, match="401"):
                await connect(tunnel.url.replace("http", "ws") + "/api/live")
            assert (await client.get("/api/health", headers={"Cookie": "mine=1"})).status_code == 200

    asyncio.run(main())


def test_during_an_outage_the_address_says_why_and_comes_back(viewer: int) -> None:
    async def main() -> None:
        async with tunnel_to(viewer) as tunnel, through(tunnel) as client:
            assert (await client.get("/api/health")).status_code == 200
            port = tunnel.port
            tunnel.part("the network is down")
            out = await client.get("/api/health")
            assert out.status_code == 503
            assert out.headers["content-type"] == "application/problem+json"
            assert out.headers["retry-after"] == "1"
            assert out.json()["code"] == "remote-unavailable"
            assert "the network is down" in out.json()["detail"]
            page = await client.get("/workspace", headers={"Accept": "text/html", "Accept-Language": "zh-CN,zh"})
            assert (page.status_code, page.headers["content-type"]) == (503, "text/html; charset=utf-8")
            assert 'http-equiv="refresh"' in page.text
            assert "与 box 的连接已断开" in page.text
            with pytest.raises(InvalidStatus, match="503"):
                await connect(tunnel.url.replace("http", "ws") + "/api/live")
            tunnel.join(lambda: asyncio.open_connection("127.0.0.1", viewer))
            assert tunnel.port == port
            assert (await client.get("/api/health")).status_code == 200

    asyncio.run(main())


def test_a_short_outage_is_waited_for(viewer: int) -> None:
    async def main() -> None:
        async with tunnel_to(0, patience_s=60) as tunnel, through(tunnel) as client:
            asked = asyncio.ensure_future(client.get("/api/health"))
            await asyncio.sleep(0.3)
            assert not asked.done()
            tunnel.join(lambda: asyncio.open_connection("127.0.0.1", viewer))
            assert (await asked).status_code == 200

    asyncio.run(main())


def test_the_reason_of_an_outage_cannot_carry_markup_into_the_page() -> None:
    async def main() -> None:
        async with tunnel_to(0) as tunnel, through(tunnel) as client:
            tunnel.part("<script>alert(1)</script>")
            page = await client.get("/", headers={"Accept": "text/html"})
            assert "<script>" not in page.text
            assert "&lt;script&gt;" in page.text

    asyncio.run(main())


def test_an_answer_that_is_cut_off_is_not_taken_for_a_whole_one() -> None:
    async def half(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
        writer.close()

    async def chunks(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n")
        writer.close()

    async def main() -> None:
        for handler in (half, chunks):
            async with server(handler) as port, tunnel_to(port) as tunnel, httpx.AsyncClient(timeout=60) as client:
                with pytest.raises(httpx.TransportError):
                    await client.get(tunnel.url)

    asyncio.run(main())


def test_a_connection_that_was_closed_meanwhile_is_replaced() -> None:
    served: list[int] = []

    async def once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Keeps the connection open after an answer, as far as anybody is told, and closes it then."""
        await reader.readuntil(b"\r\n\r\n")
        served.append(1)
        writer.write(answer(b"ok"))
        await writer.drain()
        writer.close()

    async def main() -> None:
        async with server(once) as port, tunnel_to(port) as tunnel, through(tunnel) as client:
            for _ in range(3):
                assert (await client.get("/")).text == "ok"
                await asyncio.sleep(0.05)
        assert len(served) == 3

    asyncio.run(main())


def test_files_that_never_change_are_fetched_once_and_before_they_are_asked_for() -> None:
    asked: list[str] = []
    files = {
        "/": (b'<link rel="modulepreload" href="/static/1/a.js">', ""),
        "/static/1/a.js": (b'import { b } from "./b.js"; const page = () => import("../1/c.js");', "immutable"),
        "/static/1/b.js": (b"export const b = 1;", "immutable"),
        "/static/1/c.js": (b"export const c = 1;", "immutable"),
        "/api/x": (b"{}", "no-cache"),
    }

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                path = head.split(b" ")[1].decode()
                asked.append(path)
                body, kept = files[path]
                writer.write(answer(body, f"Cache-Control: {kept or 'no-cache'}"))
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    async def main() -> None:
        async with server(serve) as port, tunnel_to(port) as tunnel, through(tunnel) as client:
            assert await warm(tunnel) == 3
            for path, (body, _) in files.items():
                for _ in range(2):
                    assert (await client.get(path)).content == body
            tunnel.part("down")
            assert (await client.get("/static/1/c.js")).status_code == 200
        assert sorted(asked) == [
            "/",
            "/",
            "/",
            "/api/x",
            "/api/x",
            "/static/1/a.js",
            "/static/1/b.js",
            "/static/1/c.js",
        ]

    asyncio.run(main())


def test_a_model_that_never_changes_passes_through_without_being_held() -> None:
    piece, pieces = b"x" * (1 << 20), 32

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        head = ["HTTP/1.1 200 OK", f"Content-Length: {len(piece) * pieces}", "Cache-Control: private, immutable"]
        writer.write("\r\n".join(head).encode() + b"\r\n\r\n")
        for _ in range(pieces):
            writer.write(piece)
            await writer.drain()
        writer.close()

    async def main() -> int:
        async with (
            server(serve) as port,
            tunnel_to(port) as tunnel,
            through(tunnel) as client,
            client.stream("GET", "/api/model") as response,
        ):
            return sum([len(data) async for data in response.aiter_raw()])

    tracemalloc.start()
    try:
        assert asyncio.run(main()) == len(piece) * pieces
        assert tracemalloc.get_traced_memory()[1] < len(piece) * pieces / 2
    finally:
        tracemalloc.stop()


def test_compressing_is_left_out_where_it_does_not_pay(viewer: int) -> None:
    async def main() -> None:
        async with tunnel_to(viewer) as tunnel, through(tunnel) as client:
            small = await client.get("/")
            assert small.headers["content-encoding"] == "gzip"
            tunnel.compresses = False
            large = await client.get("/")
            assert "content-encoding" not in large.headers
            assert small.text == large.text

    asyncio.run(main())


@settings(max_examples=15, deadline=None)
@given(body=st.binary(max_size=300_000), chunked=st.booleans(), back_chunked=st.booleans())
def test_bodies_of_any_size_and_form_go_through_both_ways(body: bytes, chunked: bool, back_chunked: bool) -> None:
    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        import h11

        http = h11.Connection(h11.SERVER)
        pieces = []
        while True:
            event = http.next_event()
            if event is h11.NEED_DATA:
                http.receive_data(await reader.read(65536))
            elif isinstance(event, h11.Data):
                pieces.append(bytes(event.data))
            elif isinstance(event, h11.EndOfMessage):
                break
        got = b"".join(pieces)
        headers = [] if back_chunked else [("Content-Length", str(len(got)))]
        for out in (h11.Response(status_code=200, headers=headers), h11.Data(data=got), h11.EndOfMessage()):
            writer.write(http.send(out) or b"")
        await writer.drain()
        writer.close()

    async def pieces() -> AsyncIterator[bytes]:
        for at in range(0, len(body), 7001):
            yield body[at : at + 7001]

    async def main() -> None:
        async with server(echo) as port, tunnel_to(port) as tunnel, through(tunnel) as client:
            response = await client.post("/", content=pieces() if chunked else body)
            assert response.content == body

    asyncio.run(main())


def test_what_is_no_http_is_answered_as_such(viewer: int) -> None:
    async def main() -> None:
        async with tunnel_to(viewer) as tunnel:
            reader, writer = await asyncio.open_connection("127.0.0.1", tunnel.port)
            writer.write(b"\x16\x03\x01 hello\r\n\r\n")
            assert (await reader.read()).startswith(b"HTTP/1.1 400")
            writer.close()

    asyncio.run(main())


def test_a_taken_port_is_an_error_and_the_port_is_free_afterwards(viewer: int, tmp_path: Path) -> None:
    async def main() -> None:
        async with tunnel_to(viewer) as tunnel:
            other = SSHTunnel("box", TOKEN)
            with pytest.raises(OSError, match="in use"):
                await other.start(tunnel.port)
            port = tunnel.port
        async with tunnel_to(0):
            again = SSHTunnel("box", TOKEN)
            await again.start(port)
            await again.close()

    asyncio.run(main())


class Watched:
    """A line whose round trips are missing once somebody has looked."""

    def __init__(self, dead: bool) -> None:
        self.dead, self.silent_s = dead, 0.0

    def look(self) -> None:
        self.silent_s = 10.0 if self.dead else 0.0


@pytest.mark.parametrize("dead", [True, False])
def test_a_slow_answer_is_waited_for_and_one_that_a_silent_line_owes_is_not(dead: bool) -> None:
    async def slow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        if dead:
            await reader.read()  # until the other side gives up
        else:
            await asyncio.sleep(1.2)
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        writer.close()
        gone.set()

    gone = asyncio.Event()

    async def check() -> None:
        async with server(slow) as port, tunnel_to(0) as tunnel, httpx.AsyncClient(timeout=60) as client:
            line: Any = Watched(dead)
            tunnel.join(lambda: asyncio.open_connection("127.0.0.1", port), line)
            answer = await client.get(f"{tunnel.url}/api/health")
            if dead:
                assert (answer.status_code, answer.json()["code"]) == (503, "remote-unavailable")
                assert answer.headers["retry-after"] == "1"
            else:
                assert (answer.status_code, answer.text) == (200, "ok")
            await gone.wait()

    asyncio.run(check())


def test_the_page_of_the_interface_is_at_hand_while_its_viewer_is() -> None:
    asked: list[bytes] = []
    said = {"page": b"first"}

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                asked.append((await reader.readuntil(b"\r\n\r\n")).split(b" ")[1])
                writer.write(answer(said["page"], "Content-Type: text/html", "Cache-Control: no-cache"))
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    async def main() -> None:
        accept = {"Accept": "text/html,*/*;q=0.8"}
        async with (
            server(serve) as port,
            tunnel_to(port) as tunnel,
            httpx.AsyncClient(base_url=tunnel.url, headers=accept) as client,
        ):
            assert await warm(tunnel) == 0
            tunnel.way_s = 0.1
            first = await client.get("/workspace?project=p")
            assert (first.text, first.headers["cache-control"]) == ("first", "no-cache")
            assert first.headers["server-timing"] == "line;dur=100.0"
            assert b"/workspace?project=p" not in asked
            said["page"] = b"second"  # it is looked for again behind each answer
            while (await client.get("/table")).text != "second":
                await asyncio.sleep(0.01)
            assert (await client.get("/api/x")).text == "second"
            assert asked.count(b"/api/x") == 1
            said["page"] = b"of another viewer"
            tunnel.join(lambda: asyncio.open_connection("127.0.0.1", port))
            assert (await client.get("/table")).text == "of another viewer"
            tunnel.part("down")
            assert (await client.get("/table")).status_code == 503

    asyncio.run(main())
