"""Panels draw what was logged: formulas, groups, differences, other axes; and what is arranged stays arranged."""

from __future__ import annotations

import base64
import csv
import io
import json
import math
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from playwright.sync_api import Browser, Page, expect

pytestmark = pytest.mark.browser

HERE = "document.querySelector('script[type=module]').src.replace('app.js', '')"


def plot(page: Page, panel: str) -> Any:
    return page.locator(f'[data-metric="{panel}"] .plot')


def menu(page: Page, title: str) -> Any:
    page.get_by_role("button", name=f"Settings of {title}", exact=True).click()
    return page.get_by_role("dialog", name=f"Settings of {title}")


def table(page: Page, title: str) -> list[list[str]]:
    """The panel's twin: its header and its rows."""
    menu(page, title).get_by_role("button", name="Show as a table").click()
    dialog = page.get_by_role("dialog", name=title, exact=True)
    expect(dialog.locator("tbody tr").first).to_be_visible()
    rows = dialog.locator("tr").evaluate_all(
        "rows => rows.map((row) => [...row.cells].map((cell) => cell.innerText.trim()))"
    )
    dialog.get_by_role("button", name="Close").click()
    return [list(row) for row in rows]


def saved(page: Page, words: str = "") -> Any:
    """Waits at its end until the arrangement is kept, with these words in it: that is done after a pause."""
    return page.expect_response(
        lambda answer: answer.request.method == "PUT" and words in (answer.request.post_data or "")
    )


def until(page: Page, condition: Callable[[], bool]) -> None:
    """Wait for what only a look at the canvas tells."""
    for _ in range(600):
        if condition():
            return
        page.wait_for_timeout(100)
    raise AssertionError("it did not come to that")


def add_panel(page: Page, *expressions: str, title: str = "") -> None:
    page.locator(".toolbar").get_by_role("button", name="Panel", exact=True).click()
    dialog = page.get_by_role("dialog", name="New panel")
    box = dialog.get_by_label("Metrics or formulas")
    expect(box).to_be_focused()  # a blank typed into the button that closes would close it
    box.fill("\n".join(expressions))
    dialog.get_by_label("Title").fill(title)
    dialog.get_by_role("button", name="Save panel").click()


def test_a_formula_is_drawn_where_all_its_metrics_have_values_and_stays_after_a_reload(
    own: Any, open_page: Any
) -> None:
    page = open_page(f"{own.url}/workspace?project=plain&s=0")
    expect(plot(page, "train/loss")).to_have_attribute("data-runs", "6")
    with saved(page, "gap"):
        add_panel(page, "val/loss - train/loss", title="gap")
    made = page.locator(".panel", has=page.get_by_role("heading", name="gap"))
    expect(made.locator(".plot")).to_have_attribute("data-runs", "6")
    header, *rows = table(page, "gap")
    assert [len(rows), sorted(header[1:])] == [10, [f"run-{n}" for n in range(6)]]
    assert [row[0] for row in rows] == [f"step {step}" for step in range(10, 101, 10)]
    assert [set(row[1:]) for row in rows] == [{str(step)} for step in range(10, 101, 10)]
    other = page.context.new_page()
    other.goto(page.url)
    expect(other.get_by_role("heading", name="gap")).to_be_visible()
    with saved(page, "second"):
        add_panel(page, "val/loss", title="second")
    other.evaluate("dispatchEvent(new Event('focus'))")  # nothing that one window arranges is lost by another
    expect(other.get_by_role("heading", name="second")).to_be_visible()
    other.close()
    page.reload()
    expect(made.locator(".plot")).to_have_attribute("data-runs", "6")
    menu(page, "gap").get_by_role("button", name="Remove").click()
    expect(made).to_have_count(0)


@pytest.mark.disturbed
def test_an_arrangement_that_could_not_be_saved_is_kept_and_saved_when_somebody_looks_again(
    own: Any, open_page: Any
) -> None:
    page = open_page(f"{own.url}/workspace?project=plain&s=0")
    expect(plot(page, "train/loss")).to_have_attribute("data-runs", "6")
    broken = "**/api/ui-preferences*"
    page.route(broken, lambda route: route.fulfill(status=500) if route.request.method == "PUT" else route.continue_())
    with saved(page, "mine"):
        add_panel(page, "val/loss", title="mine")
    expect(page.get_by_role("heading", name="mine")).to_be_visible()
    page.unroute(broken)
    with saved(page, "mine"):
        page.evaluate("dispatchEvent(new Event('focus'))")
    page.reload()
    expect(page.get_by_role("heading", name="mine")).to_be_visible()


def test_a_formula_that_cannot_be_read_is_explained_and_not_saved(plain: Any, open_page: Any) -> None:
    page = open_page(f"{plain.url}/workspace?project=plain")
    expect(plot(page, "train/loss")).to_have_attribute("data-runs", "6")
    page.locator(".toolbar").get_by_role("button", name="Panel", exact=True).click()
    dialog = page.get_by_role("dialog", name="New panel")
    for text, reason in (
        ("nowhere + 1", "There is no metric “nowhere”"),
        ("epoch +", "cannot be read"),
        ("abs(epoch, 1)", "too many or too few"),
        ("alert(1)", "There is no metric “alert”"),
    ):
        dialog.get_by_label("Metrics or formulas").fill(text)
        expect(dialog).to_contain_text(reason)
        expect(dialog.get_by_role("button", name="Save panel")).to_be_disabled()


def test_runs_are_grouped_by_a_parameter_with_the_mean_of_all_of_them(plain: Any, open_page: Any) -> None:
    page = open_page(f"{plain.url}/workspace?project=plain&s=0")
    page.locator("#group-by").select_option("params.width")
    expect(plot(page, "train/loss")).to_have_attribute("data-runs", "2")
    expect(plot(page, "train/loss")).to_have_attribute("data-faint", "6")
    header, *rows = table(page, "train/loss")
    means = dict(zip(header[1:], rows[-1][1:], strict=True))
    assert means == {"width = 8 (3 of 3 runs)": "110", "width = 16 (3 of 3 runs)": "140"}
    expect(page.locator(".side-group")).to_have_count(2)
    page.get_by_role("button", name="Hide run-0").click()
    expect(plot(page, "train/loss")).to_have_attribute("data-faint", "5")
    _, *rows = table(page, "train/loss")
    assert set(rows[-1][1:]) == {"115", "140"}
    expect(page).to_have_url(re.compile(re.escape("group=params.width")))


def test_the_difference_to_a_baseline_is_zero_for_itself_and_needs_it_not_to_be_visible(
    own: Any, open_page: Any
) -> None:
    page = open_page(f"{own.url}/workspace?project=plain&s=0")
    page.locator('[data-run="run-2"]').hover()
    page.get_by_role("button", name="More for run-2").click()
    page.get_by_role("button", name="Make it the baseline").click()
    page.get_by_role("button", name="Δ run-2").click()
    expect(page.locator('[data-metric="train/loss"]')).to_contain_text("Δ run-2")
    expect(plot(page, "train/loss")).to_have_attribute("data-runs", "6")
    header, *rows = table(page, "train/loss")
    assert dict(zip(header[1:], rows[49][1:], strict=True)) == {f"run-{n}": str(10 * (n - 2)) for n in range(6)}
    page.get_by_role("button", name="Hide run-2").click()
    expect(plot(page, "train/loss")).to_have_attribute("data-runs", "5")
    header, *rows = table(page, "train/loss")
    assert dict(zip(header[1:], rows[49][1:], strict=True))["run-5"] == "30"


def test_another_metric_can_be_the_x_axis(plain: Any, open_page: Any) -> None:
    page = open_page(f"{plain.url}/workspace?project=plain&s=0")
    expect(plot(page, "train/loss")).to_have_attribute("data-runs", "6")
    page.get_by_label("x:").select_option("epoch")
    expect(plot(page, "train/loss")).to_have_attribute("data-to", "10")
    expect(plot(page, "train/loss")).to_have_attribute("data-last", "10")
    expect(page).to_have_url(re.compile(re.escape("x=epoch")))


def test_a_logarithmic_x_axis_draws_all_runs(plain: Any, open_page: Any) -> None:
    page = open_page(f"{plain.url}/workspace?project=plain&logx=1")
    expect(plot(page, "train/loss")).to_have_attribute("data-runs", "6")
    expect(plot(page, "train/loss")).to_have_attribute("data-from", "1")
    expect(plot(page, "train/loss")).to_have_attribute("data-last", "100")


def test_two_folders_with_one_id_are_two_runs(plain: Any, open_page: Any) -> None:
    page = open_page(f"{plain.url}/workspace?project=twins&s=0")
    expect(plot(page, "level")).to_have_attribute("data-runs", "2")
    header, *rows = table(page, "level")
    assert len(set(header[1:])) == 2
    assert all("same" in name for name in header[1:])
    assert {frozenset(row[1:]) for row in rows} == {frozenset({"1", "2"})}
    page.get_by_role("button", name=re.compile("^Hide same .*two")).click()
    expect(plot(page, "level")).to_have_attribute("data-runs", "1")
    _, *rows = table(page, "level")
    assert {row[1] for row in rows} == {"1"}
    page.reload()
    expect(plot(page, "level")).to_have_attribute("data-runs", "1")
    page.locator(".run-name").first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("same")
    expect(page.locator(".facts")).to_contain_text("twins")
    expect(page).to_have_url(re.compile(re.escape("path=")))


def test_colours_on_the_canvas_are_those_of_the_runs_and_can_be_changed(own: Any, open_page: Any) -> None:
    page = open_page(f"{own.url}/workspace?project=plain&s=0&show=run-0")
    expect(plot(page, "train/loss")).to_have_attribute("data-runs", "1")
    page.mouse.move(2, 2)
    until(page, lambda: pixels(page, "train/loss", "#5691f5") > 100)
    page.locator('[data-run="run-0"]').hover()
    page.get_by_role("button", name="More for run-0").click()
    page.get_by_role("button", name="Colour 2", exact=True).click()
    page.mouse.move(2, 2)
    until(page, lambda: pixels(page, "train/loss", "#5691f5") == 0)
    until(page, lambda: pixels(page, "train/loss", "#a54900") > 100)


def pixels(page: Page, panel: str, colour: str) -> int:
    """How many pixels of the panel's canvas have this very colour."""
    count: int = (
        plot(page, panel)
        .locator("canvas")
        .evaluate(
            """(canvas, hex) => {
          const want = [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));
          const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext('2d', { willReadFrequently: true });
          copy.drawImage(canvas, 0, 0);
          const { data } = copy.getImageData(0, 0, canvas.width, canvas.height);
          let n = 0;
          for (let i = 0; i < data.length; i += 4) {
            const same = want.every((value, k) => Math.abs(data[i + k] - value) < 3);
            if (same && data[i + 3] === 255) n += 1;
          }
          return n;
        }""",
            colour,
        )
    )
    return count


def test_an_alert_stands_where_it_was_raised_in_the_panels_it_speaks_of(plain: Any, open_page: Any) -> None:
    page = open_page(f"{plain.url}/workspace?project=plain&s=0&show=run-0")
    expect(plot(page, "val/loss")).to_have_attribute("data-runs", "1")
    expect(plot(page, "val/loss")).to_have_attribute("data-alerts", "1")
    expect(plot(page, "epoch")).to_have_attribute("data-alerts", "0")
    box = plot(page, "val/loss").locator(".u-over").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] * (60 - 10) / 90, box["y"] + box["height"] / 2)
    expect(page.locator(".tooltip-alert")).to_have_text("▲ run-0: val/loss jumps · by 20")


def test_one_point_of_a_million_is_seen(
    tmp_path: Path, start_viewer: Callable[[Path], Any], open_page: Any, browser_home: Path
) -> None:
    program = Path(__file__).parent / "programs" / "million.py"
    command = [sys.executable, str(program), str(tmp_path / "root")]
    subprocess.run(command, check=True, env={**os.environ, "RUNICORN_HOME": str(browser_home)}, timeout=200)
    page = open_page(f"{start_viewer(tmp_path / 'root').url}/workspace?project=long&s=0")
    expect(plot(page, "value")).to_have_attribute("data-last", "999999", timeout=120_000)
    assert int(plot(page, "value").get_attribute("data-points") or 0) < 3000
    spike: list[float] = []

    def seen() -> bool:
        spike[:] = plot(page, "value").locator("canvas").evaluate(BLUE_ABOVE)
        return len(spike) > 20

    until(page, seen)
    assert max(spike) - min(spike) < 0.02
    assert 0.6 < min(spike) < 0.75  # at 654 321 of a million, behind the axis


#: Where, across a canvas, something blue stands in its upper half.
BLUE_ABOVE = """(canvas) => {
          const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext('2d', { willReadFrequently: true });
          copy.drawImage(canvas, 0, 0);
          const { data } = copy.getImageData(0, 0, canvas.width, Math.round(canvas.height / 2));
          const found = [];
          for (let i = 0; i < data.length; i += 4) {
            const [r, g, b] = [data[i], data[i + 1], data[i + 2]];
            if (data[i + 3] > 200 && b > 200 && r < 150) found.push((i / 4) % canvas.width / canvas.width);
          }
          return found;
        }"""


def test_shift_and_drag_moves_along_x_and_alt_zooms_one_panel(plain: Any, open_page: Any) -> None:
    page = open_page(f"{plain.url}/workspace?project=plain&s=0&zoom.train=20..40&x=step")
    expect(plot(page, "train/loss")).to_have_attribute("data-from", "20")
    box = plot(page, "train/loss").locator(".u-over").bounding_box()
    y = box["y"] + box["height"] / 2
    page.keyboard.down("Shift")
    page.mouse.move(box["x"] + box["width"] * 0.75, y)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.25, y, steps=4)
    page.mouse.up()
    page.keyboard.up("Shift")
    expect(plot(page, "train/loss")).to_have_attribute("data-from", "30")
    expect(plot(page, "train/loss")).to_have_attribute("data-to", "50")
    page.goto(f"{plain.url}/workspace?project=plain&s=0")
    expect(plot(page, "val/loss")).to_have_attribute("data-runs", "6")
    box = plot(page, "val/loss").locator(".u-over").bounding_box()
    y = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] * 0.2, y)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.6, y, steps=4)
    page.keyboard.down("Alt")
    page.mouse.up()
    page.keyboard.up("Alt")
    expect(plot(page, "val/loss")).not_to_have_attribute("data-to", "100")
    expect(plot(page, "val/acc")).to_have_attribute("data-to", "100")
    assert [key for key in parse_qs(urlsplit(page.url).query) if key.startswith("zoom")] == ["zoom.=val/loss"]


def test_a_panels_settings_are_its_own_and_stay(own: Any, open_page: Any) -> None:
    page = open_page(f"{own.url}/workspace?project=plain&s=0")
    expect(plot(page, "train/loss")).to_have_attribute("data-runs", "6")
    dialog = menu(page, "val/loss")
    dialog.get_by_label("logarithmic y axis").check()
    with saved(page, "500"):
        dialog.get_by_label("Upper end of the y axis").fill("500")
        dialog.get_by_label("Upper end of the y axis").press("Enter")
    page.reload()
    dialog = menu(page, "val/loss")
    expect(dialog.get_by_label("logarithmic y axis")).to_be_checked()
    expect(dialog.get_by_label("Upper end of the y axis")).to_have_value("500")
    page.keyboard.press("Escape")
    expect(menu(page, "val/acc").get_by_label("logarithmic y axis")).not_to_be_checked()


def test_panels_and_sections_stay_in_the_order_they_were_given(own: Any, open_page: Any) -> None:
    page = open_page(f"{own.url}/workspace?project=plain")
    expect(plot(page, "val/acc")).to_have_attribute("data-runs", "6")
    with saved(page):
        menu(page, "val/acc").get_by_role("button", name="Move later").click()
    page.locator('[data-section="val"] h2').hover()
    with saved(page):
        page.get_by_role("button", name="Move val up").click()
    page.reload()
    expect(plot(page, "val/acc")).to_have_attribute("data-runs", "6")
    order = page.locator(".panel").evaluate_all("panels => panels.map((panel) => panel.dataset.metric)")
    assert order[:3] == ["val/loss", "val/acc", "train/loss"]


def test_a_panel_is_dragged_to_its_place_and_the_change_can_be_taken_back(own: Any, open_page: Any) -> None:
    page = open_page(f"{own.url}/workspace?project=plain")
    panels = page.locator('[data-section="val"] .panel')
    read = "panels => panels.map((panel) => panel.dataset.metric).join()"

    def stand(order: str) -> None:
        page.wait_for_function(
            f"() => ({read})([...document.querySelectorAll('[data-section=val] .panel')]) === '{order}'"
        )

    expect(plot(page, "val/loss")).to_have_attribute("data-runs", "6")
    assert panels.evaluate_all(read) == "val/acc,val/loss"
    undo = page.get_by_role("button", name="Take back the last change (Ctrl+Z)")
    expect(undo).to_have_count(0)
    head = page.locator('[data-metric="val/loss"] .panel-head h3')
    head.drag_to(page.locator('[data-metric="val/acc"]'), target_position={"x": 20, "y": 100})
    stand("val/loss,val/acc")
    # where it has no business it stays
    head.drag_to(page.locator('[data-metric="train/loss"]'), target_position={"x": 20, "y": 100})
    stand("val/loss,val/acc")
    page.keyboard.press("Control+z")
    stand("val/acc,val/loss")
    expect(undo).to_be_disabled()
    page.keyboard.press("Control+Shift+Z")
    stand("val/loss,val/acc")
    with page.expect_response(lambda answer: answer.request.method == "PUT"):
        undo.click()
    stand("val/acc,val/loss")
    page.reload()
    expect(plot(page, "val/loss")).to_have_attribute("data-runs", "6")
    stand("val/acc,val/loss")


def test_arrow_keys_turn_pages_in_full_screen_and_the_way_back_leads_out(plain: Any, open_page: Any) -> None:
    page = open_page(f"{plain.url}/workspace?project=plain")
    expect(plot(page, "train/loss")).to_have_attribute("data-runs", "6")
    page.get_by_role("button", name="Show train/loss in full screen").click()
    page.keyboard.press("ArrowRight")
    expect(page.locator('.focus [data-metric="val/acc"] .plot')).to_have_attribute("data-runs", "6")
    page.keyboard.press("ArrowLeft")
    expect(page.locator('.focus [data-metric="train/loss"] .plot')).to_have_attribute("data-runs", "6")
    page.keyboard.press("Escape")
    expect(page.locator(".focus")).to_have_count(0)


def test_exports_hold_every_value_and_the_drawn_lines(plain: Any, open_page: Any) -> None:
    page = open_page(f"{plain.url}/workspace?project=plain&s=0")
    expect(plot(page, "val/loss")).to_have_attribute("data-runs", "6")
    files = {}
    for kind in ("CSV", "SVG", "PNG"):
        dialog = menu(page, "val/loss")
        with page.expect_download() as got:
            dialog.get_by_role("button", name=kind).click()
        files[kind] = Path(got.value.path()).read_bytes()
    rows = list(csv.DictReader(io.StringIO(files["CSV"].decode())))
    assert {(row["run"], int(row["step"]), float(row["val/loss"])) for row in rows} == {
        (f"run-{n}", step, 10.0 * n + 2 * step) for n in range(6) for step in range(10, 101, 10)
    }
    svg = files["SVG"].decode()
    assert svg.startswith("<svg")
    assert all(f">run-{n}</text>" in svg for n in range(6))
    assert files["PNG"].startswith(b"\x89PNG")


def test_arrow_keys_read_values_out_of_a_chart(plain: Any, open_page: Any) -> None:
    page = open_page(f"{plain.url}/workspace?project=plain&s=0&show=run-1")
    expect(plot(page, "train/loss")).to_have_attribute("data-runs", "1")
    plot(page, "train/loss").focus()
    page.keyboard.press("Shift+ArrowLeft")
    expect(page.locator('[data-metric="train/loss"] [aria-live]')).to_have_text(re.compile(r"^step \d+, run-1 \d+"))


def test_a_shift_click_hides_all_runs_between_two_eyes(plain: Any, open_page: Any) -> None:
    page = open_page(f"{plain.url}/workspace?project=plain&sort=name")
    expect(plot(page, "train/loss")).to_have_attribute("data-runs", "6")
    page.get_by_role("button", name="Hide run-1").click()
    page.get_by_role("button", name="Hide run-4").click(modifiers=["Shift"])
    expect(plot(page, "train/loss")).to_have_attribute("data-runs", "2")


NUMBERS = st.floats(min_value=-1e3, max_value=1e3).map(lambda value: round(value, 3))


def formulas() -> st.SearchStrategy[str]:
    """Formulas that Python reads as we do, `^` for `**`."""
    leaf = st.one_of(NUMBERS.map(lambda n: f"({n!r})"), st.sampled_from(["a", "b", "c/d"]))

    def grown(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
        binary = st.tuples(inner, st.sampled_from(["+", "-", "*", "/"]), inner)
        return st.one_of(
            binary.map(lambda p: f"({p[0]} {p[1]} {p[2]})"),
            binary.map(lambda p: f"{p[0]} {p[1]} {p[2]}"),
            inner.map(lambda p: f"-{p}"),
            inner.map(lambda p: f"abs({p})"),
            st.tuples(inner, inner).map(lambda p: f"max({p[0]}, {p[1]})"),
            leaf.map(lambda p: f"{p} ^ 2"),
        )

    return st.recursive(leaf, grown, max_leaves=8)


@pytest.fixture
def reader(plain: Any, chromium: Browser) -> Any:
    """Reads formulas as the page does: text -> value for a = 2.5, b = -3, c/d = 7, or the error's code."""
    context = chromium.new_context()
    page = context.new_page()
    page.goto(plain.url)

    def read(texts: list[str]) -> list[Any]:
        script = (
            f"async (texts) => {{ const {{ parseFormula }} = await import({HERE} + 'charts/expression.js');"
            "const values = { a: 2.5, b: -3, 'c/d': 7, 'odd name': 11 };"
            "return texts.map((text) => { try { const f = parseFormula(text, Object.keys(values));"
            "return String(f.evaluate(f.keys.map((key) => values[key]))); } catch (error) { return error.code; } }); }"
        )
        answer: list[Any] = page.evaluate(script, texts)
        return answer

    yield read
    context.close()


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(formulas(), min_size=20, max_size=40))
def test_formulas_have_the_value_that_arithmetic_gives_them(reader: Any, texts: list[str]) -> None:
    for text, got in zip(texts, reader(texts), strict=True):
        python = text.replace("c/d", "cd").replace("^", "**")
        try:
            wanted = eval(python, {"abs": abs, "max": max, "a": 2.5, "b": -3.0, "cd": 7.0})
        except (ZeroDivisionError, OverflowError):
            continue
        if math.isnan(wanted) or math.isinf(wanted):
            continue
        assert math.isclose(float(got), wanted, rel_tol=1e-9, abs_tol=1e-9), text


@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.text(max_size=12), min_size=20, max_size=60))
def test_no_text_is_run_or_breaks_the_reader(reader: Any, texts: list[str]) -> None:
    for got in reader([*texts, "constructor", "__proto__", "a.constructor('x')", "(" * 5000]):
        assert got is not None
        assert re.fullmatch(r"formula\.\w+|-?[\d.]+(e[+-]?\d+)?|NaN|-?Infinity", got), got


def test_names_are_read_as_the_longest_metric_there_is(reader: Any) -> None:
    assert reader(["c/d", "a/b", '"odd name" + 1', "`odd name`*2", "c/e", "a ^ 2 ^ 0.5", "-a^2"]) == [
        "7",
        str(2.5 / -3).rstrip("0"),
        "12",
        "22",
        "formula.unknown",
        str(2.5 ** (2**0.5)),
        "-6.25",
    ]


def answer_in_batches(keys: list[str], rows: int) -> bytes:
    """Curves of one run as the HTTP API describes them, a record batch for each metric."""
    import pyarrow as pa

    series = [[0, place, place * rows, rows, rows, 1] for place in range(len(keys))]
    head = {"origin": 0.0, "width": 1.0, "log_x": False, "runs": [{"name": "r"}], "keys": [*keys, "nothing"]}
    metadata = {"runicorn": json.dumps({**head, "series": series, "missing": [], "unreadable": {}})}
    batches = []
    for place in range(len(keys)):
        x = [float(step) for step in range(rows)]
        values = pa.array([place * 1000 + step for step in x], pa.float32())
        columns = {
            "key": pa.DictionaryArray.from_arrays(pa.array([place] * rows, pa.int32()), pa.array(keys)),
            "bucket": pa.array(range(rows), pa.int32()),
            **dict.fromkeys(("x_first", "x_last"), pa.array(x, pa.float64())),
            **dict.fromkeys(("first", "min", "max", "last", "mean"), values),
            **dict.fromkeys(("n_nan", "n_posinf", "n_neginf"), pa.array([0] * rows, pa.uint32())),
        }
        batches.append(pa.table(columns).replace_schema_metadata(metadata).to_batches()[0])
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, batches[0].schema) as writer:
        for batch in batches:
            writer.write_batch(batch)
    made: bytes = sink.getvalue().to_pybytes()
    return made


def test_curves_are_read_while_they_come_however_the_line_cuts_them(plain: Any, chromium: Browser) -> None:
    page = chromium.new_page()
    page.goto(plain.url)
    read = f"""async ([text, size, until]) => {{
      const {{ readCurves }} = await import({HERE} + 'state/curves.js');
      const bytes = Uint8Array.from(atob(text), (c) => c.charCodeAt(0)).subarray(0, until);
      let at = 0;
      const body = new ReadableStream({{ pull(line) {{
        if (at >= bytes.length) line.close(); else line.enqueue(bytes.slice(at, at += size));
      }} }});
      const came = [];
      const arrived = (keys, of) => came.push(keys.map((key) => [key, of('r', key).mean.at(-1)]));
      try {{
        const seriesOf = await readCurves(body, arrived);
        return [came, seriesOf('r', 'nothing').x.length];
      }} catch (error) {{ return [came, error.code ?? String(error)]; }}
    }}"""
    answer = answer_in_batches(["b", "a"], 50)
    text = base64.b64encode(answer).decode()
    for size in (7, 1000, len(answer)):
        assert page.evaluate(read, [text, size, len(answer)]) == [[[["b", 49]], [["a", 1049]]], 0]
    assert page.evaluate(read, [text, 1000, len(answer) - 500]) == [[[["b", 49]]], "unreadable"]
    page.close()
