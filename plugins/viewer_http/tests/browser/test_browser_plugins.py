"""Panels and pages of strangers in a real browser: they work, and where they do not, nothing else breaks."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

GUIDE = Path(__file__).parents[4] / "docs" / "writing-panels.md"
PLUGIN = """
from pathlib import Path
from runicorn.hookspecs import hookimpl

RUNICORN_API = 1


@hookimpl
def viewer_panels():
    from runicorn.contracts.panels import Page, Panel, Static

    yield Static(Path(__file__).parent / "static", {arguments})
"""
HELLO = (
    "export default {{ apiVersion: 1, panels: [{{ id: '{id}', mount(el) {{ el.textContent = 'hello of {id}'; }} }}] }};"
)

Install = Callable[..., None]


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Install:
    """Put a distribution with one plugin where the next viewer finds it."""
    place = tmp_path / "site"
    place.mkdir()
    monkeypatch.setenv("PYTHONPATH", str(place))

    def install(name: str, plugin: str, **static: str) -> None:
        package = place / name.replace("-", "_")
        (package / "static").mkdir(parents=True)
        (package / "__init__.py").touch()
        (package / "plugin.py").write_text(plugin)
        for file, text in static.items():
            (package / "static" / f"{file}.js").write_text(text)
        about = place / f"{package.name}-1.0.0.dist-info"
        about.mkdir()
        (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0.0\n")
        (about / "entry_points.txt").write_text(f"[runicorn]\n{name} = {package.name}.plugin\n")

    return install


@pytest.fixture
def root(trained_root: Path, tmp_path: Path) -> Path:
    shutil.copytree(trained_root, tmp_path / "root")
    return tmp_path / "root"


def panel(id_: str, slot: str = "workspace", title: str = "Panel") -> str:
    return PLUGIN.format(arguments=f"panels=(Panel('{id_}', '{title}', '{slot}'),)")


def of_guide(file: str) -> str:
    """A file of the worked example, as the guide prints it."""
    found = re.search(rf"^```\S+[^\n]*\n(?:#|//) {re.escape(file)}\n(.*?)^```$", GUIDE.read_text("utf-8"), re.M | re.S)
    assert found is not None, file
    return found[1]


def workspace(site: Any) -> str:
    return f"{site.url}/workspace?project=vision"


def test_the_guides_panel_and_page_work(install: Install, start_viewer: Any, root: Path, open_page: Any) -> None:
    module = of_guide("src/acme_gap/static/index.js").replace("val/loss", "val/acc")  # what the runs here have logged
    install("acme-gap", of_guide("src/acme_gap/plugin.py"), index=module)
    site = start_viewer(root)
    page = open_page(workspace(site))
    gap = page.locator('[data-panel="acme.gap"]')
    expect(gap.locator("h2")).to_have_text("Generalisation gap")
    expect(gap).to_contain_text("validation minus training")
    expect(gap.locator(".plot")).to_have_attribute("data-runs", re.compile("[1-9]"))
    before = int(gap.locator(".plot").get_attribute("data-runs") or 0)
    page.locator("[data-run] [aria-label^='Hide ']").first.click()
    expect(gap.locator(".plot")).to_have_attribute("data-runs", str(before - 1))
    page.get_by_role("link", name="Best runs").click()
    expect(page).to_have_url(re.compile(re.escape("/best") + "$"))
    expect(page.locator(".plugin-page li").first).to_be_visible()
    page.get_by_role("button", name="down", exact=True).click()
    expect(page).to_have_url(re.compile(re.escape("acme.best.order=up")))
    page.reload()
    expect(page.get_by_role("button", name="up", exact=True)).to_be_visible()
    page.get_by_label("切换为中文").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("最佳运行")


def test_panels_share_the_hosts_libraries_and_bring_their_own(
    install: Install, start_viewer: Any, root: Path, open_page: Any
) -> None:
    module = """
    import { render, h } from 'preact';
    import { useState } from 'preact/hooks';
    import uPlot from 'uplot';
    import { lib } from 'lib';
    function Counter() {
      const [n, set] = useState(0);
      return h('button', { onClick: () => set(n + 1) }, `${lib} ${n} ${typeof uPlot}`);
    }
    export default { apiVersion: 1, panels: [{ id: 'ID', mount(el) { render(h(Counter), el); } }] };"""
    for name, version in (("acme-one", "one"), ("acme-two", "two")):
        arguments = f"panels=(Panel('{version}.panel', '{version}'),), imports={{'lib': 'lib.js'}}"
        install(
            name, PLUGIN.format(arguments=arguments), index=module.replace("ID", f"{version}.panel"),
            lib=f"export const lib = '{version}';",
        )  # fmt: skip
    page = open_page(workspace(start_viewer(root)))
    for version in ("one", "two"):
        button = page.locator(f'[data-panel="{version}.panel"] button')
        button.click()
        expect(button).to_have_text(f"{version} 1 function")


def mounting(mount: str, id_: str = "bad.panel") -> str:
    return f"export default {{ apiVersion: 1, panels: [{{ id: '{id_}', {mount} }}] }};"


BROKEN = {
    "throws at import": "throw new Error('no luck');",
    "does not parse": "export default {",
    "has no default export": "export const x = 1;",
    "is for another version": "export default { apiVersion: 2 };",
    "exports no such panel": "export default { apiVersion: 1, panels: [] };",
    "imports what is not there": "import x from 'nothing'; export default { apiVersion: 1 };",
    "throws in mount": mounting("mount() { throw new Error('no luck'); }"),
    "throws nothing": mounting("mount() { throw undefined; }"),
    "fails in mount later": mounting("async mount() { await 0; throw new Error('no luck'); }"),
}


@pytest.mark.disturbed
@pytest.mark.parametrize("module", BROKEN.values(), ids=BROKEN.keys())
def test_a_module_that_fails_shows_a_card_and_nothing_else_breaks(
    install: Install, start_viewer: Any, root: Path, open_page: Any, module: str
) -> None:
    install("bad-panels", panel("bad.panel"), index=module)
    install("good-panels", panel("good.panel"), index=HELLO.format(id="good.panel"))
    page = open_page(workspace(start_viewer(root)))
    card = page.locator('[data-plugin-card="bad-panels"]')
    expect(card).to_contain_text("The plugin bad-panels failed here")
    expect(page.locator('[data-panel="good.panel"]')).to_contain_text("hello of good.panel")
    expect(page.locator('[data-metric="train/loss"] .plot')).to_have_attribute("data-last", "300")
    card.get_by_role("button", name="Details").click()
    expect(page.locator(".plugin-details")).to_contain_text("bad-panels 1.0.0")


@pytest.mark.disturbed
def test_a_card_switches_its_plugin_off_from_the_next_start_on(
    install: Install, start_viewer: Any, root: Path, open_page: Any
) -> None:
    install("bad-panels", panel("bad.panel"), index=BROKEN["throws in mount"])
    site = start_viewer(root)
    page = open_page(workspace(site))
    page.locator("[data-plugin-card]").get_by_role("button", name="Disable").click()
    expect(page.locator(".toast")).to_have_text("Takes effect at the next start")
    page.get_by_label("Plugins").click()
    expect(page.locator('[data-plugin="bad-panels"]')).to_contain_text("▲ 1")
    site.stop()
    site.start()
    page.goto(workspace(site))
    expect(page.locator('[data-metric="train/loss"] .plot')).to_have_attribute("data-last", "300")
    expect(page.locator("[data-panel]")).to_have_count(0)


def test_what_hangs_is_late_and_may_still_come(install: Install, start_viewer: Any, root: Path, open_page: Any) -> None:
    install(
        "never-panels", panel("never.panel"), index="await new Promise(() => {}); export default { apiVersion: 1 };"
    )
    slow = "async mount(el) { await new Promise((go) => { window.go = go; }); el.textContent = 'at last'; }"
    install(
        "slow-panels",
        panel("slow.panel"),
        index=mounting(slow, "slow.panel"),
    )
    page = open_page(workspace(start_viewer(root)))
    for name in ("never-panels", "slow-panels"):
        expect(page.locator(f'[data-plugin-card="{name}"]')).to_contain_text("is taking its time")
    page.evaluate("window.go()")
    expect(page.locator('[data-panel="slow.panel"]')).to_contain_text("at last")
    expect(page.locator('[data-plugin-card="slow-panels"]')).to_have_count(0)
    expect(page.locator('[data-metric="train/loss"] .plot')).to_have_attribute("data-last", "300")


def test_an_effect_that_throws_later_leaves_the_viewer_alone_and_is_listed(
    install: Install, start_viewer: Any, root: Path, open_page: Any
) -> None:
    module = """export default { apiVersion: 1, panels: [{ id: 'late.panel', mount(el, ctx) {
      let first = true;
      ctx.visible.subscribe((runs) => {
        el.textContent = runs.length;
        if (!first) throw new Error('too few');
        first = false;
      });
    } }] };"""
    install("late-panels", panel("late.panel"), index=module)
    page = open_page(workspace(start_viewer(root)))
    expect(page.locator('[data-panel="late.panel"]')).to_contain_text(re.compile(r"\d"))  # it runs
    for hidden in (1, 2):
        page.locator("[data-run] [aria-label^='Hide ']").first.click()
        expect(page.locator("[data-run] [aria-label^='Show ']")).to_have_count(hidden)
    page.get_by_label("Plugins").click()
    page.get_by_label("Details of late-panels").click()
    expect(page.locator(".plugin-more")).to_contain_text("Error: too few")


def test_safe_mode_loads_nothing_of_any_plugin(install: Install, start_viewer: Any, root: Path, open_page: Any) -> None:
    install("bad-panels", panel("bad.panel"), index="for (;;);")
    site = start_viewer(root)
    page = open_page(workspace(site) + "&safe=1")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    expect(page.locator('[data-metric="train/loss"] .plot')).to_have_attribute("data-last", "300")
    expect(page.locator(".banner")).to_contain_text("Safe mode")
    page.get_by_label("Plugins").click()
    page.get_by_label("Disable bad-panels").click()
    expect(page.locator('[data-plugin="bad-panels"]')).to_contain_text("Takes effect at the next start")
    assert not [url for url in asked if "/plugins/bad-panels/" in url and url.endswith(".js")]


def test_a_tab_of_a_run_and_a_panel_for_its_media(
    install: Install, start_viewer: Any, root: Path, open_page: Any
) -> None:
    install("acme-tab", panel("acme.tab", "run", "My tab"), index=HELLO.format(id="acme.tab"))
    media = "mount(el, ctx) { el.textContent = ctx.media.value.map((item) => item.url).join(' '); }"
    for name, test in (("images", "item.type === 'image'"), ("sounds", "item.type === 'audio'")):
        module = (
            f"export default {{ apiVersion: 1, panels: [{{ id: 'acme.{name}', match: (item) => {test}, {media} }}] }};"
        )
        install(f"acme-{name}", panel(f"acme.{name}", "media"), index=module)
    page = open_page(f"{start_viewer(root).url}/runs/amber-fox")
    page.get_by_role("tab", name="My tab").click()
    expect(page.locator("#tab-panel")).to_contain_text("hello of acme.tab")
    expect(page).to_have_url(re.compile(re.escape("tab=acme.tab") + "$"))
    page.get_by_role("tab", name="Media").click()
    expect(page.locator('[data-panel="acme.images"]')).to_contain_text("/api/runs/amber-fox/media/")
    expect(page.locator('[data-panel="acme.sounds"]')).to_be_hidden()


def test_a_matrix_is_a_table_that_can_be_read(install: Install, start_viewer: Any, root: Path, open_page: Any) -> None:
    matrix = "{ rows: ['cat', 'dog'], columns: ['cat', 'dog'], values: [[9, 1], [2, 8]] }"
    mount = f"mount(el, ctx) {{ ctx.chart(el, {{ kind: 'heatmap' }}).setData({matrix}); }}"
    install("acme-matrix", panel("acme.matrix"), index=mounting(mount, "acme.matrix"))
    page = open_page(workspace(start_viewer(root)))
    cells = page.locator("table.heatmap tr").nth(1).locator("th, td")
    expect(cells).to_have_text(["cat", "9", "1"])
    colors = cells.evaluate_all("(all) => all.map((cell) => getComputedStyle(cell).backgroundColor)")
    assert colors[1] != colors[2]


def test_a_page_hears_of_new_values(
    install: Install, start_viewer: Any, train_live: Any, tmp_path: Path, open_page: Any
) -> None:
    plugin = PLUGIN.format(arguments="pages=(Page('acme.now', '/now', 'Now'),)")
    module = """export default { apiVersion: 1, pages: [{ id: 'acme.now', mount(el, ctx) {
      ctx.runs.subscribe((runs) => {
        if (runs.length > 0 && !el.textContent) {
          el.textContent = 'waiting';
          ctx.subscribe(`metrics:${runs[0].id}`, (notice) => { el.textContent = `step ${notice.last_step}`; });
        }
      });
    } }] };"""
    install("acme-now", plugin, index=module)
    train_live(tmp_path / "root")
    page = open_page(f"{start_viewer(tmp_path / 'root').url}/now")
    expect(page.locator(".plugin-page")).to_contain_text(re.compile(r"step \d+"))
