"""The same work on the pages of peers, for ui.py: the older Runicorn and trackio, in environments of their own."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
import urllib.error
import urllib.request
import venv
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser

RUNS, METRICS, STEPS = 20, 24, 1000
QUIET_S = 2.0
CHARTS = "canvas, svg.marks, .js-plotly-plot, .vega-embed"
OLDER = """
import math, random, sys
import runicorn as rn
random.seed(1)
for number in range({runs}):
    run = rn.init(path=f"page/run-{{number:02}}", storage=sys.argv[1])
    for step in range({steps}):
        base = math.exp(-step / 300) + random.gauss(0, 0.03)
        run.log({{f"train/m{{m:02}}": base + number / 50 + m for m in range({metrics})}}, step=step)
    run.finish()
"""
TRACKIO = """
import math, random
import trackio
random.seed(1)
for number in range({runs}):
    trackio.init(project="page", name=f"run-{{number:02}}", embed=False)
    for step in range({steps}):
        base = math.exp(-step / 300) + random.gauss(0, 0.03)
        trackio.log({{f"train/m{{m:02}}": base + number / 50 + m for m in range({metrics})}}, step=step)
    trackio.finish()
"""


def environment(work: Path, name: str, requirement: str) -> Path:
    """The interpreter of an environment with one program from the package index."""
    place = work / f"venv-{name}"
    python = place / "bin" / "python"
    if not (place / "ready").exists():
        venv.create(place, with_pip=True)
        subprocess.run([python, "-m", "pip", "install", "-q", requirement], check=True)
        (place / "ready").touch()
    return python


@contextmanager
def serving(command: list[str], more: dict[str, str], url: str) -> Iterator[str]:
    """A server in a process of its own, once it answers."""
    process = subprocess.Popen(
        command, env={**os.environ, **more}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        for _ in range(120):
            try:
                urllib.request.urlopen(url, timeout=2).close()
                break
            except urllib.error.HTTPError:
                break
            except OSError:
                time.sleep(0.5)
        else:
            raise SystemExit("it does not answer")
        yield url
    finally:
        process.terminate()
        process.wait(timeout=20)


def looked_at(browser: Browser, url: str, meter_of: Callable[[Any], Any], charts: bool) -> tuple[float, float, int]:
    """(CPU until the page is quiet, MB of JavaScript as sent, canvases and SVGs that are shown)."""
    context = browser.new_context(viewport={"width": 1400, "height": 2400}, bypass_csp=True)
    page = context.new_page()
    meter = meter_of(page)
    sent = 0

    def count(response: Any) -> None:
        nonlocal sent
        if re.search(r"\.m?js(\?|$)", response.url):
            try:
                sent += len(response.body())
            except Exception:  # the browser may have dropped it
                return

    page.on("response", count)
    page.goto(url)
    if charts:  # the page is quiet while its server looks for them
        page.wait_for_selector(CHARTS, timeout=180_000)
    spent, quiet = meter.cpu(), time.monotonic()
    while time.monotonic() - quiet < QUIET_S:
        page.wait_for_timeout(250)
        now = meter.cpu()
        if now - spent > 0.05:
            quiet = time.monotonic()
        spent = now
    shown = page.locator(CHARTS).count()
    context.close()
    return spent, sent / 1e6, shown


def measure_peers(browser: Browser, work: Path, meter_of: Callable[[Any], Any], report: Callable[..., None]) -> None:
    """The whole load of the page with 24 metrics of 20 runs, as each of them shows it by default."""
    sizes = {"runs": RUNS, "steps": STEPS, "metrics": METRICS}
    python = environment(work, "runicorn07", "runicorn==0.7.2")
    root = work / "runicorn07"
    more = {"HOME": str(work / "home-runicorn07"), "RUNICORN_DIR": str(root)}
    command = [str(python.with_name("runicorn")), "viewer", "--storage", str(root), "--port", "24811"]
    # links into it do not work: what it opens with is its list of runs
    peer(
        browser,
        meter_of,
        report,
        "Runicorn 0.7.2, its list of runs",
        python,
        OLDER.format(**sizes),
        root,
        more,
        command,
        24811,
        charts=False,
    )
    python = environment(work, "trackio", "trackio==0.43.0")
    root = work / "trackio"
    more = {"HOME": str(work / "home-trackio"), "TRACKIO_DIR": str(root), "HF_HUB_OFFLINE": "1"}
    options = "open_browser=False, server_port=24812, host='127.0.0.1', block_thread=True"
    show = f"import trackio; trackio.show('page', {options})"
    peer(
        browser,
        meter_of,
        report,
        "trackio, its metrics",
        python,
        TRACKIO.format(**sizes),
        root,
        more,
        [str(python), "-c", show],
        24812,
        charts=True,
    )


def peer(
    browser: Browser,
    meter_of: Callable[[Any], Any],
    report: Callable[..., None],
    name: str,
    python: Path,
    program: str,
    root: Path,
    more: dict[str, str],
    command: list[str],
    port: int,
    charts: bool,
) -> None:
    """Data, server and page of one peer; says so where it does not run."""
    Path(more["HOME"]).mkdir(parents=True, exist_ok=True)
    try:
        if not (root / "made").exists():
            subprocess.run(
                [python, "-c", program, str(root)], check=True, env={**os.environ, **more}, stdout=subprocess.DEVNULL
            )
            (root / "made").touch()
        with serving(command, more, f"http://127.0.0.1:{port}/") as url:
            told(report, name, looked_at(browser, url, meter_of, charts))
    except (SystemExit, OSError, subprocess.SubprocessError) as error:
        print(f"{name}: did not run ({error})", file=sys.stderr)


def told(report: Callable[..., None], name: str, found: tuple[float, float, int]) -> None:
    cpu, sent, shown = found
    report(
        f"{name}: whole load",
        f"{cpu * 1e3:.0f} ms",
        f"{sent:.1f} MB of JavaScript, {shown} charts drawn",
        "-",
    )
