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
    subprocess.run([sys.executable, str(PROGRAM), str(root)], check=True, timeout=200)
    return start_viewer(root)


def test_a_log_shows_words_and_colours_but_nothing_else_of_a_terminal(noisy: Any, open_page: Any) -> None:
    page = open_page(f"{noisy.url}/runs/noisy#L1")
    texts = page.locator(".log-text")
    expect(texts.nth(0)).to_have_text("hidden cursor")
    expect(texts.nth(1)).to_have_text("50%")
    expect(texts.nth(2)).to_have_text("red and blue")
    expect(texts.nth(2).locator("span").nth(0)).to_have_css("color", "rgb(255, 0, 0)")
    expect(texts.nth(2).locator("span").nth(1)).to_have_css("color", "rgb(0, 0, 255)")
    white, teal, inverse = texts.nth(3).locator("span").all()
    assert not re.match(r"rgb\(25|oklch\((0\.[6-9]|1)", white.evaluate("el => getComputedStyle(el).color"))
    expect(teal).to_have_css("color", "rgb(255, 255, 255)")
    assert inverse.evaluate("el => getComputedStyle(el).backgroundColor") != "rgba(0, 0, 0, 0)"


def test_a_search_with_too_many_matches_says_that_these_are_the_first(noisy: Any, open_page: Any) -> None:
    page = open_page(f"{noisy.url}/runs/noisy?tab=logs")
    page.get_by_label("Search the log").fill("filler")
    expect(page.get_by_text("1 of the first 5,000 lines")).to_be_visible()
    page.get_by_role("button", name="only these").click()
    expect(page.get_by_text("the first 5,000 matches in 5,204 lines")).to_be_visible()
    page.get_by_label("Search the log").fill("filler 51")
    expect(page.get_by_text("111 of 5,204 lines")).to_be_visible()


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


def test_a_search_goes_from_match_to_match_through_a_long_log(long: Any, open_page: Any) -> None:
    page = open_page(f"{long.url}/runs/long?tab=logs&lq=NEEDLE")
    search = page.get_by_label("Search the log")
    expect(page.get_by_text("– of 3 lines")).to_be_visible()
    search.press("Enter")
    expect(page.get_by_text("1 of 3 lines")).to_be_visible()
    expect(page.locator(".log-line.marked")).to_be_in_viewport()
    expect(page.locator(".log-line.marked mark")).to_have_text("needle")
    search.press("Enter")
    expect(page).to_have_url(re.compile(re.escape("#L80000") + "$"))
    search.press("Shift+Enter")
    search.press("Shift+Enter")
    expect(page.get_by_text("3 of 3 lines")).to_be_visible()
    expect(page.locator(".log-line.marked")).to_contain_text("line 120000 ")
    expect(page.locator(".log-line.marked")).to_be_in_viewport()


def test_only_lines_in_sight_are_in_the_page_and_any_line_is_reached(long: Any, open_page: Any) -> None:
    page = open_page(f"{long.url}/runs/long?tab=logs#L60001")
    expect(page.locator(".log-line.marked")).to_contain_text("line 60001 ")
    expect(page.locator(".log-line.marked")).to_be_in_viewport()
    assert page.locator(".log-line").count() < 200
    page.get_by_role("button", name="at the end").click()
    expect(page.locator(".log-line").last).to_contain_text("line 120000 ")


def test_wrapped_lines_are_whole_and_a_line_is_still_found(long: Any, open_page: Any) -> None:
    page = open_page(f"{long.url}/runs/long?tab=logs&lw=1#L60001")
    marked = page.locator(".log-line.marked")
    expect(marked).to_contain_text("line 60001 ")
    expect(marked).to_be_in_viewport()
    scroller = page.locator(".log-scroll")
    assert scroller.evaluate("el => el.scrollWidth <= el.clientWidth")
    box = page.locator(".log-line", has_text="line 60000 ").bounding_box()
    assert box is not None
    assert box["height"] > 3 * 18
    scroller.evaluate("el => { el.scrollTop = 0; }")
    expect(page.locator(".log-line").first).to_contain_text("line 1 ")


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


FAILING = r"""
import sys
import runicorn as rn

with rn.init("logs", storage=sys.argv[1], run_id="failing", capture_env=False) as run:
    run.log_text("before")
    frames = [f"  File 'a.py', line {n}, in f{n}\n    f{n}()" for n in range(12)]
    run.log_text("\n".join(["Traceback (most recent call last):", *frames, "ValueError: the deepest reason"]))
    for n in range(60):
        run.log_text(f"after {n}")
"""


@pytest.fixture
def failing(start_viewer: Any, tmp_path: Path) -> Any:
    root = tmp_path / "root"
    subprocess.run([sys.executable, "-c", FAILING, str(root)], check=True, timeout=200)
    return start_viewer(root)


def test_a_traceback_is_folded_to_its_first_line_and_the_exception(failing: Any, open_page: Any) -> None:
    page = open_page(f"{failing.url}/runs/failing?tab=logs#L1")
    expect(page.locator('[data-n="0"]')).to_contain_text("before")
    head, inner, reason = (page.locator(f'[data-n="{n}"]') for n in (1, 5, 26))
    fold = head.get_by_role("button", name="24 lines")
    expect(fold).to_have_attribute("aria-expanded", "false")
    expect(inner).to_be_hidden()
    expect(reason).to_contain_text("ValueError: the deepest reason")
    assert reason.evaluate("el => el.offsetTop") - head.evaluate("el => el.offsetTop") == 18
    fold.click()
    expect(inner).to_be_visible()
    head.get_by_role("button", name="fold 24 lines").click()
    expect(inner).to_be_hidden()
    # the end is where the last line is, however much is folded
    page.get_by_role("button", name="at the end").click()
    expect(page.locator('[data-n="86"]')).to_be_in_viewport()
    page.get_by_role("button", name="wrap").click()
    expect(page.locator('[data-n="86"]')).to_be_in_viewport()


def test_what_is_looked_for_is_shown_though_it_is_folded(failing: Any, open_page: Any) -> None:
    page = open_page(f"{failing.url}/runs/failing?tab=logs#L6")
    expect(page.locator('[data-n="5"]')).to_be_visible()
    page.goto(f"{failing.url}/runs/failing?tab=logs")
    page.get_by_label("Search the log").fill("in f7")
    expect(page.locator(".log-line.marked mark")).to_have_text("in f7")
    expect(page.locator(".log-line.marked")).to_be_in_viewport()
