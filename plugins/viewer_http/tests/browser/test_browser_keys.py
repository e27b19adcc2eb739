"""Keys, focus and the address bar: what the keyboard reaches and what Back takes back."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

WORKSPACE = "/workspace?project=vision"


def test_enter_presses_what_has_the_focus_and_opens_the_marked_run_elsewhere(site: Any, open_page: Any) -> None:
    page = open_page(site.url + WORKSPACE)
    eye = page.get_by_role("button", name="Hide amber-fox")
    eye.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Show amber-fox")).to_be_visible()
    page.keyboard.press("j")
    page.locator(".run-row.lit .run-name").focus()
    page.locator(".run-row.lit .run-name").blur()
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{site.url}/runs/warm-dune")


def test_the_skip_link_leads_into_the_page(site: Any, open_page: Any) -> None:
    page = open_page(site.url + WORKSPACE)
    expect(page.locator(".run-row")).to_have_count(8)
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
    expect(page.locator(".run-row")).to_have_count(8)


@pytest.mark.parametrize("address", [WORKSPACE, "/runs/amber-fox?tab=charts"])
def test_the_full_screen_takes_the_focus_and_leaves_no_trace_in_the_history(
    site: Any, open_page: Any, address: str
) -> None:
    page = open_page(site.url)
    expect(page.get_by_role("heading", name="Projects")).to_be_visible()
    page.goto(site.url + address)
    page.locator('[data-metric="val/acc"] .plot').hover()
    for leave in ("Escape", "f"):
        page.keyboard.press("f")
        dialog = page.get_by_role("dialog", name="val/acc")
        expect(dialog.get_by_role("button", name="Leave full screen of val/acc")).to_be_focused()
        dialog.locator(".plot").hover()
        expect(dialog.locator(".tooltip")).to_be_visible()
        page.keyboard.press(leave)
        expect(page.get_by_role("dialog")).to_have_count(0)
        page.locator('[data-metric="val/acc"] .plot').hover()
    page.go_back()
    expect(page.get_by_role("heading", name="Projects")).to_be_visible()


MODAL_AT_ONCE = """() => new Promise((go) => {
  const watcher = new MutationObserver(() => {
    const dialog = document.querySelector('dialog.focus');
    if (dialog) { watcher.disconnect(); go(dialog.matches(':modal')); }
  });
  watcher.observe(document.body, { childList: true, subtree: true });
  document.body.dispatchEvent(new KeyboardEvent('keydown', { key: 'f', bubbles: true }));
})"""


def test_the_full_screen_takes_keys_from_the_moment_it_stands_there(site: Any, open_page: Any) -> None:
    page = open_page(site.url + WORKSPACE)
    page.locator('[data-metric="val/acc"] .plot').hover()
    assert page.evaluate(MODAL_AT_ONCE)
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_back_leaves_the_full_screen(site: Any, open_page: Any) -> None:
    page = open_page(site.url + WORKSPACE)
    page.get_by_role("button", name="Show val/acc in full screen").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    page.go_back()
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.locator(".run-row")).to_have_count(8)


def test_an_address_that_cannot_be_decoded_names_no_run(site: Any, open_page: Any) -> None:
    page = open_page(f"{site.url}/runs/%E0%A4%A")
    expect(page.get_by_role("heading", name="There is no run %E0%A4%A")).to_be_visible()
