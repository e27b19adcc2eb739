"""From ``log()`` to the picture: how long until a value stands in an open browser page.

.venv/bin/python bench/live.py           needs Debian's chromium
"""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from pathlib import Path

from playwright.sync_api import sync_playwright
from viewer import served

ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
DRAWN = "() => Math.max(0, ...[...document.querySelectorAll('[data-last]')].map((e) => Number(e.dataset.last)))"


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        os.environ["RUNICORN_HOME"] = folder + "/home"
        import runicorn as rn

        run = rn.init("live", storage=folder + "/runs", capture_env=False)
        for _ in range(50):
            run.log({"loss": 1.0})
        took = []
        with served(Path(folder) / "runs") as server, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=ARGUMENTS)
            # What waits for the page evaluates text, which the viewer's policy forbids.
            page = browser.new_page(viewport={"width": 1400, "height": 900}, bypass_csp=True)
            page.goto(f"http://127.0.0.1:{server.port}/workspace?project=live")
            page.wait_for_selector("canvas")
            page.wait_for_function(f"({DRAWN})() >= 50")
            for step in range(51, 71):
                time.sleep(0.7)
                began = time.perf_counter()
                run.log({"loss": 1.0 / step}, step=step)
                page.wait_for_function(f"({DRAWN})() >= {step}", polling=20)
                took.append(time.perf_counter() - began)
            browser.close()
        run.finish()
    print(f"log() to picture: median {statistics.median(took) * 1e3:.0f} ms, worst {max(took) * 1e3:.0f} ms")


if __name__ == "__main__":
    main()
