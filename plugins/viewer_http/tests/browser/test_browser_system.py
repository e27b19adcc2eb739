"""The page of the machine."""

from __future__ import annotations

import time
from typing import Any

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser


SYSTEM = {
    "available": True, "host": "here", "time": 0.0, "cpu": {"count": 1, "percent": 5.0, "cores": [], "load_1m": 0.1},
    "memory": {"total": 8, "used": 4.0, "percent": 50.0, "swap_used": None},
    "disk": {"used": 1.0, "free": 1.0, "percent": 50.0, "read": None, "written": None, "age": 120.0},
    "net": {"sent": None, "received": None},
}  # fmt: skip


def test_nothing_is_drawn_for_the_time_in_which_nobody_measured(site: Any, open_page: Any) -> None:
    now = time.time()
    times = [now - 120 + n for n in range(0, 20, 2)] + [now - 20 + n for n in range(0, 20, 2)]
    history = {"available": True, "interval_s": 2.0, "time": times, "series": {"cpu/util_percent": [50.0] * 20}}
    page = open_page(f"{site.url}/settings")
    page.route("**/api/system", lambda route: route.fulfill(json=SYSTEM))
    page.route("**/api/gpu", lambda route: route.fulfill(json={"available": False, "gpus": []}))
    page.route("**/api/gpu/history*", lambda route: route.fulfill(json={"available": False, "time": [], "gpus": []}))
    page.route("**/api/system/history*", lambda route: route.fulfill(json=history))
    page.goto(f"{site.url}/system")
    canvas = page.locator('[data-part="cpu"] canvas')
    expect(canvas).to_be_visible()
    page.wait_for_function(PAINTED, arg=[0.15, True])
    assert page.evaluate(PAINTED, [0.95, True])
    assert page.evaluate(PAINTED, [0.5, False])

    expect(page.locator('[data-part="disk"] [role="note"]')).to_have_text("The disk has not answered for 2:00 min")


# Whether the columns around a share of the width hold something blue.
PAINTED = """([share, wanted]) => {
  const canvas = document.querySelector('[data-part="cpu"] canvas');
  const over = document.querySelector('[data-part="cpu"] .u-over');
  const [from, wide] = [over.offsetLeft, over.offsetWidth];
  const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext('2d', { willReadFrequently: true });
  copy.drawImage(canvas, 0, 0);
  const { data } = copy.getImageData(from + wide * share - 3, 0, 6, canvas.height);
  let blue = false;
  for (let i = 0; i < data.length; i += 4) if (data[i + 3] > 100 && data[i + 2] - data[i] > 60) blue = true;
  return blue === wanted;
}"""
