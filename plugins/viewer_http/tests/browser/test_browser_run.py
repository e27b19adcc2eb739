"""One run: its tabs, its log while it grows, and changes to it."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser


def test_the_overview_has_results_params_and_metrics(site: Any, open_page: Any) -> None:
    page = open_page(f"{site.url}/runs/amber-fox")
    expect(page.get_by_role("heading", level=1)).to_contain_text("amber-fox")
    expect(page.locator(".best")).to_contain_text("highest val/acc")
    expect(page.locator(".pairs").filter(has_text="optimizer/name")).to_contain_text("adamw")
    expect(page.locator("tbody tr").filter(has_text="train/loss")).to_contain_text("300")


def test_a_failed_run_shows_its_exception(site: Any, open_page: Any) -> None:
    page = open_page(f"{site.url}/runs/adamw-wd.1")
    expect(page.locator(".run-head")).to_contain_text("failed")
    expect(page.locator(".exit")).to_contain_text("RuntimeError: the card ran out of memory")
    expect(page.locator(".traceback")).to_contain_text("train.py")


def test_every_tab_has_an_address_that_survives_a_reload(site: Any, open_page: Any) -> None:
    page = open_page(f"{site.url}/runs/amber-fox")
    for tab in ("Charts", "Params", "Logs", "Media", "Environment"):
        page.get_by_role("tab", name=tab).click()
        expect(page).to_have_url(re.compile(re.escape(f"tab={tab.lower()}") + "$"))
    page.reload()
    expect(page.get_by_role("tab", name="Environment")).to_have_attribute("aria-selected", "true")
    page.go_back()
    expect(page.get_by_role("tab", name="Media")).to_have_attribute("aria-selected", "true")


def test_params_are_searched_by_name_and_value(site: Any, open_page: Any) -> None:
    page = open_page(f"{site.url}/runs/amber-fox?tab=params")
    page.get_by_label("Search names and values").fill("adam")
    expect(page.locator(".leaf")).to_have_count(1)
    expect(page.locator(".leaf")).to_contain_text("adamw")


def test_charts_of_one_run(site: Any, open_page: Any) -> None:
    page = open_page(f"{site.url}/runs/amber-fox?tab=charts")
    expect(page.locator('[data-metric="train/loss"] .plot')).to_have_attribute("data-last", "300")


def test_pictures_follow_the_step(site: Any, open_page: Any) -> None:
    page = open_page(f"{site.url}/runs/amber-fox?tab=media")
    expect(page.locator(".picture")).to_contain_text("after 300")
    page.get_by_label("Step", exact=True).focus()
    page.keyboard.press("ArrowLeft")
    expect(page.locator(".picture")).to_contain_text("after 200")
    expect(page).to_have_url(re.compile(re.escape("step=200")))
    image = page.locator(".picture img")
    expect(image).to_be_visible()
    assert image.evaluate("img => img.decode().then(() => img.naturalWidth)") == 8


def test_log_lines_have_colours_search_and_addresses(site: Any, open_page: Any) -> None:
    page = open_page(f"{site.url}/runs/amber-fox?tab=logs#L12")
    marked = page.locator(".log-line.marked")
    expect(marked).to_contain_text("epoch 12 loss")
    expect(marked.locator(".a-fg2")).to_have_text("epoch 12")
    page.get_by_label("Search the log").fill("epoch 30")
    expect(page.locator(".log-line.marked mark")).to_have_text("epoch 30")
    expect(page).to_have_url(re.compile(re.escape("#L30") + "$"))
    page.get_by_role("button", name="only these").click()
    expect(page.locator(".log-line")).to_have_count(1)
    expect(page.locator(".log-n")).to_have_text("30")


def last_line(page: Page) -> int:
    return int(page.locator(".log-n").last.inner_text())


def test_a_growing_log_is_followed_until_the_reader_scrolls_up(
    start_viewer: Any, train_live: Any, open_page: Any, tmp_path: Path
) -> None:
    root = tmp_path / "root"
    train_live(root)
    url = start_viewer(root).url
    page = open_page(f"{url}/settings")
    # opened in the background: it is followed when somebody looks at it
    page.add_init_script("Object.defineProperty(document, 'hidden', { get: () => window.looked !== true })")
    page.goto(f"{url}/runs/going?tab=logs")
    expect(page.locator(".log-line").last).to_contain_text("line of step")
    page.evaluate("window.looked = true; document.dispatchEvent(new Event('visibilitychange'))")
    before = last_line(page)
    page.locator(".run-actions [aria-haspopup=menu]").click()
    page.wait_for_function(
        "n => Number([...document.querySelectorAll('.log-n')].at(-1).textContent) >= n", arg=max(before, 30) + 10
    )
    expect(page.get_by_role("menu")).to_be_visible()  # a log that scrolls does not close it
    page.keyboard.press("Escape")
    follow = page.get_by_role("button", name="follow")
    expect(follow).to_have_attribute("aria-pressed", "true")
    page.locator(".log-scroll").evaluate(
        "log => { log.dispatchEvent(new WheelEvent('wheel', { deltaY: -200 })); log.scrollTop = log.scrollHeight; }"
    )
    expect(follow).to_have_attribute("aria-pressed", "false")  # even when new lines come before the page has moved
    follow.click()
    expect(follow).to_have_attribute("aria-pressed", "true")
    page.locator(".log-scroll").hover()
    page.mouse.wheel(0, -200)
    expect(follow).to_have_attribute("aria-pressed", "false")


def test_a_run_is_renamed_tagged_noted_and_pinned(
    start_viewer: Any, trained_root: Path, open_page: Any, tmp_path: Path
) -> None:
    root = shutil.copytree(trained_root, tmp_path / "copy")
    viewer = start_viewer(root)
    page = open_page(f"{viewer.url}/runs/swift-42")
    page.get_by_role("button", name="Rename").click()
    page.get_by_role("textbox", name="Rename").fill("the swift one")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("the swift one")
    detail = re.compile(r"/api/runs/swift-42$")
    page.route(detail, lambda _: None)
    with page.expect_request(detail):  # what the run is now is on its way, and takes long
        page.get_by_role("button", name="Pin").click()
    with page.expect_response(lambda answer: "keep" in (answer.request.post_data or "")):
        page.get_by_label("Add a tag").fill("keep")
        page.keyboard.press("Enter")
    page.get_by_label("Add a tag").fill("and this")  # before the page has heard of the first one
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Remove tag")).to_have_count(3)  # sweep, and both
    with page.expect_response(lambda answer: "and this" in (answer.request.post_data or "")) as added:
        page.unroute(detail)  # which lets go what was held
    assert added.value.request.post_data_json["tags"] == ["sweep", "keep", "and this"]
    with page.expect_response(lambda answer: "lower" in (answer.request.post_data or "")):
        page.get_by_label("Note").fill("lower warm-up")
        page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Unpin")).to_be_visible()
    page.goto(f"{viewer.url}/workspace?project=vision")
    expect(page.get_by_text("Pinned")).to_be_visible()
    expect(page.locator(".run-row").first).to_contain_text("the swift one")
    page.goto(f"{viewer.url}/runs/swift-42")
    expect(page.get_by_label("Note")).to_have_value("lower warm-up")
    expect(page.get_by_role("button", name="Remove tag")).to_have_count(3)  # sweep, and both


def test_a_deleted_run_waits_in_the_recycle_bin_until_it_is_emptied(
    start_viewer: Any, trained_root: Path, open_page: Any, tmp_path: Path
) -> None:
    root = shutil.copytree(trained_root, tmp_path / "copy")
    viewer = start_viewer(root)
    for name in ("words-1", "words-2"):
        page = open_page(f"{viewer.url}/runs/{name}")
        page.get_by_role("button", name="Delete").click()
        page.get_by_role("dialog").get_by_role("button", name="Delete").click()
        expect(page).to_have_url(re.compile("/workspace"))
    page.goto(f"{viewer.url}/recycle-bin")
    expect(page.locator("tbody tr")).to_have_count(2)
    page.locator('[data-run="words-1"]').get_by_role("button", name="Restore").click()
    expect(page.locator("tbody tr")).to_have_count(1)
    page.get_by_role("button", name="Empty the bin").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete for good").click()
    expect(page.get_by_role("heading", name="The recycle bin is empty")).to_be_visible()
    page.goto(f"{viewer.url}/workspace?project=language")
    expect(page.locator(".run-row")).to_have_count(1)


@pytest.mark.disturbed
def test_a_run_that_does_not_exist_says_so(site: Any, open_page: Any) -> None:
    page = open_page(f"{site.url}/runs/nobody")
    expect(page.get_by_role("heading", name="There is no run nobody")).to_be_visible()


def test_back_leads_to_where_a_page_was_left_last(site: Any, open_page: Any) -> None:
    page = open_page(f"{site.url}/runs/amber-fox", viewport={"width": 700, "height": 260})
    expect(page.locator("tbody tr").filter(has_text="train/loss")).to_contain_text("300")
    for place in (300, 120):  # scrolled by the reader, and left for another page by a link, then by going forward
        page.evaluate("y => { dispatchEvent(new Event('wheel')); scrollTo(0, y); }", place)
        if place == 300:
            page.evaluate("document.querySelector('.brand').click()")
        else:
            page.go_forward()
        expect(page.locator(".run-head")).to_have_count(0)
        page.go_back()
        expect(page.locator(".run-head")).to_be_visible()
        page.wait_for_function("y => scrollY === y", arg=place)
    page.wait_for_timeout(400)
    assert page.evaluate("scrollY") == 120
