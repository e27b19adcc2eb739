"""The palette, going to pages by keys, settings and the machine."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser


def test_the_palette_finds_runs_projects_metrics_and_actions(site: Any, open_page: Any) -> None:
    page = open_page(f"{site.url}/workspace?project=vision")
    expect(page.locator(".run-row")).to_have_count(8)
    page.keyboard.press("Control+k")
    palette = page.get_by_role("dialog")
    box = palette.get_by_role("combobox")
    expect(box).to_be_focused()
    box.fill("val/acc")
    expect(palette.get_by_role("option", name="val/acc")).to_be_visible()
    box.fill("quiet-lake")
    expect(palette.get_by_role("option").first).to_contain_text("quiet-lake")
    box.fill("dark")
    expect(palette.get_by_role("option").first).to_contain_text("Theme: dark")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.locator("html")).to_have_class("dark")
    page.keyboard.press("Control+k")
    box.fill("words-2")
    expect(palette.get_by_role("option", name="words-2")).to_be_visible()
    box.evaluate(
        "el => el.dispatchEvent(new KeyboardEvent('keydown', {key: 'Enter', isComposing: true, bubbles: true}))"
    )
    assert "/workspace" in page.url  # that Enter was for the input method
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/runs/words-2"))


def test_g_and_a_key_go_to_pages_and_keep_the_filter(site: Any, open_page: Any) -> None:
    page = open_page(f"{site.url}/table?project=vision&q=tags has sweep")
    expect(page.locator(".grid-row")).to_have_count(8)
    page.keyboard.press("g")
    page.keyboard.press("c")
    expect(page.locator(".run-row").first).to_be_visible()
    expect(page).to_have_url(re.compile(re.escape("/workspace?")))
    expect(page).to_have_url(re.compile(re.escape("q=tags")))
    page.keyboard.press("g")
    page.keyboard.press("h")
    expect(page.get_by_role("heading", name="Projects")).to_be_visible()
    page.goto(f"{site.url}/runs/amber-fox")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    page.keyboard.press("g")
    page.keyboard.press("l")
    expect(page.locator(".log-line").last).to_be_visible()


def test_settings_say_where_runs_lie_and_whether_all_is_well(site: Any, open_page: Any) -> None:
    page = open_page(f"{site.url}/settings?part=storage")
    storage = page.locator('[data-part="storage"]')
    expect(storage).to_contain_text(str(site.root))
    expect(storage).to_contain_text("10")
    expect(storage).to_contain_text("all runs")
    expect(page.locator(".checks li").first).to_contain_text("storage")
    page.get_by_role("link", name="Appearance").click()
    page.get_by_text("Dark", exact=True).click()
    expect(page.locator("html")).to_have_class("dark")
    page.get_by_role("link", name="About").click()
    expect(page.get_by_text("preact", exact=True)).to_be_visible()
    page.get_by_role("link", name="General").click()
    page.get_by_label("Language").select_option("zh-CN")
    expect(page.get_by_role("heading", name="设置")).to_be_visible()


def test_the_machine_is_measured_while_the_page_is_open(site: Any, open_page: Any) -> None:
    page = open_page(f"{site.url}/system")
    memory = page.locator('[data-part="memory"]')
    expect(memory).to_contain_text("GiB of")
    expect(memory.locator(".plot canvas")).to_be_visible()
    expect(page.locator('[data-part="disk"]')).to_contain_text("free")
    expect(page.locator('[data-part="no-gpu"], [data-part="gpu-0"]').first).to_be_visible()
