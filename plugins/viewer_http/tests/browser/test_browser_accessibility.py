"""Every page is usable without a mouse, without colours and with a screen reader, as far as a machine can tell."""

from __future__ import annotations

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]  # it has no types
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser

PAGES = {
    "projects": ("/", ".project"),
    "workspace": ("/workspace?project=vision", ".run-row"),
    "table": ("/table?project=vision", ".grid-row"),
    "grouped table": ("/table?project=vision&group=status", ".grid-row.group"),
    "compare": ("/compare?project=vision", "table"),
    "run": ("/runs/adamw-wd.1", ".traceback"),
    "run's charts": ("/runs/amber-fox?tab=charts", ".plot canvas"),
    "params": ("/runs/amber-fox?tab=params&base=quiet-lake", ".leaf.differs"),
    "log": ("/runs/amber-fox?tab=logs&lq=epoch", ".log-line mark"),
    "media": ("/runs/amber-fox?tab=media", ".picture img"),
    "system of a run": ("/runs/amber-fox?tab=system", ".tab-panel > *"),
    "environment": ("/runs/amber-fox?tab=environment", ".tab-panel > *"),
    "system": ("/system", '[data-part="memory"]'),
    "settings": ("/settings", ".settings-part .card"),
    "storage": ("/settings?part=storage", '[data-part="storage"]'),
    "keyboard": ("/settings?part=keyboard", ".key-map"),
    "about": ("/settings?part=about", ".facts dt"),
    "plugins": ("/plugins", ".plugins-table tbody tr"),
    "recycle bin": ("/recycle-bin", ".empty"),
}


def complaints(page: Page) -> list[str]:
    found = Axe().run(page).response["violations"]
    return [f"{one['id']}: {node['html'][:160]}" for one in found for node in one["nodes"]]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_nothing_on_any_page(site: Any, open_page: Any, name: str, scheme: str) -> None:
    address, ready = PAGES[name]
    page = open_page(site.url + address, color_scheme=scheme, reduced_motion="reduce")
    expect(page.locator(ready).first).to_be_visible()
    assert complaints(page) == []


def test_axe_finds_nothing_in_what_opens_above_a_page(site: Any, open_page: Any) -> None:
    page = open_page(f"{site.url}/table?project=vision", reduced_motion="reduce")
    expect(page.locator(".grid-row")).to_have_count(8)
    found: list[str] = []
    for name, key, ready in (
        ("palette", "Control+k", ".palette [role=option]"),
        ("help", "?", ".key-map"),
        ("columns", "c", ".picker"),
    ):
        page.keyboard.press(key)
        expect(page.locator(ready).first).to_be_visible()
        found += [f"{name}: {one}" for one in complaints(page)]
        page.keyboard.press("Escape")
        expect(page.locator("dialog")).to_have_count(0)  # gone, not only closed: until then it takes the keys
    page.get_by_role("button", name="Saved views").click()
    found += [f"menu: {one}" for one in complaints(page)]
    page.keyboard.press("Escape")
    page.locator(".grid-row").first.locator('[data-col="0"]').click()
    found += [f"selection: {one}" for one in complaints(page)]
    assert not found, "\n".join(found)


def test_what_has_the_focus_is_outlined(site: Any, open_page: Any) -> None:
    page = open_page(f"{site.url}/table?project=vision")
    expect(page.locator(".grid-row")).to_have_count(8)
    for _ in range(20):
        page.keyboard.press("Tab")
        style = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert style != "none", page.evaluate("document.activeElement.outerHTML.slice(0, 200)")
