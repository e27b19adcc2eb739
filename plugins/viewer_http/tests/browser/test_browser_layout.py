"""Where things stand: side by side, centred, wide enough to be used."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, expect

pytestmark = pytest.mark.browser

PROGRAM = Path(__file__).parent / "programs" / "single.py"


def box(of: Locator) -> Any:
    """Where it stands; looked at again where another takes its place meanwhile, as when the page's module has come."""
    for _ in range(100):
        expect(of).to_be_visible()
        if (found := of.bounding_box()) is not None:
            return found
    raise AssertionError(f"{of} never stays")


def test_sections_of_one_panel_stand_side_by_side(start_viewer: Any, open_page: Any, tmp_path: Path) -> None:
    root = tmp_path / "root"
    subprocess.run([sys.executable, str(PROGRAM), str(root)], check=True, timeout=200)
    page = open_page(f"{start_viewer(root).url}/workspace?project=single")
    first, second = (box(page.locator(f'[data-section="{name}"]')) for name in "ab")
    assert first["y"] == second["y"]
    assert first["x"] + first["width"] < second["x"]


def test_a_run_stands_where_the_projects_stand_on_a_wide_screen(site: Any, open_page: Any) -> None:
    page = open_page(site.url, viewport={"width": 1800, "height": 900})
    left = box(page.get_by_role("heading", name="Projects"))["x"]
    page.goto(f"{site.url}/runs/amber-fox")
    assert box(page.locator(".overview"))["x"] == left


def test_the_metric_search_keeps_room_for_words_in_a_narrow_window(site: Any, open_page: Any) -> None:
    page = open_page(f"{site.url}/workspace?project=vision", viewport={"width": 600, "height": 800}, locale="zh-CN")
    assert box(page.locator("#metric-filter"))["width"] >= 200


@pytest.mark.parametrize("width", [720, 1000])
def test_all_pages_of_a_project_are_in_sight_in_half_a_window(site: Any, open_page: Any, width: int) -> None:
    page = open_page(f"{site.url}/table?project=vision", viewport={"width": width, "height": 800})
    for name in ("Charts", "Table", "Compare", "Media"):
        link = page.locator(".project-tabs").get_by_role("link", name=name, exact=True)
        expect(link).to_be_in_viewport(ratio=1)
    page.locator(".brand").click()
    expect(page.locator(".line").first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_narrow_bar_is_one_line_and_holds_the_other_pages_in_a_menu(site: Any, open_page: Any) -> None:
    page = open_page(f"{site.url}/runs/amber-fox", viewport={"width": 390, "height": 844})
    assert box(page.locator("header.top"))["height"] <= 48
    expect(page.locator(".crumbs a").first).to_be_in_viewport(ratio=1)
    page.get_by_role("button", name="More", exact=True).click()
    page.get_by_role("menuitem", name="Recycle bin").click()
    expect(page).to_have_url(f"{site.url}/recycle-bin")
    page.get_by_role("button", name="More", exact=True).click()
    page.get_by_role("menuitem", name="Keyboard and mouse (?)").click()
    expect(page.get_by_role("dialog", name="Keyboard and mouse")).to_be_visible()
