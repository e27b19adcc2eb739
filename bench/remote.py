"""Another machine's runs over a slow line: 50 ms each way, 10 Mbit/s, through a real SSH server.

.venv/bin/python bench/remote.py     needs Debian's chromium and openssh-server; makes its data once below --work

``first`` is from the click to the picture in a browser that was never there (of panels: ``one`` is the first of them,
which comes while the others are on their way); ``again`` the same with its cache;
``update`` from the logged value to its arrival in a live socket. ``direct`` is the same through SSH without delay: the
floor. ``MB`` came over the line until the picture was there, and ``line`` is what the line alone takes for it: these
bytes, and TRIPS journeys there and back that follow each other. Processor time, which a busy machine changes little:
``page`` of the page's main thread, ``here`` of this process (the tunnel, but also the delaying proxy and what drives
the browser), ``there`` of the viewer, all of the visit ``again``.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import ui
from playwright.sync_api import Browser, sync_playwright
from slow_line import SlowLine
from websockets.sync.client import connect

DELAY_S, BITS_PER_S = 0.05, 10e6
MANY = 1000
TRIPS = 2  # the list, with details; then the curves
LIVE = """
import sys, time, runicorn as rn
run = rn.init("live", storage=sys.argv[1], run_id=sys.argv[2], capture_env=False)
for line in sys.stdin:
    run.log({"loss": float(line)})
    print(time.time(), flush=True)
"""


def make_many(root: Path) -> None:
    """A thousand small runs, written through the SDK."""
    import runicorn as rn

    if root.exists():
        return
    making = root.with_name(f"{root.name}.making")
    shutil.rmtree(making, ignore_errors=True)
    for index in range(MANY):
        run = rn.init("many", "sweep", storage=making, capture_env=False, params={"lr": index / 1e4, "batch": 64})
        for step in range(5):
            run.log({"loss": 1 / (step + 1), "accuracy": step * 0.1, "val/loss": 2 / (step + 1)})
        run.summary({"note": index})
        run.finish()
    making.rename(root)


@contextmanager
def ssh_server(folder: Path) -> Iterator[int]:
    """A server of our own that lets one key in."""
    import socket

    sshd = shutil.which("sshd", path="/usr/sbin:/usr/bin")
    if sshd is None:
        raise SystemExit("needs a real SSH server: apt-get install openssh-server")
    for name in ("host", "user"):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / name)], check=True)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    Path("/run/sshd").mkdir(exist_ok=True)
    options = {
        "ListenAddress": f"127.0.0.1:{port}",
        "HostKey": folder / "host",
        "AuthorizedKeysFile": folder / "user.pub",
        "StrictModes": "no",
        "UsePAM": "no",
        "PermitRootLogin": "yes",
        "PidFile": "none",
        "Subsystem": "sftp internal-sftp",
    }
    (folder / "conf").write_text("".join(f"{name} {value}\n" for name, value in options.items()))
    process = subprocess.Popen([sshd, "-D", "-f", str(folder / "conf"), "-E", str(folder / "log")])
    for _ in range(100):
        with socket.socket() as asking:
            if asking.connect_ex(("127.0.0.1", port)) == 0:
                break
        time.sleep(0.05)
    try:
        yield port
    finally:
        process.terminate()
        process.wait()


class Opened:
    """A session, on a loop of its own."""

    def __init__(self, folder: Path, port: int, root: Path, compression: str) -> None:
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.thread.start()
        began = time.perf_counter()
        self.session, self.manager, self.pool = self.do(self._open(folder, port, root, compression))
        self.took = time.perf_counter() - began
        self.url: str = self.session.tunnel.url

    def do(self, work: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(120)

    async def _open(self, folder: Path, port: int, root: Path, compression: str) -> Any:
        import asyncssh
        from runicorn_remote_ssh.config import SSHConfig
        from runicorn_remote_ssh.known_hosts import KnownHosts
        from runicorn_remote_ssh.pool import SSHConnectionPool
        from runicorn_remote_ssh.prompts import NoPrompts
        from runicorn_remote_ssh.viewer.line import SSHLine
        from runicorn_remote_ssh.viewer.manager import Options, RemoteViewerManager

        known = KnownHosts(folder / f"known_{port}", others=[])
        key = asyncssh.read_public_key(str(folder / "host.pub")).export_public_key()
        known.own.write_bytes(f"[127.0.0.1]:{port} ".encode() + key)
        pool = SSHConnectionPool(known, files=[])
        config = SSHConfig(host="127.0.0.1", port=port, username=os.environ.get("USER", "root"), auth="key",
                           key_path=str(folder / "user"), jump=())  # fmt: skip
        manager = RemoteViewerManager(Options(compression=compression))
        line = SSHLine(await pool.connect(config, prompts=NoPrompts()))
        return await manager.start(line, str(root), python=sys.executable), manager, pool

    def close(self) -> None:
        self.do(self.manager.close())
        self.do(self.pool.close_all())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(5)


def listed(page: Any, url: str) -> float:
    began = time.perf_counter()
    page.goto(f"{url}/table?project=many")
    rows = page.locator("[role=grid] [role=row]")
    while rows.count() < 12:
        time.sleep(0.02)
        if time.perf_counter() - began > 60:
            raise SystemExit("the table did not come")
    return time.perf_counter() - began


def panels(page: Any, url: str, ones: list[float]) -> float:
    began = time.perf_counter()
    page.goto(f"{url}/workspace?project=page&side=0")
    ui.drawn(page, 1, ui.RUNS)
    ones.append(time.perf_counter() - began)
    ui.drawn(page, ui.PANELS, ui.RUNS)
    return time.perf_counter() - began


def updates(url: str, root: Path, times: int = 10) -> list[float]:
    """Seconds from a value being logged over there to its arrival in a live socket here."""
    run, pipe = f"live-{time.time():.0f}", subprocess.PIPE
    training = subprocess.Popen([sys.executable, "-c", LIVE, str(root), run], stdin=pipe, stdout=pipe, text=True)
    assert training.stdin is not None
    assert training.stdout is not None
    found = []
    with ExitStack() as opening:
        for number in range(times + 1):
            training.stdin.write(f"{number}\n")
            training.stdin.flush()
            logged = float(training.stdout.readline())
            if number == 0:
                live = opening.enter_context(connect(f"{url.replace('http', 'ws')}/api/metrics/{run}/ws"))
                live.recv(timeout=30)
                time.sleep(2)
                continue
            while json.loads(live.recv(timeout=30)).get("values", {}).get("loss") != number:
                pass
            found.append(time.time() - logged)
            time.sleep(1.3)
    training.communicate()
    return found


def cpu_of(pid: int) -> float:
    """Processor seconds of another process so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def measured(browser: Browser, opened: Opened, line: SlowLine, root: Path, what: str) -> dict[str, float]:
    url, viewer = opened.url, opened.session.viewer.pid
    context = browser.new_context(viewport={"width": 1400, "height": 3000})
    page = context.new_page()
    meter = ui.Meter(page)
    ones: list[float] = []
    first = listed(page, url) if what == "list" else panels(page, url, ones)
    page.wait_for_timeout(5000)  # all digits come behind the picture
    before, spent = line.carried[1], (time.process_time(), cpu_of(viewer))
    again = listed(page, url) if what == "list" else panels(page, url, ones)
    carried = line.carried[1] - before
    used = (meter.cpu(), time.process_time() - spent[0], cpu_of(viewer) - spent[1])  # a page begins at nothing
    figures = {"first": first, "again": again, "MB": carried / 1e6}
    if carried:
        figures["line"] = carried * 8 / BITS_PER_S + TRIPS * 2 * DELAY_S
    figures |= dict(zip(("page", "here", "there"), used, strict=True))
    page.wait_for_timeout(5000)
    if what == "panels":
        figures |= {"one": ones[0], "one again": ones[1]}
        figures["update"] = statistics.median(updates(url, root))
    context.close()
    return figures


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, default=Path.home() / ".cache" / "runicorn-bench" / "remote")
    parser.add_argument("--compression", choices=("auto", "on", "off"), default="auto")
    chosen = parser.parse_args()
    chosen.work.mkdir(parents=True, exist_ok=True)
    os.environ["RUNICORN_HOME"] = str(chosen.work / "home")
    ui.make(chosen.work, table=False)
    make_many(chosen.work / "many")
    roots = {"list": chosen.work / "many", "panels": chosen.work / "page"}
    rows: dict[tuple[str, str], dict[str, float]] = {}
    with tempfile.TemporaryDirectory() as temporary, sync_playwright() as playwright:
        folder = Path(temporary)
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=ui.ARGUMENTS)
        with ssh_server(folder) as port, SlowLine(port, DELAY_S, BITS_PER_S) as line:
            for what, root in roots.items():
                for way, through in (("direct", port), ("slow line", line.port)):
                    opened = Opened(folder, through, root, chosen.compression if way == "slow line" else "off")
                    try:
                        time.sleep(2)
                        rows[what, way] = {"start": opened.took, **measured(browser, opened, line, root, what)}
                    finally:
                        opened.close()
        browser.close()
    print(f"load average {os.getloadavg()[0]:.1f}, compression {chosen.compression}")
    for (what, way), figures in rows.items():
        print(f"{what:8}{way:11}" + "  ".join(f"{name} {value:.2f}" for name, value in figures.items()))


if __name__ == "__main__":
    main()
