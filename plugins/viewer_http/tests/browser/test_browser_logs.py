"""The log of a run that writes as terminals are written to, and writes a lot."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

PROGRAM = Path(__file__).parent / "programs" / "noisy.py"


@pytest.fixture
def noisy(start_viewer: Any, tmp_path: Path) -> Any:
    root = tmp_path / "root"
    subprocess.run([sys.executable, str(PROGRAM), str(root)], check=True, timeout=60)
    return start_viewer(root)


def test_a_log_shows_words_and_colours_but_nothing_else_of_a_terminal(noisy: Any, open_page: Any) -> None:
    page = open_page(f"{noisy.url}/runs/noisy#L1")
    texts = page.locator(".log-text")
    expect(texts.nth(0)).to_have_text("hidden cursor")
    expect(texts.nth(1)).to_have_text("50%")
    expect(texts.nth(2)).to_have_text("red and blue")
    expect(texts.nth(2).locator("span").nth(0)).to_have_css("color", "rgb(255, 0, 0)")
    expect(texts.nth(2).locator("span").nth(1)).to_have_css("color", "rgb(0, 0, 255)")


def test_a_search_with_too_many_matches_says_that_these_are_the_first(noisy: Any, open_page: Any) -> None:
    page = open_page(f"{noisy.url}/runs/noisy?tab=logs")
    page.get_by_label("Search the log").fill("filler")
    expect(page.get_by_text("the first 5,000 matches in 5,203 lines")).to_be_visible()
    page.get_by_label("Search the log").fill("filler 51")
    expect(page.get_by_text("111 of 5,203 lines")).to_be_visible()


def test_times_stand_beside_the_lines_when_asked_for(noisy: Any, open_page: Any) -> None:
    page = open_page(f"{noisy.url}/runs/noisy?tab=logs")
    expect(page.locator(".log-time")).to_have_count(0)
    page.get_by_role("button", name="times").click()
    expect(page.locator(".log-time").last).to_have_text(re.compile(r"^\d\d:\d\d:\d\d\.\d{3}$"))


def test_the_whole_log_is_downloaded_as_it_was_written(noisy: Any, open_page: Any) -> None:
    page = open_page(f"{noisy.url}/runs/noisy?tab=logs")
    with page.expect_download() as started:
        page.get_by_role("button", name="Download").click()
    assert started.value.suggested_filename == "noisy.log"
    lines = Path(started.value.path()).read_text("utf-8").splitlines()
    assert lines[-1].endswith(" | filler 5199")


@pytest.mark.disturbed
@pytest.mark.parametrize(
    ("tab", "found"),
    [("Logs", ".log-line"), ("Media", ".images, .tab-empty"), ("Environment", ".environment-values, .tab-empty")],
)
def test_a_tab_opened_while_the_viewer_was_away_fills_when_it_is_back(
    start_viewer: Any, trained_root: Path, open_page: Any, tab: str, found: str
) -> None:
    viewer = start_viewer(trained_root)
    page = open_page(f"{viewer.url}/runs/amber-fox")
    expect(page.get_by_role("tab", name=tab)).to_be_visible()
    viewer.stop()
    page.get_by_role("tab", name=tab).click()
    expect(page.get_by_text("could not be read")).to_be_visible()
    viewer.start()
    expect(page.locator(found).first).to_be_visible()
