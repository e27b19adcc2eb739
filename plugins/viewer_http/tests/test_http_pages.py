"""The page and its files: addresses that change with the content, and a policy without exceptions."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import re
from pathlib import Path
from typing import Any

import pytest
from runicorn.contracts import Store
from runicorn_viewer_http.app import RunningViewer
from runicorn_viewer_http.pages import STATIC, Pages, as_served


@pytest.mark.parametrize("path", ["/", "/projects/p", "/runs/日本語", "/a/b/c?x=1", "/index.html", "/static"])
def test_every_address_that_is_no_file_is_the_page(viewer: Any, path: str) -> None:
    answer = viewer.get(path)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["cache-control"] == "no-cache"
    assert "{{" not in answer.text


def test_the_policy_allows_the_import_map_and_nothing_inline_else(viewer: Any) -> None:
    answer = viewer.get("/")
    policy = answer.headers["content-security-policy"]
    script = re.search(r'<script type="importmap">(.*?)</script>', answer.text, re.DOTALL)
    assert script is not None
    digest = base64.b64encode(hashlib.sha256(script[1].encode()).digest()).decode()
    assert f"script-src 'self' 'sha256-{digest}'" in policy
    assert "unsafe" not in policy
    for address in json.loads(script[1])["imports"].values():
        file = viewer.get(address)
        assert file.status_code == 200, address
        assert file.headers["content-type"] == "text/javascript; charset=utf-8"
        assert "immutable" in file.headers["cache-control"]


def test_every_address_in_the_page_answers(viewer: Any) -> None:
    addresses = re.findall(r'(?:src|href)="([^"]+)"', viewer.get("/").text)
    assert any("/app.js" in address for address in addresses)
    for address in addresses:
        assert viewer.get(address).status_code == 200, address


@pytest.mark.parametrize("name", ["..%2F..%2Fplugin.py", "%2e%2e%2fplugin.py", "none.js", "%2Fetc%2Fpasswd", ""])
def test_no_file_outside_the_static_folder_is_served(viewer: Any, name: str) -> None:
    answer = viewer.get(viewer.base_url.copy_with(raw_path=f"/static/x/{name}".encode()))
    assert b"hookimpl" not in answer.content
    assert answer.status_code == 404


@pytest.fixture
def pages(tmp_path: Path, store: Store) -> Pages:
    folder = tmp_path / "static"
    (folder / "lib").mkdir(parents=True)
    (folder / "index.html").write_text(
        '<script type="importmap">{{importmap}}</script>{{preload}}\n'
        '<script type="module" src="{{base}}/app.js"></script>'
    )
    (folder / "importmap.json").write_text('{"imports": {"x": "lib/x.js"}}')
    (folder / "lib" / "x.js").write_text("export const x = 1;")
    (folder / "app.js").write_text("import { x } from 'x';\nimport {\n  y,\n} from './lib/y.js';\nimport('./late.js');")
    (folder / "lib" / "y.js").write_text("export * from './z.js';\nexport { a } from '../../outside.js';")
    (folder / "lib" / "z.js").write_text("import './none.js';")
    (folder / "late.js").write_text("")
    (tmp_path / "outside.js").write_text("")

    async def make() -> RunningViewer:
        return RunningViewer(store)

    return Pages(asyncio.run(make()), folder)


def test_an_edit_changes_every_address(pages: Pages, tmp_path: Path) -> None:
    first = pages.render()
    assert pages.render() is first
    (tmp_path / "static" / "lib" / "z.js").write_text("// other")
    second = pages.render()
    assert first.version != second.version
    assert f'"x":"/static/{second.version}/lib/x.js"'.encode() in second.page


def test_all_modules_that_the_page_will_import_are_announced(pages: Pages) -> None:
    index = pages.render()
    announced = re.findall(rf'modulepreload" href="/static/{index.version}/([^"]+)"', index.page.decode())
    assert announced == ["app.js", "lib/x.js", "lib/y.js", "lib/z.js"]


def test_modules_are_served_without_their_explanations_on_the_same_lines() -> None:
    for path in sorted(STATIC.rglob("*.js")):
        whole, sent = path.read_text("utf-8"), as_served(path).decode()
        if "vendor" in path.parts:
            assert sent == whole
            continue
        assert sent.count("\n") == whole.count("\n"), path
        for before, after in zip(whole.split("\n"), sent.split("\n"), strict=True):
            assert after in (before, ""), path
        for comment in re.finditer(r"^[ \t]*/\*\*(?:(?!\*/).)*\*/[ \t]*$", whole, re.MULTILINE | re.DOTALL):
            assert all(line.lstrip().startswith(("/**", "*")) for line in comment[0].split("\n")), (path, comment[0])
