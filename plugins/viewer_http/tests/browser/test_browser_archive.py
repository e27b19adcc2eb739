"""Runs that are out of the way: archived, alone, none of them, in the recycle bin."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser


def test_an_archived_run_leaves_the_list_until_asked_for(
    start_viewer: Any, trained_root: Path, open_page: Any, tmp_path: Path
) -> None:
    viewer = start_viewer(shutil.copytree(trained_root, tmp_path / "copy"))
    page = open_page(f"{viewer.url}/runs/swift-42")
    page.get_by_role("button", name="Archive").click()
    expect(page.get_by_role("button", name="Unarchive")).to_be_visible()
    page.get_by_role("link", name="vision").click()
    expect(page.locator(".run-row")).to_have_count(7)
    page.get_by_role("button", name="1 archived").click()
    expect(page.locator(".run-row")).to_have_count(8)
    expect(page.locator('[data-run="swift-42"]')).to_contain_text("archived")
    page.get_by_role("button", name="1 archived").click()
    page.locator("#run-filter").fill("archived = true")
    expect(page.locator(".run-row")).to_have_count(1)


def test_a_run_in_the_recycle_bin_says_so_and_can_be_restored_from_its_page(
    start_viewer: Any, trained_root: Path, open_page: Any, tmp_path: Path
) -> None:
    viewer = start_viewer(shutil.copytree(trained_root, tmp_path / "copy"))
    page = open_page(f"{viewer.url}/runs/words-1")
    page.get_by_role("button", name="Delete").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page.locator(".run-row")).to_have_count(1)
    page.goto(f"{viewer.url}/runs/words-1")
    notice = page.get_by_role("note").filter(has_text="in the recycle bin")
    expect(notice).to_be_visible()
    expect(page.get_by_role("button", name="Delete")).to_have_count(0)
    notice.get_by_role("button", name="Restore").click()
    expect(page.get_by_role("button", name="Delete")).to_be_visible()
    expect(notice).to_have_count(0)


def test_the_recycle_bin_knows_what_is_running(
    start_viewer: Any, train_live: Any, open_page: Any, tmp_path: Path
) -> None:
    train_live(tmp_path / "root")
    page = open_page(f"{start_viewer(tmp_path / 'root').url}/recycle-bin")
    expect(page.get_by_text("1 running")).to_be_visible()


def test_hiding_the_run_that_was_alone_shows_none(site: Any, open_page: Any) -> None:
    page = open_page(f"{site.url}/workspace?project=vision")
    page.get_by_role("button", name="Hide quiet-lake").click(modifiers=["Alt"])
    page.get_by_role("button", name="Hide quiet-lake").click()
    expect(page.get_by_text("No run is visible")).to_be_visible()
    expect(page.locator(".run-row.off")).to_have_count(8)
    page.get_by_role("button", name="Show amber-fox").click()
    expect(page.locator('[data-metric="train/loss"] .plot')).to_have_attribute("data-runs", "1")


def test_the_tooltip_names_its_two_columns_where_curves_are_smoothed(site: Any, open_page: Any) -> None:
    page = open_page(f"{site.url}/workspace?project=vision&s=0.5")
    page.locator('[data-metric="train/lr"] .plot').hover()
    expect(page.locator(".tooltip-columns")).to_have_text("smoothedlogged")
    page.keyboard.press("Escape")
    page.goto(f"{site.url}/workspace?project=vision&s=0")
    page.locator('[data-metric="train/lr"] .plot').hover()
    expect(page.locator(".tooltip-row").first).to_be_visible()
    expect(page.locator(".tooltip-columns")).to_have_count(0)
