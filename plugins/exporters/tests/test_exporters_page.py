"""Exports and imports from the web page, in a real browser."""

from __future__ import annotations

import csv
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
import runicorn as rn
from playwright.sync_api import Page, expect
from runicorn.hooks import open_store
from runicorn.testing import PanelContract, ViewerClient

pytestmark = pytest.mark.browser


class TestPanels(PanelContract):
    name = "exporters"


@pytest.fixture
def page(viewer: ViewerClient, open_page: Callable[..., Page]) -> Page:
    return open_page(viewer.url, locale="en-GB")


def test_a_run_and_a_table_are_saved_as_files(page: Page) -> None:
    ids = []
    for number in range(2):
        with rn.init(project="p", capture_env=False) as run:
            run.log({"loss": 0.5 + number})
        ids.append(run.id)
    page.goto(f"/runs/{ids[0]}")
    page.get_by_role("button", name="Export the run as a file").click()
    with page.expect_download() as download:
        page.get_by_role("menuitem", name="What was logged, as CSV").click()
    assert download.value.suggested_filename == f"{ids[0]}.csv"
    with download.value.path().open(encoding="utf-8", newline="") as file:
        assert [row["loss"] for row in csv.DictReader(file)] == ["0.5"]
    page.goto("/table?project=p")
    page.get_by_role("button", name="Export the table as a file").click()
    with page.expect_download() as download:
        page.get_by_role("menuitem", name="What was logged, as TensorBoard").click()
    with zipfile.ZipFile(download.value.path()) as archive:
        assert {name.split("/")[2] for name in archive.namelist()} == set(ids)


def test_a_file_is_looked_into_imported_and_brought_up_to_date(page: Page, tmp_path: Path) -> None:
    table = tmp_path / "损失 <b>.csv"
    table.write_text("step,loss\n1,0.5\n2,0.4\n", encoding="utf-8")
    page.goto("/")
    page.get_by_role("link", name="Import here").click()
    chosen = page.get_by_label("Choose files")
    chosen.set_input_files(table)
    row = page.locator(".importing-table tbody tr")
    expect(row).to_contain_text("new")
    expect(page.get_by_role("status").filter(has_text="1 run would come")).to_be_visible()
    page.get_by_label("Project").fill("mine")
    page.get_by_label("Project").press("Enter")
    expect(row).to_contain_text("mine/default/runs/")
    page.reload()  # the address knows what was looked into
    page.get_by_label("Project").fill("mine")
    page.get_by_label("Project").press("Enter")
    expect(row).to_contain_text("mine/default/runs/")
    page.get_by_role("button", name="Import 1 run").click()
    expect(page.get_by_role("status").filter(has_text="1 run imported")).to_be_visible()
    table.write_text("step,loss\n1,0.5\n2,0.4\n3,0.3\n", encoding="utf-8")
    page.get_by_role("button", name="Import more").click()
    chosen.set_input_files(table)
    expect(row).to_contain_text("it has changed where it came from since")
    expect(page.get_by_role("button", name="Import", exact=True)).to_be_disabled()
    page.get_by_label("Runs that are here already").select_option("update")
    expect(row).to_contain_text("brought up to date")
    page.get_by_role("button", name="Import 1 run").click()
    row.get_by_role("link").click()
    page.wait_for_url("**/runs/*")
    (store := open_store()).close()
    assert [series.n for record in store.list_runs() for series in store.open_run(record.ref).series()] == [3]


def test_several_files_and_a_whole_folder_are_sent_as_they_are(page: Page, tmp_path: Path) -> None:
    tables = []
    for number in range(2):
        tables.append(tmp_path / f"表 {number}.csv")
        tables[-1].write_text("step,loss\n1,0.5\n", encoding="utf-8")
    (tmp_path / "notes.txt").write_text("hello", encoding="utf-8")
    page.goto("/import")
    page.get_by_label("Choose files").set_input_files([*tables, tmp_path / "notes.txt"])
    rows = page.locator(".importing-table tbody tr")
    expect(rows).to_have_count(3)
    expect(rows.filter(has_text="nothing here reads this")).to_have_count(1)
    page.get_by_role("button", name="Import 2 runs").click()
    expect(page.get_by_role("status").filter(has_text="2 runs imported")).to_be_visible()
    page.get_by_role("button", name="Import more").click()
    folder = shutil.copytree(Path(__file__).parent / "fixtures" / "mlflow" / "files" / "mlruns", tmp_path / "mlruns")
    (folder / ("长" * 60)).mkdir()
    (folder / ("长" * 60) / "x").write_bytes(b"")
    page.get_by_label("Choose a folder").set_input_files(folder)
    expect(page.get_by_role("status").filter(has_text="3 runs would come")).to_be_visible()
    expect(page.get_by_text("recognised: MLflow")).to_be_attached()


@pytest.mark.disturbed
def test_a_file_that_nothing_reads_is_one_sentence(page: Page, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("hello", encoding="utf-8")
    page.goto("/import?lang=zh-CN")
    refused = "**/api/import/upload?*"
    page.route(refused, lambda route: route.fulfill(status=413, json={"detail": "the file is too large"}))
    expect(page.get_by_text("目前还没有")).to_be_visible()  # no folder of the viewer's machine is allowed
    page.get_by_label("选择文件", exact=True).set_input_files(tmp_path / "notes.txt")
    expect(page.get_by_role("alert")).to_have_text("the file is too large")
    page.unroute(refused)
    page.get_by_label("选择文件", exact=True).set_input_files(tmp_path / "notes.txt")
    expect(page.get_by_role("alert")).to_contain_text("nothing here reads this")
