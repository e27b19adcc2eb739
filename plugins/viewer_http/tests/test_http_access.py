"""Who may use the viewer: each way in that the older product left open is a test."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from runicorn_viewer_http.asgi.access import Rules
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect
from websockets.typing import Origin

TOKEN = "a-token-of-some-length"
WRITES = [
    ("POST", "/api/experiments/note", {"run_ids": ["a"], "value": "x"}),
    ("POST", "/api/runs/soft-delete", {"run_ids": ["a"]}),
    ("POST", "/api/recycle-bin/empty", {"confirm": True}),
    ("PATCH", "/api/runs/a", {"note": "x"}),
    ("PUT", "/api/config", {"storage": {"root": "/elsewhere"}}),
    ("PUT", "/api/ui-preferences?view=v", {"x": 1}),
    ("DELETE", "/api/ui-preferences?view=v", None),
    ("POST", "/api/plugins/storage-jsonl/disable", None),
]


# --- Names of this machine ---------------------------------------------------------------------------


FOREIGN_HOSTS = ["evil.example", "evil.example:23300", "127.0.0.1.evil.example", "10.0.0.1", "", "[::2]"]


@pytest.mark.parametrize("host", FOREIGN_HOSTS)
def test_a_rebound_name_is_refused_for_pages_api_and_sockets(viewer: Any, host: str) -> None:
    for path in ("/", "/api/experiments", "/api/openapi.json"):
        answer = viewer.get(path, headers={"Host": host})
        assert answer.status_code == 403
        assert answer.json()["code"] == "host-not-allowed"


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:1", "127.0.0.1:80", "[::1]:23300"])
def test_loopback_names_are_allowed_with_any_port(viewer: Any, host: str) -> None:
    assert viewer.get("/api/experiments", headers={"Host": host}).status_code == 200


def test_configured_names_are_allowed(serve_with: Any) -> None:
    client = serve_with(Rules(frozenset(["Runs.Example"])))
    assert client.get("/api/experiments", headers={"Host": "runs.example:443"}).status_code == 200
    assert client.get("/api/experiments", headers={"Host": "10.0.0.1"}).status_code == 403


def test_beyond_loopback_addresses_are_names_too_because_they_cannot_be_rebound(serve_with: Any) -> None:
    client = serve_with(Rules(token=TOKEN, any_address=True))
    headers = {"Authorization": f"Bearer {TOKEN}"}
    assert client.get("/api/experiments", headers=headers | {"Host": "10.0.0.1:23300"}).status_code == 200
    assert client.get("/api/experiments", headers=headers | {"Host": "evil.example"}).status_code == 403


# --- Other sites -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "http://127.0.0.1:1", "http://localhost", "file://"]
)
@pytest.mark.parametrize(("method", "path", "body"), WRITES, ids=lambda value: str(value)[:30])
def test_a_write_from_another_site_is_refused(
    viewer: Any, make_run: Any, origin: str, method: str, path: str, body: Any
) -> None:
    run = make_run("a")
    before = _tree(run.folder)
    answer = viewer.request(method, path, json=body, headers={"Origin": origin})
    assert (answer.status_code, answer.json()["code"]) == (403, "origin-not-allowed")
    assert _tree(run.folder) == before


def test_a_write_that_a_browser_calls_cross_site_is_refused_without_an_origin_too(viewer: Any) -> None:
    answer = viewer.post("/api/recycle-bin/empty", json={"confirm": True}, headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403


def test_the_own_page_and_scripts_may_write(viewer: Any, make_run: Any) -> None:
    make_run("a")
    body = {"run_ids": ["a"], "value": "x"}
    assert viewer.post("/api/experiments/note", json=body).status_code == 200
    own = {"Origin": f"http://127.0.0.1:{viewer.port}", "Sec-Fetch-Site": "same-origin"}
    assert viewer.post("/api/experiments/note", json=body, headers=own).status_code == 200


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""])
def test_a_form_cannot_write(viewer: Any, kind: str) -> None:
    answer = viewer.post("/api/recycle-bin/empty", content=b'{"confirm": true}', headers={"Content-Type": kind})
    assert (answer.status_code, answer.json()["code"]) == (415, "not-json")


def test_no_answer_invites_other_sites(viewer: Any) -> None:
    for path in ("/", "/api/experiments", "/api/none"):
        headers = viewer.get(path, headers={"Origin": "https://evil.example"}).headers
        assert not [name for name in headers if name.startswith("access-control")]
        assert headers["cross-origin-resource-policy"] == "same-origin"
        assert headers["x-content-type-options"] == "nosniff"
        assert "frame-ancestors 'none'" in headers["content-security-policy"]


def problem_of(refused: InvalidStatus) -> tuple[int, str]:
    assert refused.response.headers["Content-Type"] == "application/problem+json"
    return refused.response.status_code, json.loads(refused.response.body or b"")["code"]


@pytest.mark.parametrize("path", ["/api/metrics/a/ws", "/api/runs/a/logs/ws"])
def test_a_socket_from_another_site_is_refused(viewer: Any, make_run: Any, path: str) -> None:
    make_run("a")
    foreign = Origin("https://evil.example")
    with pytest.raises(InvalidStatus) as refused, connect(viewer.socket_base + path, origin=foreign):
        pass
    assert problem_of(refused.value) == (403, "origin-not-allowed")
    with connect(viewer.socket_base + path, origin=Origin(f"http://127.0.0.1:{viewer.port}")):
        pass


# --- The token ---------------------------------------------------------------------------------------


def test_without_the_token_nothing_is_answered(serve_with: Any, make_run: Any) -> None:
    make_run("a")
    client = serve_with(Rules(token=TOKEN))
    for path in ("/", "/static/x/app.js", "/api/health", "/api/experiments", "/api/openapi.json", "/?token=wrong"):
        answer = client.get(path)
        assert answer.status_code == 401, path
        assert answer.headers["www-authenticate"] == "Bearer"
    with pytest.raises(InvalidStatus) as refused, connect(client.socket_base + "/api/metrics/a/ws"):
        pass
    assert problem_of(refused.value) == (401, "token-required")
    assert refused.value.response.headers["WWW-Authenticate"] == "Bearer"


def test_the_printed_link_becomes_a_cookie_that_scripts_cannot_read_and_the_address_is_clean(serve_with: Any) -> None:
    client = serve_with(Rules(token=TOKEN))
    answer = client.get(f"/projects/p?view=1&token={TOKEN}")
    assert (answer.status_code, answer.headers["location"]) == (303, "/projects/p?view=1")
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    assert TOKEN not in cookie
    assert client.get("/api/experiments").status_code == 200
    assert client.get("/projects/p").status_code == 200
    pair = cookie.partition(";")[0]
    with connect(client.socket_base + "/api/metrics/none/ws", additional_headers={"Cookie": pair}) as socket:
        with pytest.raises(ConnectionClosed) as closed:
            socket.recv(timeout=60)
        assert closed.value.rcvd is not None
        assert (closed.value.rcvd.code, closed.value.rcvd.reason) == (4404, "run-not-found")


def test_scripts_send_the_token_as_bearer_and_the_api_takes_it_from_nowhere_else(serve_with: Any) -> None:
    client = serve_with(Rules(token=TOKEN))
    for scheme in ("Bearer", "bearer"):
        assert client.get("/api/experiments", headers={"Authorization": f"{scheme} {TOKEN}"}).status_code == 200
    for header in (f"Bearer {TOKEN}x", f"Bearer {TOKEN[:-1]}", TOKEN, f"Basic {TOKEN}", "Bearer", "Bearer é"):
        answer = client.get("/api/experiments", headers={"Authorization": header.encode()})
        assert answer.status_code == 401
    assert client.get(f"/api/experiments?token={TOKEN}").status_code == 401


def test_the_link_leads_nowhere_else(serve_with: Any) -> None:
    client = serve_with(Rules(token=TOKEN))
    url = client.base_url.copy_with(raw_path=f"//evil.example/x?token={TOKEN}".encode())
    assert client.get(url).headers["location"] == "/evil.example/x"


def test_the_token_does_not_excuse_another_site(serve_with: Any) -> None:
    client = serve_with(Rules(token=TOKEN))
    headers = {"Authorization": f"Bearer {TOKEN}", "Origin": "https://evil.example"}
    assert client.post("/api/recycle-bin/empty", json={"confirm": True}, headers=headers).status_code == 403


# --- What requests may hold --------------------------------------------------------------------------


def test_a_huge_body_is_refused_before_it_is_read(viewer: Any) -> None:
    def endless() -> Any:
        for _ in range(100):
            yield b" " * 100_000

    answer = viewer.post("/api/recycle-bin/empty", content=endless(), headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (413, "body-too-large")


def test_unknown_members_and_parameters_are_refused_by_name(viewer: Any, make_run: Any) -> None:
    make_run("a")
    answer = viewer.post("/api/experiments/tag", json={"run_ids": ["a"], "value": [], "add": True, "x": 1})
    assert (answer.status_code, answer.json()["code"]) == (400, "member-unknown")
    assert answer.json()["members"] == ["add", "x"]
    answer = viewer.post("/api/experiments/tag", json={"run_ids": ["a"]})
    assert (answer.json()["code"], answer.json()["members"]) == ("member-missing", ["value"])
    answer = viewer.get("/api/experiments?proyect=p")
    assert (answer.status_code, answer.json()["code"], answer.json()["where"]) == (400, "parameter-unknown", "proyect")
    answer = viewer.get("/api/experiments?tag=a&tag=b")
    assert answer.json()["code"] == "parameter-repeated"
    answer = viewer.get("/api/experiments?status=done")
    assert answer.json()["choices"] == ["running", "finished", "failed", "interrupted", "crashed"]


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'"x"', b"null", b"\xff", b'{"confirm": 1}', b"[" * 5000])
def test_a_body_that_does_not_fit_is_refused(viewer: Any, body: bytes) -> None:
    answer = viewer.post("/api/recycle-bin/empty", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_wrong_method_is_told_which_ones_there_are(viewer: Any) -> None:
    answer = viewer.put("/api/runs/a")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD, PATCH")
    assert viewer.post("/").headers["allow"] == "GET, HEAD"


def test_reading_changes_no_byte_below_the_root(viewer: Any, make_run: Any, root: Path) -> None:
    run = make_run("a", created_at=1000.0)
    run.log(1, v=1.0)
    run.line("x")
    media = run.image("k", 1, b"png")
    gone = make_run("b")
    viewer.post("/api/runs/soft-delete", json={"run_ids": [gone.id]})
    (run.folder / "events-0badbeef.jsonl").write_bytes(b'{"ts":1,"type":"metrics","step":2,"da')
    before = _tree(root)
    paths = [path for path in viewer.get("/api/openapi.json").json()["paths"] if "{name}" not in path]
    for path in paths:
        filled = path.replace("{id}", "a").replace("{file}", media)
        query = {"/api/projects/names": "?project=p", "/api/projects/runs": "?project=p"}.get(path, "")
        query = "?view=v" if path == "/api/ui-preferences" else query
        viewer.get(filled + query)
    for socket in ("/api/metrics/a/ws", "/api/runs/a/logs/ws"):
        with connect(viewer.socket_base + socket) as opened:
            opened.recv(timeout=60)
    viewer.get("/deep/link")
    assert viewer.get("/api/runs/a").json()["status"] == "crashed", "shown so, not written"
    assert _tree(root) == before


def _tree(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() + str(path.stat().st_mtime_ns)
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_plugins_that_listen_elsewhere_can_tell_whom_the_viewer_admits(serve_with: Any) -> None:
    client = serve_with(Rules(token="secret"))
    cookie = client.get("/", params={"token": "secret"}).headers["set-cookie"].partition(";")[0]
    admits = client.viewer.admits
    assert admits({"cookie": f"other=1; {cookie}"})
    assert admits({"authorization": "Bearer secret"})
    assert not admits({"cookie": f"{cookie}x", "authorization": "Bearer wrong"})
    assert not admits({})
    assert serve_with(Rules()).viewer.admits({})
