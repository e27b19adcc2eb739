"""The page in a real browser: what is there, what it came from, and changing it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable

import pytest
import runicorn as rn
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]  # it has no types
from playwright.sync_api import Page, expect
from runicorn.testing import PanelContract, ViewerClient
from runicorn_artifacts.handle import ArtifactVersion
from runicorn_artifacts.opening import open_repository

pytestmark = pytest.mark.browser
Log = Callable[..., ArtifactVersion]


class TestPanels(PanelContract):
    name = "artifacts"


@pytest.fixture
def page(viewer: ViewerClient, open_page: Callable[..., Page]) -> Page:
    return open_page(viewer.url, locale="en-GB")


def test_what_another_process_commits_and_promotes_is_seen_on_the_open_page(logged: Log, page: Page) -> None:
    def elsewhere(*command: str) -> None:
        subprocess.run([sys.executable, "-m", "runicorn", "artifacts", *command], check=True, capture_output=True)

    page.goto("/artifacts")
    expect(page.get_by_role("heading", name="No artifacts yet")).to_be_visible()
    logged("one", name="net")
    rows = page.locator(".artifacts-row")
    expect(rows).to_have_count(1)
    rows.click()
    expect(page.locator(".artifacts-head h2")).to_have_text("net v1")
    elsewhere("promote", "net:v1", "staging")
    expect(page.get_by_label("Stage")).to_have_value("staging")
    expect(rows.locator(".stage-staging")).to_be_visible()
    logged("two", name="net")
    expect(page.locator(".artifacts-head h2")).to_have_text("net v2")
    elsewhere("alias", "net:v2", "best")
    expect(rows).to_contain_text("best → v2")


def test_an_artifact_is_found_looked_into_and_promoted(logged: Log, page: Page) -> None:
    logged("data", name="cifar", type="dataset")
    with rn.init(project="p", name="长/sweep", capture_env=False) as run:
        run.use_artifact("cifar")
        for text in ("one", "two"):
            artifact = rn.Artifact("resnet", metadata={"text": text})
            with artifact.new_file("权重.bin") as file:
                file.write(text.encode())
            run.log_artifact(artifact, aliases=["best"])
    page.goto("/artifacts")
    page.get_by_role("searchbox", name="search artifacts").fill("best")
    rows = page.locator(".artifacts-row")
    expect(rows).to_have_count(1)
    rows.click()
    expect(page.locator(".artifacts-head h2")).to_have_text("resnet v2")
    mark = run.id[-6:]
    expect(page.locator(".artifacts-facts").get_by_role("link", name="长/sweep")).to_have_attribute("title", run.id)
    expect(page.get_by_role("row", name="权重.bin")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download").click()
    assert download.value.path().read_text(encoding="utf-8") == "two"
    page.get_by_role("tab", name="Compare").click()
    expect(page.locator(".artifacts-compare")).to_contain_text("权重.bin")
    expect(page.locator(".artifacts-compare")).to_contain_text('"one" → "two"')
    page.get_by_label("Stage").select_option("production")
    expect(page.locator(".artifacts-row .stage-production")).to_be_visible()
    assert open_repository().find("resnet:production").number == 2
    page.get_by_label("Add an alias").fill("golden")
    page.get_by_label("Add an alias").press("Enter")
    expect(page.locator(".artifacts-aliases")).to_contain_text("golden")
    page.reload()
    expect(page.locator(".artifacts-head h2")).to_have_text("resnet v2")
    page.get_by_role("tab", name="Lineage").click()
    nodes = page.locator(".artifacts-graph .node")
    expect(nodes).to_have_count(3)  # the version, its run, the data that the run used
    page.get_by_role("button", name="as a list").click()
    page.reload()  # the address keeps the tab and how it is shown
    expect(page.get_by_role("row", name=f"run 长/sweep {mark}")).to_contain_text("dataset/cifar:v1")
    assert [one["id"] for one in Axe().run(page).response["violations"]] == []
    page.get_by_role("button", name="as a graph").click()
    page.locator(".artifacts-graph").get_by_role("link", name="artifact dataset/cifar:v1").press("Enter")
    expect(page.locator(".artifacts-head h2")).to_have_text("cifar v1")
    page.go_back()
    expect(page.locator(".artifacts-head h2")).to_have_text("resnet v2")
    page.get_by_role("button", name="fit").click()
    assert page.locator(".artifacts-graph").evaluate("box => box.scrollWidth <= box.clientWidth")
    page.locator(".artifacts-graph").get_by_role("link", name=f"run 长/sweep {mark}").press("Enter")
    page.wait_for_url(f"**/runs/{run.id}*")
    page.get_by_role("tab", name="Artifacts").or_(page.get_by_role("link", name="Artifacts", exact=True).nth(1)).click()
    expect(page.locator(".artifacts-of-run")).to_have_count(2)


def test_a_version_goes_to_the_recycle_bin_and_comes_back(logged: Log, page: Page) -> None:
    logged("one")
    page.goto("/artifacts?artifacts.all.of=model/net")
    page.get_by_role("button", name="Move to the recycle bin").click()
    page.get_by_role("button", name="Restore").click()
    expect(page.get_by_role("button", name="Move to the recycle bin")).to_be_visible()
    assert not open_repository().find("net").deleted
    logged("two")
    page.evaluate("window.dispatchEvent(new Event('focus'))")  # somebody comes back from the terminal
    expect(page.get_by_role("tab", name="v2")).to_be_visible()


def test_where_there_is_nothing_the_page_says_how_to_begin(page: Page) -> None:
    page.goto("/artifacts?lang=zh-CN")
    expect(page.get_by_role("heading", name="还没有制品")).to_be_visible()
