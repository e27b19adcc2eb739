"""What the web interface shows of code: the files that a run kept, and what was not committed, side by side."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from runicorn.testing import ViewerClient

pytestmark = pytest.mark.browser
Open = Callable[..., Page]

TRAIN = """
import sys

import runicorn as rn

with rn.init("code", run_id=sys.argv[1]) as run:
    run.log({"loss": 1.0}, step=1)
    run.snapshot_code()
"""


@pytest.fixture
def trained(tmp_path: Path) -> None:
    """Two runs of a repository with the same changes, and a third one with others."""
    repository = tmp_path / "repository"
    (repository / "src").mkdir(parents=True)
    (repository / "src" / "model.py").write_text("WIDTH = 64\nNAME = '模型'\n", "utf-8")
    (repository / "train.py").write_text(TRAIN, "utf-8")
    git = ["git", "-C", str(repository), "-c", "user.name=t", "-c", "user.email=t@example.org"]
    for arguments in (["init", "-q"], ["add", "."], ["commit", "-q", "-m", "first"]):
        subprocess.run([*git, *arguments], check=True)
    for run, width in (("one", 128), ("two", 128), ("three", 256)):
        (repository / "src" / "model.py").write_text(f"WIDTH = {width}\nNAME = '模型'\n", "utf-8")
        subprocess.run([sys.executable, "train.py", run], cwd=repository, check=True, env=dict(os.environ))


def test_hook_viewer_panels_lists_the_files_of_the_code_and_shows_them(
    trained: None, viewer: ViewerClient, open_page: Open
) -> None:
    page = open_page(f"{viewer.url}/runs/one?tab=media")
    code = page.locator('[data-panel="environment.code"]')
    expect(code).to_contain_text("2 files")
    code.get_by_role("button", name="src/model.py").click()
    expect(code.get_by_role("region", name="src/model.py")).to_contain_text("WIDTH = 128")
    expect(code.get_by_role("region", name="src/model.py")).to_contain_text("NAME = '模型'")
    code.get_by_label("Search files").fill("train")
    expect(code.locator(".ec-file")).to_have_count(1)
    with page.expect_download() as started:
        code.get_by_role("link", name="Save as zip").click()
    assert started.value.suggested_filename == "repository.zip"


def test_uncommitted_changes_of_runs_are_compared_and_the_same_ones_are_read_once(
    trained: None, viewer: ViewerClient, open_page: Open
) -> None:
    page = open_page(f"{viewer.url}/compare?project=code&run=one&run=two&run=three&view=code")
    patches = page.locator("[data-patch]")
    expect(patches).to_have_count(2)
    same = patches.filter(has_text="+WIDTH = 128")
    expect(same.locator("h2")).to_contain_text("one, two")
    expect(same.locator("h2")).to_contain_text("git/patch")
    expect(same.locator(".err").filter(has_text="-WIDTH = 64")).to_have_count(1)
    expect(patches.filter(has_text="+WIDTH = 256").locator("h2")).to_contain_text("three")
