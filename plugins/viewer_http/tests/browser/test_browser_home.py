"""The first page: projects, nothing yet, theme, language, help."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser


def test_projects_show_their_runs_and_best_value(site: Any, open_page: Any) -> None:
    page = open_page(site.url)
    vision = page.locator('[data-project="vision"]')
    expect(vision).to_contain_text("8 runs")
    expect(vision).to_contain_text("1 failed")
    expect(vision).to_contain_text("best val/acc")
    expect(vision.locator("svg.spark path")).to_be_visible()
    expect(page.locator('[data-project="language"]')).to_contain_text("pretrain/small")


def test_a_project_opens_its_workspace_and_back_returns(site: Any, open_page: Any) -> None:
    page = open_page(site.url)
    page.get_by_role("link", name="vision", exact=True).click()
    expect(page.locator(".run-row")).to_have_count(8)
    expect(page).to_have_title("vision · Runicorn")
    page.go_back()
    expect(page.get_by_role("heading", name="Projects")).to_be_visible()


def test_the_filter_keeps_projects_with_that_name(site: Any, open_page: Any) -> None:
    page = open_page(site.url)
    page.get_by_label("Filter projects").fill("lang")
    expect(page.locator(".project")).to_have_count(1)
    page.get_by_label("Filter projects").fill("nothing like it")
    page.get_by_role("button", name="Clear filter").click()
    expect(page.locator(".project")).to_have_count(2)


def test_an_empty_root_says_so_and_gives_a_snippet(start_viewer: Any, open_page: Any, tmp_path: Path) -> None:
    root = tmp_path / "nothing"
    root.mkdir()
    page = open_page(start_viewer(root).url)
    expect(page.get_by_role("heading", level=1)).to_contain_text(f"No runs yet in {root}")
    expect(page.locator(".snippet pre").first).to_contain_text("import runicorn as rn")
    expect(page.get_by_role("button", name="Copy").first).to_be_visible()


def test_the_first_page_tells_how_to_open_another_folder_and_to_import(
    start_viewer: Any, open_page: Any, tmp_path: Path
) -> None:
    (tmp_path / "nothing").mkdir()
    page = open_page(start_viewer(tmp_path / "nothing").url)
    other = page.get_by_role("region", name="Runs in another folder?")
    expect(other).to_contain_text("runicorn viewer --root /path/to/runs")
    other.get_by_label("Folder with runs").fill("/data/my runs")
    expect(other.locator("pre")).to_have_text('runicorn viewer --root "/data/my runs"')
    # the folder was given on the command line: saving another one would change nothing
    expect(other.get_by_role("button", name="Use it from now on")).to_have_count(0)
    expect(page.get_by_role("region", name="Runs of another tool?")).to_contain_text("runicorn import")
    page.route("**/api/plugins", lambda route: route.fulfill(json=[]))  # no plugin brings in runs
    with page.expect_response("**/api/plugins"):
        page.reload()
    expect(other).to_be_visible()
    expect(page.get_by_role("region", name="Runs of another tool?")).to_have_count(0)


def test_runs_that_broke_show_what_they_said_last(several: Any, open_page: Any) -> None:
    page = open_page(several.url)
    expect(page.locator('[data-run="raised"] .line-words')).to_have_text("ValueError: the third file is missing")
    killed = page.locator('[data-run="killed"] .line-words')
    expect(killed).to_have_text("CUDA error: out of memory")
    expect(page.locator('[data-run="long"] .line-words')).to_have_count(0)
    killed.click()
    expect(page).to_have_url(f"{several.url}/runs/killed?tab=logs")


def test_projects_are_sorted_and_those_with_a_star_come_first(
    several_root: Path, start_viewer: Any, open_page: Any, tmp_path: Path
) -> None:
    page = open_page(start_viewer(Path(shutil.copytree(several_root, tmp_path / "own"))).url)
    names = page.locator(".project-name")
    expect(names).to_have_text(["gamma", "beta", "alpha"])
    page.get_by_label("sort:").select_option("name")
    expect(names).to_have_text(["alpha", "beta", "gamma"])
    page.get_by_label("sort:").select_option("runs")
    expect(names.first).to_have_text("beta")
    page.get_by_role("button", name="Star for gamma").click()
    expect(names.first).to_have_text("gamma")
    expect(page.get_by_role("button", name="Star for gamma")).to_have_attribute("aria-pressed", "true")
    with page.expect_response(lambda answer: "ui-preferences" in answer.url and answer.request.method == "GET"):
        page.reload()
    expect(names.first).to_have_text("gamma")
    expect(page.get_by_label("sort:")).to_have_value("runs")


def test_the_theme_follows_the_system_until_one_is_chosen(site: Any, open_page: Any) -> None:
    page = open_page(site.url, color_scheme="dark")
    expect(page.locator("body")).to_have_css("background-color", "rgb(20, 22, 26)")
    page.get_by_role("button", name="Theme: as the system").click()
    expect(page.locator("body")).to_have_css("background-color", "rgb(250, 249, 246)")
    page.reload()
    expect(page.get_by_role("button", name="Theme: light")).to_be_visible()


def test_chinese_is_chosen_by_the_browser_or_by_hand_and_kept(site: Any, open_page: Any) -> None:
    page = open_page(site.url, locale="zh-CN")
    expect(page.get_by_role("heading", name="项目")).to_be_visible()
    expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
    page.get_by_role("button", name="Switch to English").click()
    expect(page.get_by_role("heading", name="Projects")).to_be_visible()
    page.reload()
    expect(page.get_by_role("heading", name="Projects")).to_be_visible()


def test_a_question_mark_opens_the_keyboard_map(site: Any, open_page: Any) -> None:
    page = open_page(site.url)
    expect(page.get_by_role("heading", name="Projects")).to_be_visible()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_contain_text("Chart in full screen")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_an_address_that_is_none_leads_back(site: Any, open_page: Any) -> None:
    page = open_page(f"{site.url}/no/such/page")
    expect(page.get_by_role("heading", name="There is no such page")).to_be_visible()
