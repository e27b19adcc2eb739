"""Charts tell what was logged: where it was logged, with gaps, and why there is nothing."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser


def plot(page: Page, metric: str) -> Any:
    return page.locator(f'[data-metric="{metric}"] .plot')


def test_a_run_that_begins_at_a_million_is_drawn_as_finely_as_any(odd: Any, open_page: Any) -> None:
    page = open_page(f"{odd.url}/workspace?project=odd")
    expect(plot(page, "far/loss")).to_have_attribute("data-last", "1009995")
    assert int(plot(page, "far/loss").get_attribute("data-points") or 0) > 200


def test_a_late_first_value_stands_where_it_was_logged(odd: Any, open_page: Any) -> None:
    page = open_page(f"{odd.url}/workspace?project=late&x=relative")
    expect(plot(page, "a/late")).to_have_attribute("data-runs", "1")
    assert float(plot(page, "a/late").get_attribute("data-last") or 0) >= 1.5


def labels_of(page: Page, panel: str) -> list[str]:
    """What the picture of a panel has as text."""
    expect(plot(page, panel)).to_have_attribute("data-runs", "1")
    page.get_by_role("button", name=f"Settings of {panel}", exact=True).click()
    with page.expect_download() as got:
        page.get_by_role("dialog", name=f"Settings of {panel}").get_by_role("button", name="SVG").click()
    return re.findall(">([^<]*)</text>", Path(got.value.path()).read_text("utf-8"))


def test_values_beyond_every_axis_leave_it_its_ticks(odd: Any, open_page: Any) -> None:
    page = open_page(f"{odd.url}/workspace?project=exploded")
    assert any(re.fullmatch(r"\de31", label) for label in labels_of(page, "a/norm"))


def test_a_log_axis_has_short_labels_however_far_it_reaches(odd: Any, open_page: Any) -> None:
    page = open_page(f"{odd.url}/workspace?project=exploded&log=1")
    far = labels_of(page, "a/norm")
    assert any(re.fullmatch(r"1e\d\d", label) for label in far), far
    assert not any("00000" in label for label in far), far
    page.goto(f"{odd.url}/workspace?project=late&log=1")
    assert {"1", "2"} <= set(labels_of(page, "a/late"))


def test_an_axis_of_time_has_the_ticks_of_a_clock(odd: Any, open_page: Any) -> None:
    page = open_page(f"{odd.url}/workspace?project=hours&x=relative")
    assert {"30:00 min", "1:00 h", "1:30 h"} <= set(labels_of(page, "a/slow"))
    page.goto(f"{odd.url}/workspace?project=hours&x=wall")
    clock = [label for label in labels_of(page, "a/slow") if re.fullmatch(r"\d\d:\d\d", label)]
    assert clock, "there are times of day"
    assert all(label.endswith(("00", "15", "30", "45")) for label in clock), clock


def test_a_log_axis_says_that_nothing_is_positive(odd: Any, open_page: Any) -> None:
    page = open_page(f"{odd.url}/workspace?project=gap&log=1")
    expect(page.locator('[data-metric="a/gap"]')).to_contain_text("no positive values")
    expect(page.locator('[data-metric="a/sparse"]')).not_to_contain_text("no positive values")


def test_an_unknown_metric_opens_no_full_screen(odd: Any, open_page: Any) -> None:
    page = open_page(f"{odd.url}/workspace?project=gap&panel=nope")
    expect(plot(page, "a/gap")).to_have_attribute("data-runs", "1")
    expect(page.locator(".focus")).to_have_count(0)


@pytest.mark.disturbed
@pytest.mark.parametrize("status", [400, 500])
def test_a_chart_without_data_says_so_and_can_ask_again(odd: Any, open_page: Any, status: int) -> None:
    page = open_page(odd.url)
    page.route("**/api/v2/metrics", lambda route: route.fulfill(status=status, json={"code": "x", "detail": "broken"}))
    page.goto(f"{odd.url}/workspace?project=gap")
    panel = page.locator('[data-metric="a/gap"]')
    expect(panel).to_contain_text("could not be loaded")
    page.unroute("**/api/v2/metrics")
    panel.get_by_role("button", name="Try again").click()
    expect(plot(page, "a/gap")).to_have_attribute("data-runs", "1")


FAR = """
const entries = Performance.prototype.getEntriesByType;
Performance.prototype.getEntriesByType = function (type) {
  return type === 'navigation' ? [{ serverTiming: [{ name: 'line', duration: 100 }] }] : entries.call(this, type);
};
"""


def test_far_away_a_picture_comes_first_and_all_digits_behind_it(odd: Any, open_page: Any) -> None:
    page = open_page(odd.url)
    asked: list[tuple[str, Any]] = []
    page.on("request", lambda one: asked.append((one.url.partition("/api/")[2], one.post_data_json)))
    page.add_init_script(FAR)  # as a tunnel to another machine says it
    page.goto(f"{odd.url}/workspace?project=odd")
    expect(plot(page, "far/loss")).to_have_attribute("data-last", "1009995")
    page.wait_for_function("() => document.querySelector('[data-metric=\"far/loss\"] .plot').dataset.points > 256")
    assert [body for name, body in asked if name == "v2/details"] == [{"project": "odd", "limit": 50}]
    bodies = [body for name, body in asked if name == "v2/metrics"]
    assert [(body["precision"], body["buckets"]) for body in bodies[:2]] == [("picture", 256), ("float32", 512)]
    assert bodies[0]["keys"] == bodies[1]["keys"]


def test_a_zoomed_chart_asks_for_more_than_it_shows(odd: Any, open_page: Any) -> None:
    page = open_page(odd.url)
    with page.expect_request(lambda r: r.url.endswith("/api/v2/metrics")) as asked:
        page.goto(f"{odd.url}/workspace?project=gap&zoom.a=100..180")
    assert asked.value.post_data_json["range"] == [90, 190]
    expect(plot(page, "a/gap")).to_have_attribute("data-from", "100")
