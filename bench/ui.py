"""The web interface in Chromium: main-thread CPU of the pages that people keep open, bytes of JavaScript, the heap.

.venv/bin/python bench/ui.py             needs Debian's chromium; makes its data once below --work
.venv/bin/python bench/ui.py --table     also 10 000 runs of 50 columns (about two minutes to make)
.venv/bin/python bench/ui.py --updates 14400 --pause 0.25     the heap over a real hour
.venv/bin/python bench/ui.py --peers     also the pages of Runicorn 0.7.2 and trackio, in environments of their own

CPU is that of the page's main thread (Chromium's ``Performance.getMetrics`` in the time domain ``threadTicks``,
``TaskDuration``), so a busy machine changes it little.
"""

from __future__ import annotations

import argparse
import gzip
import json
import math
import os
import random
import re
import tempfile
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import CDPSession, Page, sync_playwright
from runicorn_viewer_http.modules.pack import pack
from runicorn_viewer_http.modules.sources import sources_of
from runicorn_viewer_http.pages import STATIC
from ui_peers import measure_peers
from viewer import served

ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
RUNS, PANELS, STEPS = 20, 24, 1000
CROWD = 200
UPDATES = 3600  # an hour of one update a second


def make(work: Path, table: bool) -> None:
    """Roots written through the SDK."""
    import runicorn as rn

    random.seed(1)
    if not (work / "page").exists():
        for number in range(RUNS):
            run = rn.init("page", storage=work / "page", run_id=f"run-{number:02}", capture_env=False)
            for step in range(STEPS):
                base = math.exp(-step / 300) + random.gauss(0, 0.03)
                run.log({f"train/m{metric:02}": base + number / 50 + metric for metric in range(PANELS)}, step=step)
            run.finish()
    if not (work / "crowd").exists():
        for number in range(CROWD):
            run = rn.init("crowd", storage=work / "crowd", run_id=f"run-{number:03}", capture_env=False)
            for step in range(1000):
                run.log({"loss": math.exp(-step / 300) + number / 100 + random.gauss(0, 0.03)}, step=step)
            run.finish()
    if table and not (work / "table").exists():
        for _ in range(10_000):
            params = {f"p{column:02}": random.random() for column in range(40)}
            run = rn.init("table", storage=work / "table", params=params, capture_env=False)
            run.log({f"val/m{metric}": random.random() for metric in range(10)}, step=1)
            run.finish()


class Meter:
    """The main thread's CPU of one page."""

    def __init__(self, page: Page) -> None:
        self.session: CDPSession = page.context.new_cdp_session(page)
        self.session.send("Performance.enable", {"timeDomain": "threadTicks"})

    def metrics(self) -> dict[str, float]:
        return {one["name"]: one["value"] for one in self.session.send("Performance.getMetrics")["metrics"]}

    def cpu(self) -> float:
        """Seconds."""
        return self.metrics()["TaskDuration"]

    def heap(self) -> float:
        """MB of JavaScript that are in use after a collection."""
        for _ in range(3):
            self.session.send("HeapProfiler.collectGarbage")
        return self.metrics()["JSHeapUsedSize"] / 2**20


def drawn(page: Page, panels: int, runs: int) -> None:
    """Wait until so many panels show all of so many runs."""
    for _ in range(1200):
        ready = page.locator(f'.plot[data-runs="{runs}"] canvas').count()
        if ready >= panels:
            return
        time.sleep(0.05)
    raise SystemExit(f"the page did not draw {panels} panels of {runs} runs")


def settled(page: Page) -> None:
    page.evaluate("() => new Promise((go) => requestAnimationFrame(() => requestAnimationFrame(() => go())))")


def again(page: Page, meter: Meter, panels: int, runs: int, times: int = 3) -> float:
    """CPU to build the page once more from data that are here, least of some times."""
    found = []
    for _ in range(times):
        page.evaluate("document.querySelector('.brand').click()")
        page.wait_for_selector(".page-head")
        settled(page)
        before = meter.cpu()
        page.evaluate("history.back()")
        drawn(page, panels, runs)
        settled(page)
        found.append(meter.cpu() - before)
    return min(found)


def panned(page: Page, meter: Meter, metric: str, moves: int = 30) -> float:
    """CPU of one move of a pan of the whole section, drawing included."""
    box = page.locator(f'[data-metric="{metric}"] .u-over').last.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.keyboard.down("Shift")
    page.mouse.down()
    page.mouse.move(x + 2, y)
    settled(page)
    before = meter.cpu()
    for move in range(moves):
        page.mouse.move(x + (move % 10) * 3, y)
        settled(page)
    spent = (meter.cpu() - before) / moves
    page.mouse.up()
    page.keyboard.up("Shift")
    return spent


def workspace(page: Page, url: str) -> dict[str, float]:
    meter = Meter(page)
    page.goto(f"{url}/workspace?project=page&side=0")
    drawn(page, PANELS, RUNS)
    settled(page)
    load = meter.cpu()
    paint = again(page, meter, PANELS, RUNS)
    return {"load": load, "paint": paint, "pan": panned(page, meter, "train/m00")}


def crowd(page: Page, url: str) -> dict[str, float]:
    meter = Meter(page)
    page.goto(f"{url}/workspace?project=crowd&side=0&s=0&panel=loss")
    drawn(page, 1, CROWD)
    settled(page)
    # another y scale is another chart: everything is drawn once more
    found = []
    for _ in range(4):
        before = meter.cpu()
        page.keyboard.press("l")
        settled(page)
        found.append(meter.cpu() - before)
    points = sum(int(p) for p in page.locator(".focus .plot").evaluate_all("all => all.map((p) => p.dataset.points)"))
    return {"draw": min(found), "pan": panned(page, meter, "loss"), "points": points}


def scrolled(page: Page, url: str, frames: int = 60) -> float:
    """CPU of one frame of a table that is scrolled; each step of the wheel is given two."""
    meter = Meter(page)
    page.goto(f"{url}/table?project=table")
    page.wait_for_selector("[role=grid] [role=row]", timeout=120_000)
    page.wait_for_timeout(3000)
    box = page.locator("[role=grid]").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    before = meter.cpu()
    for _ in range(frames):
        page.mouse.wheel(0, 120)
        settled(page)
    return (meter.cpu() - before) / frames / 2


LIVE = """
const Real = WebSocket;
window.sockets = [];
window.WebSocket = class extends Real { constructor(...given) { super(...given); window.sockets.push(this); } };
"""


def living(page: Page, url: str, run: Any, updates: int, pause: float) -> list[float]:
    """The heap while a run grows, at tenths of the updates."""
    meter = Meter(page)
    page.goto(f"{url}/workspace?project=live")
    page.wait_for_selector("canvas")
    heaps = []
    for update in range(updates):
        run.log({f"train/m{metric}": math.sin(update / 50 + metric) for metric in range(6)})
        if update % (updates // 10) == updates // 10 - 1:
            page.wait_for_timeout(1500)
            heaps.append(meter.heap())
        else:
            page.wait_for_timeout(pause * 1e3)
    return heaps


def javascript(url: str) -> dict[str, float]:
    """Gzipped kB of what the workspace loads at once, of what all other pages add, of what other plugins add.

    Each answer is compressed by itself, as it is sent. Other languages than the chosen one are never loaded.
    """

    def fetched(address: str) -> bytes:
        with urllib.request.urlopen(url + address) as answer:
            body: bytes = answer.read()
            return body

    page = fetched("/workspace?project=page").decode()
    base = re.search(r'src="([^"]*/)app\.js"', page)
    assert base is not None
    once = {*re.findall(r'modulepreload" href="([^"]+)"', page), *re.findall(r'<script[^>]* src="([^"]+)"', page)}
    packs = pack(sources_of(STATIC), "app.js").packs
    rest = {base[1] + name for name in packs if not name.startswith("i18n/")} - once
    plugins = json.loads(fetched("/api/plugins/panels"))
    drawn = {f"{one['base']}/{name}" for one in plugins for name in one["files"] if name.endswith(".js")}

    def total(addresses: set[str]) -> float:
        return sum(len(gzip.compress(fetched(address), 9)) for address in addresses) / 1000

    return {"once": total(once), "rest": total(rest), "plugins": total(drawn), "answers": len(once)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, default=Path(tempfile.gettempdir()) / "runicorn-bench-ui")
    parser.add_argument("--table", action="store_true", help="10 000 runs of 50 columns in the table")
    parser.add_argument("--pause", type=float, default=0.02, help="seconds between two live updates")
    parser.add_argument("--peers", action="store_true", help="the older Runicorn and trackio beside it")
    parser.add_argument("--updates", type=int, default=UPDATES, help="live updates for the heap (0: none)")
    given = parser.parse_args()
    given.work.mkdir(parents=True, exist_ok=True)
    os.environ["RUNICORN_HOME"] = str(given.work / "home")
    make(given.work, given.table)
    print(f"load average {os.getloadavg()[0]:.1f}")
    with served(given.work / "page") as server:
        sent = javascript(f"http://127.0.0.1:{server.port}")
    every = sent["once"] + sent["rest"]
    more = (
        f"the workspace {sent['once']:.0f} kB in {sent['answers']} answers; all other plugins {sent['plugins']:.0f} kB"
    )
    report("JavaScript of all pages, gzipped", f"{every:.0f} kB", more, "180 kB")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=ARGUMENTS)

        def with_page(root: str, look: Callable[[Page, str], Any], height: int = 900) -> Any:
            with served(given.work / root) as server:
                context = browser.new_context(viewport={"width": 1400, "height": height}, bypass_csp=True)
                context.add_init_script(LIVE)
                try:
                    return look(context.new_page(), f"http://127.0.0.1:{server.port}")
                finally:
                    context.close()

        # all 24 panels are in the window, so none is left out
        page = with_page("page", workspace, height=2400)
        report(
            f"{PANELS} panels x {RUNS} runs: paint once the data are there",
            ms(page["paint"]),
            f"whole load {ms(page['load'])}",
            "250 ms",
        )
        report("pan of all of them, a move", ms(page["pan"]), "", "40 ms")
        many = with_page("crowd", crowd)
        report(
            f"{CROWD} runs x 1 000 points in one chart: draw",
            ms(many["draw"]),
            f"{many['points']} points; a move of a pan {ms(many['pan'])}",
            "100 ms",
        )
        if given.table:
            report("10 000 runs x 50 columns: scroll, a frame", ms(with_page("table", scrolled)), "", "10 ms")
        if given.updates:
            import runicorn as rn

            run = rn.init("live", storage=given.work / f"live-{time.time():.0f}", capture_env=False)
            run.log({f"train/m{metric}": 0.0 for metric in range(6)})
            heaps = with_page(
                Path(run.dir).relative_to(given.work).parts[0],
                lambda p, url: living(p, url, run, given.updates, given.pause),
            )
            run.finish()
            report(
                f"heap over {given.updates} live updates",
                f"{heaps[0]:.1f} -> {heaps[-1]:.1f} MB",
                json.dumps([round(heap, 1) for heap in heaps]),
                "flat",
            )
        if given.peers:
            measure_peers(browser, given.work, Meter, report)
        browser.close()


def ms(seconds: float) -> str:
    return f"{seconds * 1e3:.1f} ms"


def report(what: str, figure: str, more: str, reach: str) -> None:
    print(f"{what:58} {figure:>16}   reach {reach:8} {more}", flush=True)


if __name__ == "__main__":
    main()
