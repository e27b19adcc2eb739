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
from runicorn_viewer_http.pages import STATIC, Pages


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
    (folder / "lib" / "y.js").write_text(
        "export { z } from './z.js';\nexport { a } from '../../outside.js';\nexport const y = 1;"
    )
    (folder / "lib" / "z.js").write_text("import './none.js';\nexport const z = 1;")
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


def test_the_style_sheets_of_the_page_are_one_in_their_order(pages: Pages, tmp_path: Path) -> None:
    folder = tmp_path / "static"
    page = (folder / "index.html").read_text()
    (folder / "styles").mkdir()
    links = ""
    sheets = {"styles/b.css": "b{}", "x.css": "/* 晓 */", "styles/a.css": "a{background:url(../x.svg)}"}
    for name, content in sheets.items():
        (folder / name).write_text(content)
        links += f'<link rel="stylesheet" href="{{{{base}}}}/{name}">\n'
    (folder / "index.html").write_text(links + page)
    index = pages.render()
    assert re.findall(r'stylesheet" href="([^"]+)"', index.page.decode()) == [f"/static/{index.version}/styles/all.css"]
    wanted = {"path_params": {"version": index.version, "path": "styles/all.css"}}
    reply = pages.static(wanted)
    assert reply.body == "\n".join(sheets.values()).encode()
    assert (reply.media_type, "immutable" in reply.headers["Cache-Control"]) == ("text/css", True)
    (folder / "x.css").write_text("x{}")
    assert "immutable" in pages.static(wanted).headers["Cache-Control"]  # of the page that is loaded
    assert pages.render().styles.decode() == "b{}\nx{}\na{background:url(../x.svg)}"


def test_a_file_that_changed_behind_a_loaded_page_is_not_kept_by_the_browser(pages: Pages, tmp_path: Path) -> None:
    style = tmp_path / "static" / "lib" / "x.css"
    style.write_text("a{}")
    index = pages.render()
    wanted = {"path_params": {"version": index.version, "path": "lib/x.css"}}
    assert "immutable" in pages.static(wanted).headers["Cache-Control"]
    style.write_text("a{color:red}")
    reply = pages.static(wanted)
    assert (reply.body, reply.headers["Cache-Control"]) == (b"a{color:red}", "no-store")


def test_files_are_kept_by_the_browser_where_a_link_leads_to_the_installation(
    pages: Pages, tmp_path: Path, store: Store
) -> None:
    (tmp_path / "static" / "lib" / "x.css").write_text("a{}")
    (tmp_path / "link").symlink_to(tmp_path / "static", target_is_directory=True)

    async def make() -> Pages:
        return Pages(RunningViewer(store), tmp_path / "link")

    linked = asyncio.run(make())
    wanted = {"path_params": {"version": linked.render().version, "path": "lib/x.css"}}
    assert "immutable" in linked.static(wanted).headers["Cache-Control"]


def test_modules_are_those_of_the_page_that_asks_for_them(pages: Pages, tmp_path: Path) -> None:
    """One edited while a page loads does not come under the address of what was there before."""
    index = pages.render()
    (tmp_path / "static" / "lib" / "z.js").write_text("export const z = 'new';")
    wanted = {"path_params": {"version": index.version, "path": "app.js"}}
    before = pages.static(wanted)
    assert b"'new'" not in before.body
    assert "immutable" in before.headers["Cache-Control"]
    assert pages.render().version != index.version
    after = pages.static(wanted)
    assert b"'new'" in after.body
    assert after.headers["Cache-Control"] == "no-store"


def test_what_the_page_imports_at_once_is_one_answer_and_announced(pages: Pages) -> None:
    index = pages.render()
    announced = re.findall(rf'modulepreload" href="/static/{index.version}/([^"]+)"', index.page.decode())
    assert announced == ["app.js", "lib/x.js"]
    assert {name: set(one.members) for name, one in index.packed.packs.items()} == {
        "app.js": {"app.js", "lib/x.js", "lib/y.js", "lib/z.js"},
        "late.js": {"late.js"},
    }


def test_a_module_that_cannot_be_packed_is_named_in_the_page(pages: Pages, tmp_path: Path) -> None:
    (tmp_path / "static" / "lib" / "z.js").write_text("export let z = 1;")
    index = pages.render()
    reply = pages.static({"path_params": {"version": index.version, "path": "app.js"}})
    assert reply.body == (
        b'document.body.textContent = "The web interface cannot be served: '
        b"lib/z.js: 'export let z=1;' is no form that packs know\";"
    )


def test_every_line_of_a_pack_leads_to_the_line_that_was_written(viewer: Any) -> None:
    base = re.search(r'src="([^"]+)/app\.js"', viewer.get("/").text)
    assert base is not None
    for name in ("app.js", "pages/compare.js"):
        text = viewer.get(f"{base[1]}/{name}").text
        where = re.search(r"sourceMappingURL=(\S+)$", text)
        assert where is not None
        found = viewer.get(f"{base[1]}/{name}").url.join(where[1])
        answer = viewer.get(found)
        assert "immutable" in answer.headers["cache-control"]
        mapped = answer.json()
        lines = text.split("\n")
        led = 0
        for number, origin in origins(mapped["mappings"]):
            source = mapped["sourcesContent"][origin[0]]
            assert source == (STATIC / mapped["sources"][origin[0]]).read_text("utf-8")
            words = re.sub(r"(?:/\*.*?\*/|//.*|\s)", "", source.split("\n")[origin[1]])
            kept = re.sub(r"\s", "", lines[number])
            if re.match(r"(?:function|return|const\w+=(?!\$))", words) and "/" not in words:
                assert words in kept, (name, number)
                led += 1
        assert led > 100, name


def origins(mappings: str) -> list[tuple[int, tuple[int, int]]]:
    """(line, (source, line there)) of a map of whole lines."""
    digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    found, source, line = [], 0, 0
    for number, segment in enumerate(mappings.split(";")):
        values, value, shift = [], 0, 0
        for digit in map(digits.index, segment):
            value |= (digit & 31) << shift
            shift += 5
            if not digit & 32:
                values.append(-(value >> 1) if value & 1 else value >> 1)
                value, shift = 0, 0
        if values:
            source, line = source + values[1], line + values[2]
            found.append((number, (source, line)))
    return found
