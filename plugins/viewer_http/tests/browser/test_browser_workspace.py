"""The workspace: charts of all runs, and what the reader does with them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser

SIX_WITH_VALUES = re.compile(r"^[1-9]")


def plot(page: Page, metric: str) -> Any:
    return page.locator(f'[data-metric="{metric}"] .plot')


def open_workspace(site: Any, open_page: Any, more: str = "") -> Page:
    page: Page = open_page(f"{site.url}/workspace?project=vision{more}")
    expect(plot(page, "train/loss")).to_have_attribute("data-runs", "8")
    return page


def drag(page: Page, metric: str, start: float, end: float) -> None:
    box = plot(page, metric).locator(".u-over").bounding_box()
    assert box is not None
    y = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] * start, y)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * end, y, steps=4)
    page.mouse.up()


def test_every_metric_has_a_chart_with_all_runs_in_its_section(site: Any, open_page: Any) -> None:
    page = open_workspace(site, open_page)
    expect(page.locator('[data-section="train"] .panel')).to_have_count(2)
    expect(page.locator('[data-section="val"] .panel')).to_have_count(1)
    expect(plot(page, "val/acc")).to_have_attribute("data-last", "300")
    expect(plot(page, "train/loss")).to_have_attribute("aria-label", re.compile(r"^train/loss: 8 runs"))


def test_a_diverged_run_is_marked(site: Any, open_page: Any) -> None:
    page = open_workspace(site, open_page)
    expect(page.locator('[data-metric="train/loss"]')).to_contain_text("1 run with NaN or ∞")
    expect(page.locator('[data-metric="train/lr"] .panel-bad')).to_have_count(0)


def test_an_eye_hides_a_run_and_a_reload_remembers_it(site: Any, open_page: Any) -> None:
    page = open_workspace(site, open_page)
    page.get_by_role("button", name="Hide amber-fox").click()
    expect(plot(page, "train/loss")).to_have_attribute("data-runs", "7")
    page.reload()
    expect(plot(page, "train/loss")).to_have_attribute("data-runs", "7")
    page.get_by_role("button", name="Show all").click()
    expect(plot(page, "train/loss")).to_have_attribute("data-runs", "8")


def test_alt_click_shows_one_run_alone(site: Any, open_page: Any) -> None:
    page = open_workspace(site, open_page)
    page.get_by_role("button", name="Hide quiet-lake").click(modifiers=["Alt"])
    expect(plot(page, "train/loss")).to_have_attribute("data-runs", "1")
    expect(page.locator(".run-row.off")).to_have_count(7)


@pytest.mark.disturbed
def test_the_filter_narrows_list_and_charts_and_explains_what_it_cannot_read(site: Any, open_page: Any) -> None:
    page = open_workspace(site, open_page)
    box = page.locator("#run-filter")
    box.fill("status = failed")
    expect(page.locator(".run-row")).to_have_count(1)
    expect(plot(page, "train/loss")).to_have_attribute("data-runs", "1")
    box.fill("metrics.val/acc <")
    expect(page.locator(".filter-problem")).to_be_visible()
    expect(page.locator(".run-row")).to_have_count(1)
    box.fill("parms.lr > 0")
    page.get_by_role("button", name="use params.lr").click()
    expect(page.locator(".run-row")).to_have_count(8)
    box.fill('params.lr < 1e-3 and metrics.val/acc.max > 0 and id = "amber-fox"')
    expect(page.locator(".run-row")).to_have_count(1)
    box.fill("no-such-run")
    expect(page.get_by_text("No run matches")).to_be_visible()


def test_metrics_are_found_by_regex_with_a_count(site: Any, open_page: Any) -> None:
    page = open_workspace(site, open_page)
    page.locator("#metric-filter").fill("^train/l.$")
    expect(page.locator(".metric-count")).to_have_text("1 of 3")
    expect(page.locator(".panel")).to_have_count(1)
    page.locator("#metric-filter").fill("(")
    expect(page.locator(".metric-count")).to_have_text("no valid regex")


def test_dragging_zooms_the_whole_section_and_asks_for_finer_values(site: Any, open_page: Any) -> None:
    page = open_workspace(site, open_page)
    with page.expect_request(lambda r: r.url.endswith("/api/v2/metrics")) as asked:
        drag(page, "train/loss", 0.25, 0.5)
    low, high = (asked.value.post_data_json or {})["range"]
    zoomed = parse_qs(urlsplit(page.url).query)["zoom.train"][0].split("..")
    start, end = (round(float(one)) for one in zoomed)
    assert 60 < start < 90
    assert 140 < end < 160
    assert low < start < end < high
    expect(plot(page, "train/lr")).to_have_attribute("data-from", str(start))
    expect(plot(page, "val/acc")).to_have_attribute("data-from", "10")
    page.reload()
    expect(plot(page, "train/loss")).to_have_attribute("data-from", str(start))
    page.locator('[data-metric="train/lr"]').get_by_role("button", name="reset zoom").click()
    expect(plot(page, "train/loss")).to_have_attribute("data-from", "1")
    page.go_back()
    expect(plot(page, "train/loss")).to_have_attribute("data-from", str(start))


def test_a_double_click_shows_the_whole_range_again(site: Any, open_page: Any) -> None:
    page = open_workspace(site, open_page, "&zoom.train=50..100")
    expect(plot(page, "train/loss")).to_have_attribute("data-to", "100")
    plot(page, "train/loss").dblclick()
    expect(plot(page, "train/loss")).to_have_attribute("data-to", "300")


def test_hovering_names_the_runs_at_the_cursor_largest_value_first(site: Any, open_page: Any) -> None:
    page = open_workspace(site, open_page)
    plot(page, "train/lr").hover()
    tip = page.locator(".tooltip")
    expect(tip).to_contain_text("step 1")
    values = [float(text) for text in tip.locator(".tooltip-value").all_text_contents()]
    assert len(values) >= 7
    assert values == sorted(values, reverse=True)
    expect(page.locator(".run-row.lit .run-name")).to_have_text(tip.locator(".near .cut").inner_text())
    page.mouse.move(5, 5)
    expect(tip).to_have_count(0)


@pytest.mark.parametrize("x", ["relative", "wall"])
def test_other_x_axes_and_a_log_scale_draw_the_same_runs(site: Any, open_page: Any, x: str) -> None:
    page = open_workspace(site, open_page)
    page.get_by_label("x:").select_option(x)
    page.keyboard.press("Escape")
    page.locator(".toolbar").click(position={"x": 1, "y": 1})
    page.keyboard.press("l")
    expect(page.get_by_role("button", name="y: log")).to_be_visible()
    expect(plot(page, "train/loss")).to_have_attribute("data-runs", "8")
    expect(plot(page, "train/loss").locator("canvas")).to_be_visible()
    expect(page).to_have_url(re.compile(re.escape(f"x={x}")))
    expect(page).to_have_url(re.compile(re.escape("log=1")))


def test_keys_change_smoothing_and_open_the_full_screen(site: Any, open_page: Any) -> None:
    page = open_workspace(site, open_page)
    page.keyboard.press("]")
    expect(page.locator(".smoothing b")).to_have_text("0.40")
    page.keyboard.press("[")
    page.keyboard.press("[")
    expect(page.locator(".smoothing b")).to_have_text("0.20")
    plot(page, "train/loss").hover()
    page.keyboard.press("f")
    expect(page.locator(".focus .plot")).to_have_attribute("data-runs", "8")
    page.keyboard.press("Escape")
    expect(page.locator(".focus")).to_have_count(0)


def test_a_run_that_logs_while_the_page_is_open_grows(
    start_viewer: Any, train_live: Any, open_page: Any, tmp_path: Path
) -> None:
    root = tmp_path / "root"
    train_live(root)
    page = open_page(f"{start_viewer(root).url}/workspace?project=live")
    expect(page.locator('[data-live="live"]')).to_contain_text("1 running")
    expect(plot(page, "train/loss")).to_have_attribute("data-last", SIX_WITH_VALUES)
    seen = int(plot(page, "train/loss").get_attribute("data-last") or 0)
    page.wait_for_function("n => Number(document.querySelector('.plot').dataset.last) >= n + 10", arg=seen)


def test_a_run_that_starts_later_appears_by_itself(
    start_viewer: Any, train_live: Any, open_page: Any, tmp_path: Path
) -> None:
    root = tmp_path / "root"
    root.mkdir()
    page = open_page(start_viewer(root).url)
    expect(page.get_by_text("No runs yet")).to_be_visible()
    train_live(root)
    expect(page.locator('[data-project="live"]')).to_contain_text("1 running")


@pytest.mark.disturbed
def test_a_viewer_that_goes_away_is_announced_and_found_again(
    start_viewer: Any, trained_root: Path, open_page: Any
) -> None:
    viewer = start_viewer(trained_root)
    page = open_workspace(viewer, open_page)
    viewer.stop()
    expect(page.get_by_role("alert")).to_contain_text("The viewer does not answer")
    expect(page.locator('[data-live="offline"]')).to_be_visible()
    expect(plot(page, "train/loss")).to_have_attribute("data-runs", "8")
    page.get_by_role("link", name="Compare", exact=True).click()  # its modules have not been fetched yet
    expect(page.get_by_text("This page could not be loaded")).to_be_visible()
    viewer.start()
    expect(page.get_by_role("heading", name="Compare 8 runs")).to_be_visible()
    expect(page.get_by_role("alert")).to_have_count(0)


@pytest.mark.disturbed
def test_a_page_of_a_plugin_says_when_plugins_cannot_be_listed(site: Any, open_page: Any) -> None:
    page = open_page(f"{site.url}/settings")
    page.route("**/api/plugins/panels", lambda route: route.fulfill(status=500, json={"code": "x", "detail": "broken"}))
    page.goto(f"{site.url}/artifacts")
    expect(page.get_by_role("alert")).to_contain_text("broken")
    page.unroute("**/api/plugins/panels")
    expect(page.get_by_role("heading", name="No artifacts yet")).to_be_visible()
    expect(page.get_by_role("alert")).to_have_count(0)


def test_one_long_run_does_not_flatten_panels_that_it_has_no_part_in(several: Any, open_page: Any) -> None:
    page = open_page(f"{several.url}/workspace?project=beta")
    expect(plot(page, "train/loss")).to_have_attribute("data-to", "1980")
    expect(plot(page, "train/norm")).to_have_attribute("data-to", "19")
    expect(plot(page, "train/norm")).to_have_attribute("data-runs", "3")
