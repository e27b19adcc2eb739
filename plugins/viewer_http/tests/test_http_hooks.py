"""Plugins around the viewer: panels, middleware, lifespans, authorization; and what becomes of those that fail."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import runicorn as rn
from runicorn.contracts import Store, Viewer
from runicorn.contracts.http import AccessRequest
from runicorn.contracts.panels import Page, Panel, Static
from runicorn.contracts.viewer import Middleware
from runicorn.errors import PluginConflict
from runicorn.hookspecs import hookimpl
from runicorn_viewer_http.asgi import authorize, layers
from runicorn_viewer_http.asgi.access import Rules


def errors_of(plugin: str) -> str:
    return " ".join(error for info in rn.plugins() if info.name == plugin for error in info.errors)


# --- Panels and pages


class Drawing:
    def __init__(self, *statics: Static) -> None:
        self.statics = statics

    @hookimpl
    def viewer_panels(self) -> Iterable[Static]:
        return self.statics


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "acme"
    (folder / "vendor").mkdir(parents=True)
    (folder / "index.js").write_text("export default { apiVersion: 1 };")
    (folder / "vendor" / "d3.js").write_text("export const d3 = 7;")
    return folder


def test_hook_viewer_panels_lists_panels_and_serves_their_files(plugins: Any, folder: Path, serve_with: Any) -> None:
    panel, page = Panel("acme.loss", "Loss", titles={"zh-CN": "损失"}), Page("acme.sweeps", "/sweeps", "Sweeps")
    plugins.add("acme", Drawing(Static(folder, panels=(panel,), pages=(page,), imports={"d3": "vendor/d3.js"})))
    viewer = serve_with(Rules())
    (entry,) = viewer.get("/api/plugins/panels").json()
    assert entry["panels"] == [{"id": "acme.loss", "title": "Loss", "titles": {"zh-CN": "损失"}, "slot": "workspace"}]
    assert entry["pages"] == [{"id": "acme.sweeps", "path": "/sweeps", "title": "Sweeps", "titles": {}}]
    assert entry["files"] == {"index.js": 33, "vendor/d3.js": 20}
    answer = viewer.get(entry["module"])
    assert (answer.status_code, answer.text) == (200, "export default{apiVersion:1};")
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
    assert "immutable" in answer.headers["cache-control"]
    html = viewer.get("/sweeps").text
    assert f'"scopes":{{"{entry["base"]}/":{{"d3":"{entry["base"]}/vendor/d3.js"}}}}' in html


def test_the_address_changes_with_the_content_and_old_pages_go_on_working(
    plugins: Any, folder: Path, serve_with: Any
) -> None:
    plugins.add("acme", Drawing(Static(folder, panels=(Panel("acme.loss", "Loss"),))))
    viewer = serve_with(Rules())
    (before,) = viewer.get("/api/plugins/panels").json()
    (folder / "index.js").write_text("export default { apiVersion: 1, panels: [] };")
    (after,) = viewer.get("/api/plugins/panels").json()
    assert before["module"] != after["module"]
    assert "immutable" in viewer.get(after["module"]).headers["cache-control"]
    old = viewer.get(before["module"])
    assert (old.status_code, old.headers["cache-control"]) == (200, "no-store")


@pytest.mark.parametrize("name", ["..%2Fsecret.txt", "%2e%2e%2fsecret.txt", "none.js", "%2Fetc%2Fpasswd", "vendor"])
def test_nothing_outside_the_folder_of_a_plugin_is_served(
    plugins: Any, folder: Path, serve_with: Any, name: str
) -> None:
    (folder.parent / "secret.txt").write_text("secret")
    plugins.add("acme", Drawing(Static(folder, panels=(Panel("acme.loss", "Loss"),))))
    viewer = serve_with(Rules())
    (entry,) = viewer.get("/api/plugins/panels").json()
    url = viewer.base_url.copy_with(raw_path=f"{entry['base']}/{name}".encode())
    answer = viewer.get(url)
    assert answer.status_code == 404
    assert "secret" not in answer.text.replace("secret.txt", "")


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda folder: Static(folder / "none"), "no absolute path of a folder"),
        (lambda folder: Static(folder, module="app.js"), "the file app.js, which is not in"),
        (lambda folder: Static(folder, imports={"x": "../x.js"}), "may not contain '..'"),
        (lambda folder: Static(folder, panels=(Panel("Loss", "L"),)), "ids are lower case"),
        (lambda folder: Static(folder, panels=(Panel("a.b", "L"), Panel("a.b", "L"))), "'a.b' twice"),
        (lambda folder: Static(folder, panels=(Panel("a.b", "L", "top"),)), "there are workspace, run, media"),  # type: ignore[arg-type]  # what is tested
        (lambda folder: Static(folder, pages=(Page("a.b", "/a/b", "L"),)), "one part in lower case"),
        (lambda folder: Static(folder, pages=(Page("a.b", "/runs", "L"),)), "belongs to the viewer"),
        (lambda folder: {"folder": folder}, "is no runicorn.contracts.panels.Static"),
    ],
)
def test_a_wrong_panel_is_named_and_the_viewer_goes_on(
    lenient: Any, folder: Path, serve_with: Any, make: Callable[[Path], Any], sentence: str
) -> None:
    lenient.add("acme", Drawing(make(folder)))
    viewer = serve_with(Rules())
    assert viewer.get("/api/plugins/panels").json() == []
    assert sentence in errors_of("acme")


def test_two_panels_of_one_id_are_a_conflict_that_leaves_the_others(
    lenient: Any, folder: Path, serve_with: Any
) -> None:
    mine = Static(folder, panels=(Panel("acme.loss", "Loss"), Panel("acme.own", "Own")))
    lenient.add("acme", Drawing(mine))
    lenient.add("bolt", Drawing(Static(folder, pages=(Page("acme.loss", "/loss", "Loss"),))))
    entries = serve_with(Rules()).get("/api/plugins/panels").json()
    assert [part["id"] for entry in entries for part in (*entry["panels"], *entry["pages"])] == ["acme.own"]
    assert {info.name for info in rn.plugins() if info.state == "conflicting"} == {"acme", "bolt"}


def test_two_pages_at_one_address_are_a_conflict_that_names_both(plugins: Any, folder: Path, store: Store) -> None:
    from runicorn_viewer_http.app import RunningViewer, build_app

    plugins.add("acme", Drawing(Static(folder, pages=(Page("acme.a", "/a", "A"),))))
    plugins.add("bolt", Drawing(Static(folder, pages=(Page("bolt.a", "/a", "A"),))))

    async def build() -> None:
        build_app(RunningViewer(store))

    with pytest.raises(PluginConflict, match="page '/a' is provided by acme and bolt"):
        asyncio.run(build())


# --- Middleware


class Around:
    def __init__(self, *middleware: Middleware) -> None:
        self.middleware = middleware

    @hookimpl
    def viewer_middleware(self) -> Iterable[Middleware]:
        return self.middleware


def naming(app: Any) -> Any:
    async def around(scope: Any, receive: Any, send: Any) -> None:
        async def sender(message: Any) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message["headers"], (b"x-acme", b"was here")]}
            await send(message)

        await app(scope, receive, sender)

    return around


def raising(app: Any) -> Any:
    async def around(scope: Any, receive: Any, send: Any) -> None:
        raise RuntimeError("no way through")

    return around


def hanging(app: Any) -> Any:
    async def around(scope: Any, receive: Any, send: Any) -> None:
        await asyncio.Event().wait()

    return around


def silent(app: Any) -> Any:
    async def around(scope: Any, receive: Any, send: Any) -> None:
        return

    return around


def test_hook_viewer_middleware_stands_around_every_request(plugins: Any, serve_with: Any) -> None:
    plugins.add("acme", Around(naming))
    viewer = serve_with(Rules())
    for path in ("/api/health", "/", "/api/none"):
        assert viewer.get(path).headers["x-acme"] == "was here"


@pytest.mark.parametrize(
    ("middleware", "sentence"),
    [(raising, "no way through"), (hanging, "did not go on"), (silent, "neither passed a request on")],
)
def test_middleware_that_fails_is_passed_by_and_named(
    lenient: Any, serve_with: Any, monkeypatch: pytest.MonkeyPatch, middleware: Middleware, sentence: str
) -> None:
    monkeypatch.setattr(layers, "LIMIT_S", 0.1)
    lenient.add("acme", Around(middleware))
    lenient.add("bolt", Around(naming))
    viewer = serve_with(Rules())
    for _ in range(5):
        answer = viewer.get("/api/projects")
        assert (answer.status_code, answer.headers["x-acme"]) == (200, "was here")
    assert sentence in errors_of("acme")


def test_middleware_that_cannot_be_made_is_left_out(lenient: Any, serve_with: Any) -> None:
    def unmade(app: Any) -> Any:
        raise ValueError("not today")

    lenient.add("acme", Around(unmade))
    assert serve_with(Rules()).get("/api/projects").status_code == 200
    assert "not today" in errors_of("acme")


# --- Lifespans


class Living:
    def __init__(self, enter: str = "", leave: str = "") -> None:
        self.enter, self.leave, self.story = enter, leave, list[str]()

    @hookimpl
    def viewer_lifespan(self, viewer: Viewer) -> AbstractAsyncContextManager[None]:
        return self.life(viewer)

    @asynccontextmanager
    async def life(self, viewer: Viewer) -> AsyncIterator[None]:
        if self.enter:
            raise RuntimeError(self.enter)
        self.story.append("entered")
        try:
            yield
        finally:
            self.story.append("left" if viewer.stopping.is_set() else "left too early")
            if self.leave:
                raise RuntimeError(self.leave)


def test_hook_viewer_lifespan_is_entered_before_requests_and_left_at_the_end(plugins: Any, serve_while: Any) -> None:
    living = Living()
    plugins.add("acme", living)
    with serve_while() as viewer:
        assert viewer.get("/api/projects").status_code == 200
        assert living.story == ["entered"]
    assert living.story == ["entered", "left"]


def test_a_lifespan_that_raises_is_named_and_the_viewer_runs(lenient: Any, serve_with: Any) -> None:
    lenient.add("acme", Living(enter="no database"))
    assert serve_with(Rules()).get("/api/projects").status_code == 200
    assert "no database" in errors_of("acme")


# --- Authorization


class Guarding:
    def __init__(self, decide: Callable[[AccessRequest], bool | None]) -> None:
        self.decide = decide

    @hookimpl
    def viewer_authorize(self, request: AccessRequest) -> bool | None:
        return self.decide(request)


def by_header(request: AccessRequest) -> bool | None:
    return {"alice": True, "mallory": False}.get(request.headers.get("x-user", ""))


def test_hook_viewer_authorize_decides_before_the_token(plugins: Any, serve_with: Any) -> None:
    plugins.add("acme", Guarding(by_header))
    viewer = serve_with(Rules(token="secret"))
    for headers, status in (
        ({"x-user": "alice"}, 200),
        ({"x-user": "mallory"}, 403),
        ({"x-user": "mallory", "authorization": "Bearer secret"}, 403),
        ({}, 401),
        ({"authorization": "Bearer secret"}, 200),
    ):
        assert viewer.get("/api/projects", headers=headers).status_code == status, headers
    refused = viewer.get("/", headers={"x-user": "mallory"})
    assert (refused.status_code, "acme" in refused.text) == (403, True)
    foreign = {"x-user": "alice", "host": "evil.example"}
    assert viewer.get("/api/projects", headers=foreign).json()["code"] == "host-not-allowed"


def test_an_authorization_that_raises_lets_nobody_in(lenient: Any, serve_with: Any) -> None:
    def broken(request: AccessRequest) -> bool | None:
        raise KeyError(request.path)

    lenient.add("acme", Guarding(broken))
    answer = serve_with(Rules()).get("/api/projects")
    assert (answer.status_code, answer.json()["plugin"]) == (503, "acme")
    assert "/api/projects" in errors_of("acme")


def test_an_authorization_that_hangs_lets_nobody_in(
    plugins: Any, serve_with: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(authorize, "LIMIT_S", 0.1)
    over = threading.Event()

    def hanging(request: AccessRequest) -> bool | None:
        over.wait(250)
        return True

    plugins.add("acme", Guarding(hanging))
    viewer = serve_with(Rules())
    answer = viewer.get("/api/projects")
    over.set()
    assert (answer.status_code, answer.json()["code"]) == (503, "authorization-failed")


@pytest.mark.parametrize("verdict", ["yes", 1, [], 0.0])
def test_only_true_is_a_yes(plugins: Any, serve_with: Any, verdict: Any) -> None:
    plugins.add("acme", Guarding(lambda _: verdict))
    assert serve_with(Rules()).get("/api/projects").status_code == 403
