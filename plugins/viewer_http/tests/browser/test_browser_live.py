"""Pages go on when their socket does not: they ask instead, and miss nothing of what came meanwhile."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, WebSocketRoute, expect

pytestmark = [pytest.mark.browser, pytest.mark.disturbed]


class Sockets:
    """What stands between the page and its socket."""

    def __init__(self, page: Page) -> None:
        self.refused = False
        self.open: list[tuple[WebSocketRoute, WebSocketRoute]] = []
        page.route_web_socket(re.compile("/api/live"), self._routed)

    def _routed(self, mine: WebSocketRoute) -> None:
        if self.refused:
            mine.close()
        else:
            self.open.append((mine, mine.connect_to_server()))

    def lose(self) -> None:
        """Cut those that are open, and refuse others."""
        self.refused = True
        for mine, theirs in self.open:
            theirs.close()
            mine.close()
        self.open.clear()


def last(page: Page) -> int:
    return int(page.locator('[data-metric="train/loss"] .plot').get_attribute("data-last") or 0)


def grown(page: Page, beyond: int) -> None:
    page.wait_for_function(
        """(least) => Number(document.querySelector('[data-metric="train/loss"] .plot')?.dataset.last) > least""",
        arg=beyond,
    )


def test_where_no_socket_can_be_had_the_page_asks(
    start_viewer: Callable[[Path], Any], train_live: Any, open_page: Any, tmp_path: Path
) -> None:
    site = start_viewer(tmp_path / "root")
    train_live(tmp_path / "root")
    page = open_page(f"{site.url}/settings")
    expect(page.locator("[data-live]")).to_have_text("")  # a page that asks for no runs does not say that none goes on
    Sockets(page).lose()
    page.goto(f"{site.url}/workspace?project=live")
    expect(page.locator('[data-live="polling"]')).to_be_visible()
    grown(page, 5)
    grown(page, last(page))


def test_a_page_that_lost_its_socket_catches_up_when_it_has_one_again(
    start_viewer: Callable[[Path], Any], train_live: Any, open_page: Any, tmp_path: Path
) -> None:
    site = start_viewer(tmp_path / "root")
    train_live(tmp_path / "root")
    page = open_page(f"{site.url}/settings")
    sockets = Sockets(page)
    page.goto(f"{site.url}/workspace?project=live")
    expect(page.locator('[data-live="live"]')).to_be_visible()
    grown(page, 5)
    sockets.lose()
    expect(page.locator('[data-live="live"]')).to_have_count(0)
    before = last(page)
    # as much as it takes until the run has gone on without the page
    page.wait_for_function(
        """async (least) => {
          const run = await (await fetch('/api/runs/going')).json();
          return run.metrics.find((one) => one.key === 'train/loss').last_step > least + 10;
        }""",
        arg=before,
    )
    sockets.refused = False
    expect(page.locator('[data-live="live"]')).to_be_visible(timeout=90_000)
    grown(page, before + 10)
    # nothing between was left out: every step is there
    plot = page.locator('[data-metric="train/loss"] .plot')
    page.wait_for_function(
        """() => {
          const { points, last } = document.querySelector('[data-metric="train/loss"] .plot').dataset;
          return Number(points) === Number(last);
        }"""
    )
    expect(plot).to_have_attribute("data-runs", "1")
