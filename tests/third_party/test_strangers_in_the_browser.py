"""Strangers draw in the page: one that works, and one whose module throws beside it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser

TRAINING = """
import runicorn as rn
for name in ("a", "b"):
    with rn.init("p", name) as run:
        for step in range(20): run.log({"loss": 1 / (step + 1)})
"""


@pytest.mark.disturbed
def test_a_strangers_panel_works_and_a_broken_one_shows_a_card(
    environment: Callable[..., Any], serving: Callable[..., Any], open_page: Callable[..., Page]
) -> None:
    env = environment("acme_complete", "bad_panel")
    env.run("-c", TRAINING)
    with serving(env) as address:
        page = open_page(f"{address}/workspace?project=p")
        expect(page.locator('[data-panel="acme.count"]')).to_contain_text("2 runs are drawn")
        page.locator("[data-run] [aria-label^='Hide ']").first.click()
        expect(page.locator('[data-panel="acme.count"]')).to_contain_text("1 runs are drawn")
        expect(page.locator('[data-panel="bad.panel"]')).to_contain_text("bad")
        expect(page.locator("canvas").first).to_be_visible()
        page.goto(f"{address}/workspace?project=p&safe=1")
        expect(page.locator("canvas").first).to_be_visible()
        expect(page.locator('[data-panel="acme.count"]')).to_have_count(0)
