"""The compare page: what differs, what came out, how parameters and results go together."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from playwright.sync_api import Browser, Page, expect

pytestmark = pytest.mark.browser

HERE = "document.querySelector('script[type=module]').src.replace('app.js', '')"


def rows(page: Page, name: str) -> dict[str, list[str]]:
    """A table by the text of its rows' heads."""
    region = page.get_by_role("region", name=name, exact=True)
    expect(region.locator("tbody tr").first).to_be_visible()
    cells = region.locator("tbody tr").evaluate_all(
        "rows => rows.map((row) => [...row.cells].map((c) => c.innerText.trim()))"
    )
    return {head: rest for head, *rest in cells}


def test_only_differing_parameters_are_listed_against_the_baseline(plain: Any, open_page: Any) -> None:
    page = open_page(f"{plain.url}/compare?project=plain&run=run-0&run=run-1&run=run-4&base=run-1")
    heads = page.get_by_role("region", name="Parameters", exact=True).locator("thead .compare-run")
    expect(heads).to_have_count(3)
    expect(heads.first).to_contain_text("run-1")
    expect(heads.first).to_contain_text("baseline")
    found = rows(page, "Parameters")
    assert found == {"lr": ["0.1", "1 ≠", "0.0001 ≠"], "width": ["8", "8", "16 ≠"]}
    page.get_by_label("transpose").check()
    assert [head.split("\n")[0].strip() for head in rows(page, "Parameters")] == ["run-1", "run-0", "run-4"]
    page.get_by_role("button", name="Leave run-4 out").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Compare 2 runs")
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_have_text("Compare 2 runs")


def test_equal_parameters_are_listed_when_asked_for(plain: Any, open_page: Any) -> None:
    page = open_page(f"{plain.url}/compare?project=plain&run=run-0&run=run-1")
    assert list(rows(page, "Parameters")) == ["lr"]
    page.get_by_label("only differences").uncheck()
    assert list(rows(page, "Parameters")) == ["lr", "width"]
    expect(page).to_have_url(re.compile(re.escape("same=1")))


def test_results_tell_their_difference_and_whether_it_is_better(plain: Any, open_page: Any) -> None:
    page = open_page(f"{plain.url}/compare?project=plain&run=run-0&run=run-3&base=run-0")
    found = rows(page, "Metrics")
    assert found["train/loss"] == ["100", "130 +30 ▲"]
    assert found["val/acc"] == ["0.5000", "0.5000"]
    expect(page.get_by_role("region", name="Metrics").locator("td .err").first).to_have_text("+30 ▲")
    page.get_by_label("value:").select_option("min")
    expect(page.get_by_role("region", name="Metrics").get_by_role("cell", name="31 +30 ▲")).to_be_visible()


def test_without_names_it_compares_what_the_workspace_shows(plain: Any, open_page: Any) -> None:
    page = open_page(f"{plain.url}/compare?project=plain&hide=run-5&q=run-")
    expect(page.get_by_role("heading", level=1)).to_have_text("Compare 5 runs")
    page.get_by_label("add a run").select_option(label="run-5")
    expect(page.get_by_role("heading", level=1)).to_have_text("Compare 6 runs")
    page.goto(f"{plain.url}/compare?project=plain&run=nobody")
    expect(page.get_by_text("No run to compare")).to_be_visible()


def test_its_charts_overlay_the_runs(plain: Any, open_page: Any) -> None:
    page = open_page(f"{plain.url}/compare?project=plain&run=run-0&run=run-3")
    page.get_by_role("tab", name="Charts").click()
    expect(page.locator('[data-metric="train/loss"] .plot')).to_have_attribute("data-runs", "2")
    page.reload()
    expect(page.locator('[data-metric="train/loss"] .plot')).to_have_attribute("data-last", "100")


def test_a_brush_filters_all_plots_and_leads_to_the_workspace(plain: Any, open_page: Any) -> None:
    page = open_page(f"{plain.url}/compare?project=plain&view=explore&target=metrics.train/loss.last")
    chart = page.locator(".parallel")
    expect(chart).to_have_attribute("data-passing", "6")
    axis = page.locator('[data-axis="params.width"] .axis-hit').bounding_box()
    assert axis is not None
    x = axis["x"] + axis["width"] / 2
    page.mouse.move(x, axis["y"] + axis["height"])
    page.mouse.down()
    page.mouse.move(x, axis["y"] + axis["height"] * 0.6, steps=3)
    page.mouse.up()
    expect(chart).to_have_attribute("data-passing", "3")
    # the address holds values, which stay right when more runs come
    low, high = (float(end) for end in parse_qs(urlsplit(page.url).query)["brush.params.width"][0].split(".."))
    assert (low, 10 < high < 12) == (8, True)
    page.reload()
    expect(chart).to_have_attribute("data-passing", "3")
    page.locator('[data-axis="params.lr"]').focus()
    page.keyboard.press("Shift+ArrowUp")
    expect(chart).to_have_attribute("data-passing", "3")
    page.keyboard.press("ArrowDown")
    expect(chart).to_have_attribute("data-passing", "2")
    page.get_by_role("button", name="Open 2 runs in the workspace").click()
    expect(page.locator('[data-metric="train/loss"] .plot')).to_have_attribute("data-runs", "2")
    assert sorted(parse_qs(urlsplit(page.url).query)["show"]) == ["run-1", "run-2"]


def test_importance_is_the_rank_correlation_with_the_chosen_result(plain: Any, open_page: Any) -> None:
    page = open_page(f"{plain.url}/compare?project=plain&view=explore&target=metrics.train/loss.last")
    table = page.locator(".importance")
    # lr falls as the number rises, the loss rises with it; width is 8 for the first three, 16 for the others
    expect(table.locator("tr", has_text="lr")).to_contain_text("−1.000")
    expect(table.locator("tr", has_text="width")).to_contain_text("0.878")
    expect(page.locator(".scatter")).to_have_attribute("data-points", "6")
    page.locator(".scatter a").first.click()
    expect(page).to_have_url(re.compile("/runs/run-"))


def test_environments_are_compared_fact_by_fact(plain: Any, open_page: Any) -> None:
    page = open_page(f"{plain.url}/compare?project=plain&run=run-0&run=run-1&view=code")
    page.get_by_label("only differences").uncheck()
    found = rows(page, "Code and environment")
    assert found["environment/python/version"][0] == found["environment/python/version"][1]


@pytest.mark.disturbed
def test_an_environment_that_cannot_be_read_can_be_asked_for_again(plain: Any, open_page: Any) -> None:
    page = open_page(plain.url)
    page.route(
        re.compile("/api/runs/.*/environment"),
        lambda route: route.fulfill(status=500, json={"code": "x", "detail": "broken"}),
    )
    page.goto(f"{plain.url}/compare?project=plain&run=run-0&run=run-1&view=code&same=1")
    expect(page.get_by_role("alert")).to_contain_text("broken")
    page.unroute(re.compile("/api/runs/.*/environment"))
    page.get_by_role("button", name="Try again").click()
    assert "environment/python/version" in rows(page, "Code and environment")


def test_it_speaks_chinese(plain: Any, open_page: Any) -> None:
    page = open_page(f"{plain.url}/compare?project=plain&view=explore", locale="zh-CN")
    expect(page.get_by_role("tab", name="关系")).to_be_visible()
    expect(page.get_by_role("heading", name="平行坐标")).to_be_visible()


@pytest.fixture
def correlate(plain: Any, chromium: Browser) -> Any:
    context = chromium.new_context()
    page = context.new_page()
    page.goto(plain.url)
    script = (
        f"async ([a, b]) => {{ const {{ spearman, ranks }} = await import({HERE} + 'state/importance.js');"
        "return [spearman(a, b), ranks(a)].map((value) => JSON.stringify(value)); }"
    )
    yield lambda a, b: page.evaluate(script, [a, b])
    context.close()


PAIRS = st.lists(st.tuples(st.integers(-5, 5), st.floats(-1e6, 1e6)), min_size=3, max_size=40)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(PAIRS)
def test_the_rank_correlation_is_pearsons_of_mean_ranks(correlate: Any, pairs: list[tuple[int, float]]) -> None:
    a, b = (np.array(side, float) for side in zip(*pairs, strict=True))
    rho, ranks = correlate(a.tolist(), b.tolist())
    mean_ranks = [[(side < one).sum() + ((side == one).sum() + 1) / 2 for one in side] for side in (a, b)]
    assert np.allclose(np.array([float(one) for one in ranks.strip("[]").split(",")]), mean_ranks[0])
    if len(set(a)) < 2 or len(set(b)) < 2:
        assert rho == "null"
    else:
        assert float(rho) == pytest.approx(np.corrcoef(mean_ranks)[0, 1], abs=1e-9)


def test_what_is_better_and_what_is_worse_is_told_by_colour_too(site: Any, open_page: Any) -> None:
    page = open_page(f"{site.url}/compare?project=vision&run=amber-fox&run=quiet-lake")
    deltas = page.locator(".compare-table td .ok, .compare-table td .err")
    expect(deltas.first).to_be_visible()
    read = "el => [getComputedStyle(el).color, getComputedStyle(el.closest('td')).color]"
    for delta in deltas.all():
        mine, around = delta.evaluate(read)
        assert mine != around
