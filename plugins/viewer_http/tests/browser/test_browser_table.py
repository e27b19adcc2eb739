"""The runs table: what it shows, how it is asked, and what is changed in it."""

from __future__ import annotations

import csv
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from playwright.sync_api import Locator, Page, expect

from .conftest import PROGRAMS, ViewerProcess

pytestmark = pytest.mark.browser

TABLE = "/table?project=vision"
COLUMNS = "&cols=run,status,tags,note,params.lr,metrics.val/acc.max,metrics.train/loss.last"


@pytest.fixture(scope="session")
def many(tmp_path_factory: pytest.TempPathFactory, browser_home: Path) -> Any:
    """The viewer of ten thousand runs."""
    root = tmp_path_factory.mktemp("many") / "root"
    subprocess.run([sys.executable, str(PROGRAMS / "many.py"), str(root)], check=True, timeout=200)
    viewer = ViewerProcess(root, browser_home)
    yield viewer
    viewer.stop()


@pytest.fixture
def own(start_viewer: Any, trained_root: Path, tmp_path: Path) -> Any:
    """A viewer whose runs may be changed."""
    return start_viewer(shutil.copytree(trained_root, tmp_path / "copy"))


def rows(page: Page) -> Locator:
    return page.locator(".grid-row:not(.group)")


def names(page: Page) -> list[str]:
    return [text.strip() for text in rows(page).locator(".run-name").all_inner_texts()]


def cell(page: Page, run: str, column: str) -> Locator:
    index = page.locator(f'[data-column="{column}"]').get_attribute("data-col")
    return rows(page).filter(has_text=run).locator(f'[data-col="{index}"]')


def test_rows_have_params_and_figures_and_sort_by_several_columns(site: Any, open_page: Any) -> None:
    page = open_page(site.url + TABLE + COLUMNS)
    expect(rows(page)).to_have_count(8)
    expect(cell(page, "amber-fox", "params.lr")).to_have_text("0.0003")
    expect(cell(page, "lion-3e-4", "metrics.train/loss.last")).to_have_text("NaN")
    page.locator('[data-column="status"] .grid-sort').click()
    page.locator('[data-column="params.lr"] .grid-sort').click(modifiers=["Shift"])
    expect(page.locator('[data-column="status"]')).to_have_attribute("aria-sort", "ascending")
    expect(rows(page).first).to_contain_text("adamw-wd.1")
    assert names(page)[1:] == [
        "amber-fox",
        "base-resnet50",
        "quiet-lake",
        "vit-b-cosine",
        "swift-42",
        "lion-3e-4",
        "warm-dune",
    ]
    page.reload()
    expect(rows(page).first).to_contain_text("adamw-wd.1")
    page.go_back()
    expect(page.locator('[data-column="params.lr"] .grid-arrow')).to_have_count(0)


def test_a_run_that_is_damaged_is_marked_where_its_cells_are_empty(own: Any, open_page: Any) -> None:
    (damaged,) = own.root.rglob("runs/swift-42")
    (damaged / "segments.json").write_text("{")
    page = open_page(own.url + TABLE + COLUMNS)
    expect(cell(page, "swift-42", "metrics.val/acc.max")).to_have_text("–")
    sign = page.get_by_role("img", name="Damaged: what is missing here cannot be read.")
    expect(sign).to_have_count(1)
    expect(cell(page, "swift-42", "run").get_by_role("img", name="Damaged")).to_have_attribute(
        "title", re.compile(r"segments\.json: it is damaged; put it back from a copy$")
    )


@pytest.mark.disturbed
def test_a_filter_is_completed_and_a_wrong_one_keeps_what_is_shown(site: Any, open_page: Any) -> None:
    page = open_page(site.url + TABLE + COLUMNS)
    box = page.get_by_label("Filter runs")
    box.fill("stat")
    offers = page.get_by_role("listbox", name="What could come next").get_by_role("option")
    offers.filter(has_text="status").click()
    offers.filter(has_text="equal").first.click()
    offers.filter(has_text="failed").click()
    expect(box).to_have_value("status = failed ")
    expect(page.get_by_text("1 match")).to_be_visible()
    expect(rows(page)).to_have_count(1)
    box.fill("parms.lr < 1")
    expect(page.locator(".filter-problem")).to_contain_text("params.lr")
    expect(rows(page)).to_have_count(1)
    page.get_by_role("button", name="use params.lr").click()
    expect(rows(page)).to_have_count(8)
    box.fill("params.lr > 5")
    expect(page.get_by_role("heading", name="No run matches “params.lr > 5”")).to_be_visible()
    box.fill("params.lr >> 5")
    expect(page.locator(".filter-problem")).to_be_visible()
    expect(page.get_by_role("heading", name="No run matches “params.lr > 5”")).to_be_visible()


def test_conditions_are_chips_that_are_taken_out(site: Any, open_page: Any) -> None:
    page = open_page(site.url + TABLE + "&q=tags has sweep and params.lr < 0.001 and status = finished")
    expect(rows(page)).to_have_count(3)
    page.get_by_role("button", name="Remove params.lr < 0.001").click()
    expect(rows(page)).to_have_count(7)
    expect(page.get_by_label("Filter runs")).to_have_value("tags has sweep and status = finished")


def test_groups_have_spreads_and_open(site: Any, open_page: Any) -> None:
    page = open_page(site.url + TABLE + COLUMNS + "&group=status")
    heads = page.locator(".grid-row.group")
    expect(heads).to_have_count(2)
    finished = heads.filter(has_text="finished")
    expect(finished).to_contain_text("(7)")
    expect(finished).to_contain_text("±")
    assert heads.locator(".spread").evaluate_all("all => all.every((one) => one.scrollWidth <= one.clientWidth)")
    finished.click()
    expect(rows(page)).to_have_count(7)
    expect(finished).to_have_attribute("aria-expanded", "true")
    page.get_by_role("button", name="Close all").click()
    expect(rows(page)).to_have_count(0)
    page.goto(site.url + TABLE + "&group=status&lang=zh-CN")
    expect(page.locator(".grid-row.group", has_text="已完成")).to_be_visible()


def test_columns_are_chosen_remembered_and_moved(own: Any, open_page: Any) -> None:
    page = open_page(own.url + TABLE, viewport={"width": 2400, "height": 700})
    expect(page.locator('[data-column="params.lr"]')).to_be_visible()
    expect(page.locator('[data-column="params.model"]')).to_have_count(0)
    page.get_by_role("button", name="Columns").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Search columns").fill("host")
    with page.expect_response(lambda answer: answer.request.method == "PUT"):
        dialog.get_by_label("Host").check()
    page.keyboard.press("Escape")
    page.reload()
    expect(page.locator('[data-column="host"]')).to_be_visible()
    page.locator('[data-column="status"] .grid-sort').hover()
    page.get_by_role("button", name="Column Status").click()
    page.get_by_role("menuitem", name="Hide column").click()
    expect(page.locator('[data-column="status"]')).to_have_count(0)
    name = page.locator('[data-column="run"]')
    before = name.bounding_box()
    name.focus()
    page.keyboard.press("Alt+Shift+ArrowRight")
    after = name.bounding_box()
    assert before is not None
    assert after is not None
    assert after["width"] == before["width"] + 16


def test_names_tags_and_notes_are_changed_in_place(own: Any, open_page: Any) -> None:
    page = open_page(own.url + TABLE + COLUMNS)
    asked: list[Any] = []
    page.on("request", lambda request: asked.append(request.post_data_json) if request.method == "PATCH" else None)
    cell(page, "swift-42", "note").dblclick()
    page.get_by_role("textbox", name="Note").press("Tab")  # whoever looks changes nothing
    cell(page, "swift-42", "tags").dblclick()
    page.get_by_label("Tags, with commas").fill("sweep, good one")
    page.keyboard.press("Enter")
    expect(cell(page, "swift-42", "tags").locator(".tag")).to_have_text(["sweep", "good one"])
    cell(page, "swift-42", "note").focus()
    page.keyboard.press("Enter")
    page.get_by_role("textbox", name="Note").fill("warm up longer")
    page.keyboard.press("Enter")
    expect(cell(page, "swift-42", "note")).to_have_text("warm up longer")
    cell(page, "swift-42", "note").dblclick()
    note = page.get_by_role("textbox", name="Note")
    assert [list(one) for one in asked] == [["tags"], ["note"]]
    note.fill("two\nlines")
    note.press("Enter")
    expect(cell(page, "swift-42", "note")).to_contain_text("lines")
    cell(page, "swift-42", "note").dblclick()
    expect(note).to_have_value("two\nlines")  # looking at it does not join them
    note.press("Escape")
    expect(note).to_have_count(0)
    expect(page.locator(".toast-offer")).to_have_count(0)
    answer = page.request.patch(own.url + "/api/runs/swift-42", data={"tags": ["one, whole"], "note": ""})
    assert answer.ok
    page.reload()
    for column in ("note", "tags"):  # what there was before comes back as it was
        cell(page, "swift-42", column).dblclick()
        page.locator(".grid-edit").fill("another")
        page.keyboard.press("Enter")
        expect(cell(page, "swift-42", column)).to_contain_text("another")
        page.locator(".toast-offer").press("Control+z")
        expect(cell(page, "swift-42", column)).not_to_contain_text("another")
    assert asked[-3:] == [{"note": ""}, {"tags": ["another"]}, {"tags": ["one, whole"]}]
    cell(page, "swift-42", "run").focus()
    page.keyboard.press("F2")
    page.get_by_label("Name of the run").fill("the swift one")
    page.keyboard.press("Enter")
    expect(rows(page).filter(has_text="the swift one")).to_be_visible()


def test_many_runs_are_archived_deleted_and_tagged_and_it_is_taken_back(own: Any, open_page: Any) -> None:
    page = open_page(own.url + TABLE + COLUMNS)
    rows(page).nth(1).locator("[data-col='0']").click()
    rows(page).nth(3).locator("[data-col='0']").click(modifiers=["Shift"])
    expect(page.get_by_text("3 selected")).to_be_visible()
    page.get_by_role("button", name="Archive", exact=True).click()
    expect(rows(page)).to_have_count(5)
    page.get_by_role("button", name="Undo").click()
    expect(rows(page)).to_have_count(8)
    rows(page).nth(0).locator("[data-col='1']").focus()
    page.keyboard.press("Delete")
    expect(rows(page)).to_have_count(7)
    page.keyboard.press("Control+z")
    expect(rows(page)).to_have_count(8)
    rows(page).nth(0).locator("[data-col='1']").focus()
    page.keyboard.press("Space")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Shift+Space")
    page.get_by_role("button", name="Tag…").click()
    page.get_by_label("Add a tag").fill("chosen")
    page.keyboard.press("Enter")
    expect(page.locator(".grid .tag", has_text="chosen")).to_have_count(2)


def test_a_view_is_saved_beside_the_runs_and_opened(own: Any, open_page: Any) -> None:
    page = open_page(own.url + TABLE + "&q=status = finished&order=-params.lr")
    page.get_by_role("button", name="Saved views").click()
    page.get_by_role("menuitem", name="Save this view…").click()
    page.get_by_label("Name", exact=True).fill("good ones")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("button", name="Saved views")).to_contain_text("good ones")
    other = open_page(own.url + TABLE)
    expect(rows(other)).to_have_count(8)
    other.get_by_role("button", name="Saved views").click()
    other.get_by_role("menuitemradio", name="good ones").click()
    expect(rows(other)).to_have_count(7)
    expect(rows(other).first).to_contain_text("warm-dune")


def test_the_table_is_saved_as_csv_with_whole_values(site: Any, open_page: Any) -> None:
    page = open_page(site.url + TABLE + COLUMNS + "&q=status = finished")
    expect(rows(page)).to_have_count(7)
    page.get_by_role("button", name="Export the table as a file").click()
    with page.expect_download() as started:
        page.get_by_role("menuitem", name="CSV, all matching runs").click()
    with Path(started.value.path()).open(encoding="utf-8-sig", newline="") as file:
        saved = list(csv.DictReader(file))
    assert len(saved) == 7
    assert {row["params.lr"] for row in saved if row["run"] == "amber-fox"} == {"0.0003"}
    assert {row["metrics.train/loss.last"] for row in saved if row["run"] == "lion-3e-4"} == {"NaN"}


def test_the_table_is_saved_as_parquet(site: Any, open_page: Any) -> None:
    page = open_page(site.url + TABLE + COLUMNS + "&q=status = finished&order=params.lr")
    expect(rows(page)).to_have_count(7)
    page.get_by_role("button", name="Export the table as a file").click()
    with page.expect_download() as started:
        page.get_by_role("menuitem", name="Parquet, all matching runs").click()
    assert started.value.suggested_filename == "vision.parquet"
    saved = pq.read_table(started.value.path()).to_pydict()
    assert saved["run"][0] == "amber-fox"
    assert saved["params.lr"][0] == 0.0003


def test_the_grid_has_one_tab_stop_and_arrows_move_inside(site: Any, open_page: Any) -> None:
    page = open_page(site.url + TABLE + COLUMNS)
    expect(rows(page)).to_have_count(8)
    grid = page.get_by_role("grid")
    expect(grid).to_have_attribute("aria-rowcount", "9")
    expect(grid.locator("[tabindex='0']")).to_have_count(1)
    page.keyboard.press("j")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowRight")
    focused = page.locator(":focus")
    expect(focused).to_have_attribute("aria-colindex", "3")
    expect(focused.locator("xpath=..")).to_have_attribute("aria-rowindex", "3")
    page.keyboard.press("Home")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page).to_have_url(re.compile(re.escape("/runs/")))


def test_ten_thousand_runs_scroll_with_few_rows_in_the_page(many: Any, open_page: Any) -> None:
    page = open_page(f"{many.url}/table?project=many")
    expect(page.get_by_text("10,000 runs")).to_be_visible(timeout=200_000)
    expect(rows(page).first).to_contain_text("run-09999")
    assert rows(page).count() < 60
    rows(page).first.locator("[data-col='1']").focus()
    page.keyboard.press("Control+End")
    expect(rows(page).last).to_contain_text("run-00000")
    expect(page.get_by_role("grid")).to_have_attribute("aria-rowcount", "10001")
    rows(page).last.get_by_role("link", name="run-00000").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("run-00000")
    page.go_back()
    expect(rows(page).last).to_contain_text("run-00000")  # where it was left
    page.get_by_label("Filter runs").fill("status = failed and run contains 99")
    expect(page.get_by_text("19 match")).to_be_visible()
    page.get_by_label("group by:").select_option("status")
    expect(page.locator(".grid-row.group")).to_contain_text("(19)")
    page.goto(f"{many.url}/table?project=many&group=run")
    expect(page.get_by_text("the first 5,000 of 10,000 groups")).to_be_visible(timeout=200_000)


@pytest.mark.disturbed
def test_the_table_says_that_the_viewer_is_away_keeps_its_rows_and_goes_on(own: Any, open_page: Any) -> None:
    page = open_page(own.url + TABLE)
    expect(rows(page)).to_have_count(8)
    own.stop()
    page.locator('[data-column="status"] .grid-sort').click()
    expect(page.get_by_role("alert").first).to_contain_text("does not answer")
    expect(rows(page)).to_have_count(8)
    own.start()
    expect(page.locator('[data-column="status"] .grid-arrow')).to_be_visible()
    expect(page.get_by_role("alert")).to_have_count(0)


def test_heads_are_as_wide_as_their_words_and_long_fractions_are_short(several: Any, open_page: Any) -> None:
    page = open_page(f"{several.url}/table?project=beta")
    head = page.locator('[data-column="params.a_parameter_with_a_long_name"] .grid-sort')
    expect(head).to_be_visible()
    assert head.evaluate("(el) => el.scrollWidth <= el.clientWidth")
    cell = page.get_by_text("0.012346", exact=True)
    expect(cell).to_have_attribute("title", "0.0123456789")


def test_the_column_picker_keeps_what_the_runs_of_the_table_have(several: Any, open_page: Any) -> None:
    page = open_page(f"{several.url}/table?project=beta&q=run%20%3D%20long&cols=run,status")
    page.get_by_role("button", name=re.compile("^Columns")).click()
    picker = page.get_by_role("dialog", name="Columns")
    expect(picker.get_by_label("only_here")).to_be_visible()
    expect(picker.get_by_label("a_parameter_with_a_long_name")).to_be_visible()
    picker.get_by_role("button", name="with values").click()
    expect(picker.get_by_label("a_parameter_with_a_long_name")).to_have_count(0)
    expect(picker.get_by_label("Job type")).to_have_count(0)
    expect(picker.get_by_label("only_here")).to_be_visible()


def test_a_run_is_called_the_same_in_the_table_and_beside_the_charts(
    start_viewer: Any, open_page: Any, tmp_path: Path
) -> None:
    program = """
import sys, runicorn as rn
for name in ("alone", "twice", "twice"):
    with rn.init("names", name, storage=sys.argv[1], capture_env=False) as run:
        run.log({"loss": 1.0}, step=1)
"""
    subprocess.run([sys.executable, "-c", program, str(tmp_path / "root")], check=True, timeout=200)
    site = start_viewer(tmp_path / "root")
    page = open_page(f"{site.url}/workspace?project=names")
    expect(page.locator(".run-row .run-name")).to_have_count(3)
    beside = page.locator(".run-row .run-name").all_inner_texts()
    assert sorted(name.split()[-1] for name in beside) == ["alone", "twice", "twice"]
    page.goto(f"{site.url}/table?project=names")
    expect(page.locator(".grid-row .run-name", has_text=re.compile("^alone$"))).to_have_count(1)
    assert page.locator(".grid-row .run-name").all_inner_texts() == beside
    # a run that begins while the table is open has a colour of its own
    subprocess.run([sys.executable, "-c", program, str(tmp_path / "root")], check=True, timeout=200)
    swatches = page.locator(".grid-row .swatch")
    expect(swatches).to_have_count(6, timeout=60_000)
    page.wait_for_function(
        "() => new Set([...document.querySelectorAll('.grid-row .swatch')].map((one) => one.innerHTML)).size === 6"
    )
