"""What pages say of a run while it runs: how far it is, what it was warned of, what the machine does."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser


def test_a_running_run_shows_progress_alerts_and_its_machine(
    start_viewer: Any, train_live: Any, open_page: Any, tmp_path: Path
) -> None:
    root = tmp_path / "root"
    train_live(root)
    viewer = start_viewer(root)
    page = open_page(viewer.url)
    line = page.locator('[data-run="going"]')
    expect(line).to_contain_text(re.compile(r"\d+ %.* left"))
    expect(line.get_by_role("meter", name="Progress of going")).to_be_visible()
    expect(page.get_by_label("Storage")).to_contain_text(str(root))
    line.get_by_role("link", name="going").click()
    expect(page.locator('.alerts [data-level="warning"]')).to_contain_text("Warmed up")
    page.get_by_role("tab", name="System").click()
    cpu = page.locator('[data-system="cpu"] [data-metric="cpu/util_percent"]')
    expect(cpu).to_contain_text("%")
    expect(cpu.locator("canvas")).to_be_visible()
    page.get_by_role("tab", name="Alerts").click()
    expect(page.locator(".alerts li")).to_contain_text("The first values are about to come.")
    page.set_viewport_size({"width": 390, "height": 800})
    assert page.locator(".alert-text").evaluate("el => el.clientWidth") > 200


def test_the_table_shows_what_a_running_run_logs(
    start_viewer: Any, train_live: Any, open_page: Any, tmp_path: Path
) -> None:
    root = tmp_path / "root"
    train_live(root)
    page = open_page(f"{start_viewer(root).url}/table?project=live&cols=run,status,metrics.train/loss.last")
    value = page.locator(".grid-row [data-col='3']")
    expect(value).to_have_text(re.compile(r"\d"))
    before = value.inner_text()
    expect(value).not_to_have_text(before)
