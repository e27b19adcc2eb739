"""Other languages are longer: with words half as long again nothing is cut and nothing sticks out of the window."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

PAGES = (
    ("/", ".project"),
    ("/workspace?project=vision", ".run-row"),
    ("/table?project=vision", ".grid-row"),
    ("/runs/amber-fox", ".best"),
    ("/runs/amber-fox?tab=logs", ".log-line"),
    ("/runs/amber-fox?tab=params", ".leaf"),
    ("/settings?part=storage", '[data-part="storage"]'),
    ("/plugins", ".plugins-table tbody tr"),
)
# buttons, chips and tabs whose words do not fit, and how far the page is wider than the window
CUT = """() => [
  ...[...document.querySelectorAll('button, .chip, .tab, .button')]
    .filter((el) => el.offsetParent !== null && getComputedStyle(el).overflow !== 'visible')
    .filter((el) => el.scrollWidth > el.clientWidth + 1)
    .map((el) => el.outerHTML.slice(0, 120)),
  ...(document.documentElement.scrollWidth > innerWidth ? [`page ${document.documentElement.scrollWidth} wide`] : []),
]"""


@pytest.mark.parametrize("width", [1280, 420])
def test_words_half_as_long_again_fit(site: Any, open_page: Any, width: int) -> None:
    page = open_page(f"{site.url}/?lang=en-XA", viewport={"width": width, "height": 800})
    expect(page.get_by_role("heading", level=1)).to_have_text("⟦Pröjéçtš~~~~⟧")
    found = []
    for address, ready in PAGES:
        page.goto(f"{site.url}{address}{'&' if '?' in address else '?'}lang=en-XA")
        expect(page.locator(ready).first).to_be_visible()
        found += [f"{address}: {one}" for one in page.evaluate(CUT)]
    assert not found, "\n".join(found)
