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
OLDER = """
import math, random, sys
import runicorn as rn
random.seed(1)
for number in range({runs}):
    run = rn.init(project="page", name=f"run-{{number:02}}", storage=sys.argv[1])
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
    trackio.init(project="page", name=f"run-{{number:02}}")
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
def serving(command: list[str], more: dict[str, str], urls: list[str]) -> Iterator[str]:
    """A server in a process of its own, and the first of the addresses that answers."""
    process = subprocess.Popen(
        command, env={**os.environ, **more}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        for _ in range(240):
            for url in urls:
                try:
                    with urllib.request.urlopen(url, timeout=2):
                        break
                except urllib.error.HTTPError:
                    break
                except OSError:
                    continue
            else:
                time.sleep(0.5)
                continue
            break
        else:
            raise SystemExit(f"{command[0]} did not start")
        yield url
    finally:
        process.terminate()
        process.wait(timeout=20)


def looked_at(browser: Browser, url: str, meter_of: Callable[[Any], Any]) -> tuple[float, float, int]:
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
    spent, quiet = meter.cpu(), time.monotonic()
    while time.monotonic() - quiet < QUIET_S:
        page.wait_for_timeout(250)
        now = meter.cpu()
        if now - spent > 0.05:
            quiet = time.monotonic()
        spent = now
    shown = page.locator("canvas, svg.marks, .js-plotly-plot").count()
    context.close()
    return spent, sent / 1e6, shown


def measure_peers(browser: Browser, work: Path, meter_of: Callable[[Any], Any], report: Callable[..., None]) -> None:
    """The whole load of the page with 24 metrics of 20 runs, as each of them shows it by default."""
    sizes = {"runs": RUNS, "steps": STEPS, "metrics": METRICS}
    python = environment(work, "runicorn07", "runicorn==0.7.2")
    root = work / "runicorn07"
    if not root.exists():
        subprocess.run([python, "-c", OLDER.format(**sizes), str(root)], check=True, stdout=subprocess.DEVNULL)
    command = [
        str(python.with_name("runicorn")),
        "viewer",
        "--storage",
        str(root),
        "--host",
        "127.0.0.1",
        "--port",
        "24811",
    ]
    try:
        with serving(command, {}, ["http://127.0.0.1:24811/"]) as url:
            told(report, "Runicorn 0.7.2", looked_at(browser, url, meter_of))
    except (SystemExit, subprocess.SubprocessError) as error:
        print(f"Runicorn 0.7.2: did not run ({error})", file=sys.stderr)
    python = environment(work, "trackio", "trackio==0.43.0")
    home = work / "trackio"
    more = {"TRACKIO_DIR": str(home), "GRADIO_ANALYTICS_ENABLED": "False", "GRADIO_SERVER_PORT": "24812"}
    try:
        if not home.exists():
            subprocess.run(
                [python, "-c", TRACKIO.format(**sizes)],
                check=True,
                env={**os.environ, **more},
                stdout=subprocess.DEVNULL,
            )
        command = [str(python.with_name("trackio")), "show", "--project", "page"]
        with serving(command, more, ["http://127.0.0.1:24812/", "http://127.0.0.1:7860/"]) as url:
            told(report, "trackio", looked_at(browser, f"{url}?project=page", meter_of))
    except (SystemExit, subprocess.SubprocessError) as error:
        print(f"trackio: did not run ({error})", file=sys.stderr)


def told(report: Callable[..., None], name: str, found: tuple[float, float, int]) -> None:
    cpu, sent, shown = found
    report(
        f"{name}: its page of {METRICS} metrics x {RUNS} runs, whole load",
        f"{cpu * 1e3:.0f} ms",
        f"{sent:.1f} MB of JavaScript, {shown} charts drawn",
        "-",
    )
