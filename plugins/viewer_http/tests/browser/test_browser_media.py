"""The media page of a project."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser


def test_pictures_of_all_runs_stand_side_by_side_at_one_step(site: Any, open_page: Any) -> None:
    page = open_page(f"{site.url}/workspace?project=vision&hide=warm-dune")
    page.get_by_role("link", name="Media", exact=True).click()
    pictures = page.locator('.media-key:has(h2:text-is("samples")) .picture')
    expect(pictures).to_have_count(7)
    expect(page.get_by_text("7 of 7 runs have media")).to_be_visible()
    expect(pictures.first.locator("img")).to_have_js_property("naturalWidth", 8)
    page.get_by_label("Step", exact=True).focus()
    page.keyboard.press("ArrowLeft")
    # one run broke before: it stands there with what it had logged until then
    expect(pictures.filter(has_text="after 200")).to_have_count(6)
    expect(pictures.filter(has_text="after 100")).to_have_count(1)
    page.reload()
    expect(pictures.filter(has_text="after 200")).to_have_count(6)


def test_a_filter_and_a_key_narrow_what_is_shown(site: Any, open_page: Any) -> None:
    page = open_page(f"{site.url}/media?project=vision&q=fox")
    expect(page.locator(".picture")).to_have_count(1)
    expect(page.locator(".picture")).to_contain_text("amber-fox")
    page.get_by_label("Search keys (regex)").fill("nothing")
    expect(page.locator(".picture")).to_have_count(0)
    page.goto(f"{site.url}/media?project=language")
    expect(page.get_by_role("heading", name="None of these runs has media")).to_be_visible()


def test_details_of_all_runs_are_asked_for_together(site: Any, open_page: Any) -> None:
    asked: list[str] = []
    page = open_page(f"{site.url}/settings")
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{site.url}/workspace?project=vision")
    expect(page.locator('[data-metric="train/loss"] .plot')).to_have_attribute("data-runs", "8")
    assert len([url for url in asked if url.endswith("/api/v2/details")]) == 1
    assert [url for url in asked if re.search(r"/api/runs/[^/?]+(\?|$)", url)] == []
