"""Exports from the web page, in a real browser."""

from __future__ import annotations

import csv
import zipfile
from collections.abc import Callable

import pytest
import runicorn as rn
from playwright.sync_api import Page
from runicorn.testing import ViewerClient

pytestmark = pytest.mark.browser


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
