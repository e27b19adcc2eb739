"""How processes end: exit codes, tracebacks and handlers stay what they are; the run's status says what happened."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from runicorn.hooks import open_store

START = "import runicorn as rn, os, signal, sys, time\nrun = rn.init('p')\nrun.log(loss=1.0)\n"


@pytest.mark.parametrize(
    ("rest", "code", "status"),
    [
        ("", 0, "finished"),
        ("sys.exit(0)", 0, "finished"),
        ("raise ValueError('boom')", 1, "failed"),
        ("raise KeyboardInterrupt", -signal.SIGINT, "interrupted"),
        ("with run: sys.exit(3)", 3, "failed"),
        ("with run: raise SystemExit('gone')", 1, "failed"),
        ("sys.exit(3)", 3, "finished"),
        ("try:\n    raise ValueError('boom')\nexcept ValueError:\n    pass", 0, "finished"),
        ("run.finish('failed')", 0, "failed"),
        ("import threading\nt = threading.Thread(target=lambda: 1 / 0); t.start(); t.join()", 0, "finished"),
    ],
)
def test_the_exit_code_stays_and_the_status_says_it(
    script: Any, only_run: Any, rest: str, code: int, status: str
) -> None:
    done = script(START + rest)
    assert (done.returncode, only_run().status) == (code, status), done.stderr


def test_an_exception_that_leaves_the_process_is_printed_and_kept(script: Any, only_run: Any) -> None:
    done = script(START + "def train():\n    raise ValueError('boom')\ntrain()")
    assert done.stderr.rstrip().endswith("ValueError: boom")
    end = only_run().exit
    assert (end["kind"], end["type"], end["message"]) == ("exception", "ValueError", "boom")
    assert "in train" in end["traceback"]


def test_an_excepthook_of_the_user_still_runs(script: Any, only_run: Any) -> None:
    done = script(START + "sys.excepthook = lambda *a: print('mine', a[0].__name__)\nraise ValueError")
    assert "mine ValueError" in done.stdout
    assert only_run().status == "failed"


def started(program: str, tmp_path: Path) -> subprocess.Popen[str]:
    file = tmp_path / "program.py"
    file.write_text(program, encoding="utf-8")
    process = subprocess.Popen([sys.executable, str(file)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    process.stdout.readline()
    return process


WAIT = "print('ready', flush=True)\nfor _ in range(900): time.sleep(0.1)\n"


def test_sigterm_interrupts_the_run_and_ends_the_process_by_the_signal(
    root: Path, tmp_path: Path, only_run: Any
) -> None:
    process = started(START + WAIT, tmp_path)
    process.terminate()
    assert process.wait(60) == -signal.SIGTERM
    assert process.communicate()[1] == ""
    record = only_run()
    assert (record.status, record.exit["kind"], record.exit["type"]) == ("interrupted", "signal", "SIGTERM")


def test_sigterm_during_finish_still_ends_the_run(root: Path, tmp_path: Path, only_run: Any) -> None:
    program = """
import time, runicorn as rn
from runicorn.hookspecs import hookimpl
from runicorn.loader import manager

class Slow:
    @hookimpl
    def run_finished(self):
        print("ready", flush=True)
        time.sleep(0.5)

manager().add("slow", Slow())
run = rn.init("p")
run.log(loss=1.0)
run.finish()
time.sleep(90)
"""
    process = started(program, tmp_path)
    process.terminate()
    assert process.wait(60) == -signal.SIGTERM
    assert process.communicate()[1] == ""
    assert only_run().status == "interrupted"


def test_sigterm_while_init_writes_the_first_documents_ends_the_run(root: Path, tmp_path: Path, only_run: Any) -> None:
    program = """
import os, signal, threading, runicorn as rn
fsync = os.fsync

def interrupted(descriptor):
    if threading.current_thread() is threading.main_thread() and signal.getsignal(signal.SIGTERM) != signal.SIG_DFL:
        signal.raise_signal(signal.SIGTERM)
        signal.raise_signal(signal.SIGTERM)
    fsync(descriptor)

print("ready", flush=True)
os.fsync = interrupted
rn.init("p", params={"lr": 0.1})
os._exit(3)
"""
    process = started(program, tmp_path)
    assert process.wait(60) == -signal.SIGTERM
    assert process.communicate()[1] == ""
    assert only_run().status == "interrupted"


def test_sigterm_ends_the_first_process_of_a_container_too(root: Path, tmp_path: Path, only_run: Any) -> None:
    """The default action of a signal does nothing to it: the training would go on beside a run that has ended."""
    program = """
import os, signal, time, runicorn as rn
os.kill = lambda pid, number: None
run = rn.init("p")
run.log(loss=1.0)
print("ready", flush=True)
time.sleep(90)
"""
    process = started(program, tmp_path)
    process.terminate()
    assert process.wait(60) == 128 + signal.SIGTERM
    assert process.communicate()[1] == ""
    assert only_run().status == "interrupted"


def test_a_second_sigterm_while_the_first_is_heeded_changes_nothing(root: Path, tmp_path: Path, only_run: Any) -> None:
    """``timeout`` sends two."""
    program = """
import os, signal, time, runicorn as rn
from runicorn.hookspecs import hookimpl
from runicorn.loader import manager

class Slow:
    @hookimpl
    def run_finished(self, status):
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(0.3)
        with open("told", "a") as file: file.write(status)

manager().add("slow", Slow())
run = rn.init("p")
run.log(loss=1.0)
print("ready", flush=True)
time.sleep(90)
"""
    process = started(program, tmp_path)
    process.terminate()
    assert process.wait(60) == -signal.SIGTERM
    assert process.communicate()[1] == ""
    assert only_run().status == "interrupted"
    assert (tmp_path / "told").read_text() == "interrupted"


def test_ctrl_c_interrupts_the_run(root: Path, tmp_path: Path, only_run: Any) -> None:
    process = started(START + "with run:\n    " + WAIT.replace("\n", "\n    "), tmp_path)
    process.send_signal(signal.SIGINT)
    assert process.wait(60) == -signal.SIGINT
    assert "KeyboardInterrupt" in process.communicate()[1]
    assert only_run().status == "interrupted"


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_handler_of_the_user_is_never_replaced(root: Path, tmp_path: Path, only_run: Any, when: str) -> None:
    # Not print(): the signal may come while the program is still printing that it is ready.
    own = "def handler(*_):\n    os.write(1, b'mine\\n')\n    sys.exit(7)\nsignal.signal(signal.SIGTERM, handler)\n"
    program = START + own + WAIT if when == "after" else "import os, signal, sys\n" + own + START + WAIT
    process = started(program, tmp_path)
    process.terminate()
    assert process.wait(60) == 7
    assert process.communicate()[0] == "mine\n"
    assert only_run().status == "finished"


def test_a_signal_handler_may_log(script: Any, read_back: Any) -> None:
    done = script(
        START
        + "signal.signal(signal.SIGALRM, lambda *_: (run.log(alarm=1), run.log_text('alarm')))\n"
        + "signal.setitimer(signal.ITIMER_REAL, 0.0005, 0.0005)\n"
        + "for _ in range(20000): run.log(loss=1.0)\n"
        + "signal.setitimer(signal.ITIMER_REAL, 0)\n"
    )
    assert done.returncode == 0, done.stderr
    series = {one.key: one.n for one in read_back().series()}
    assert series["loss"] == 20001
    assert series["alarm"] == len(read_back().logs().lines) > 0


def test_a_killed_process_leaves_a_run_that_reads_as_crashed(root: Path, tmp_path: Path, only_run: Any) -> None:
    process = started(START + "run.params['late'] = 1\ntime.sleep(0.5)\n" + WAIT, tmp_path)
    assert only_run().status == "running"
    process.kill()
    process.wait()
    process.communicate()
    until = time.monotonic() + 60
    while only_run().status != "crashed":
        assert time.monotonic() < until
        time.sleep(0.01)
    assert (only_run().ref.project, only_run().exit) == ("p", None)


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="the system has no interval timers")
def test_a_signal_handler_that_logs_at_any_moment_never_blocks_the_training(script: Any, only_run: Any) -> None:
    program = """
import faulthandler, signal, time, runicorn as rn
faulthandler.dump_traceback_later(150, exit=True)
run = rn.init('p')
run.set_primary_metric('acc')
ticks = [0]
def tick(*_):
    ticks[0] += 1
    run.log(acc=1e9 + ticks[0])
    run.params['ticks'] = ticks[0]
signal.signal(signal.SIGALRM, tick)
signal.setitimer(signal.ITIMER_REAL, 0.0005, 0.0005)
until = time.time() + 2
step = 0
while time.time() < until:
    step += 1
    run.log(acc=float(step))
signal.setitimer(signal.ITIMER_REAL, 0)
run.finish()
"""
    done = script(program)
    assert (done.returncode, done.stderr) == (0, "")
    assert only_run().status == "finished"


def test_sigterm_inside_log_ends_the_process_at_once(root: Path, tmp_path: Path, only_run: Any) -> None:
    program = """
import os, signal, runicorn as rn
run = rn.init('p')
run.log(loss=1.0)
append = run._writing.events
def interrupted(line):
    os.kill(os.getpid(), signal.SIGTERM)
    append(line)
run._writing.events = interrupted
print('ready', flush=True)
run.log(loss=2.0)
"""
    process = started(program, tmp_path)
    assert process.communicate(timeout=60)[1] == ""
    assert process.returncode == -signal.SIGTERM
    assert only_run().status == "interrupted"


def test_what_others_want_to_record_is_waited_for_when_sigterm_comes_inside_log(
    root: Path, tmp_path: Path, only_run: Any
) -> None:
    """They need what ``log()`` holds while it stands still below the handler, which waits for them."""
    program = """
import os, signal, runicorn as rn
from runicorn.hookspecs import hookimpl
from runicorn.loader import manager
from runicorn.model.alert import Alert

class Says:
    name = "says"
    def observe(self, batch): return []
    def finish(self): return [Alert("the last word")]

class Plugin:
    @hookimpl
    def register_monitors(self): return [Says()]

manager().add("says", Plugin())
run = rn.init("p", capture_env=False)
append = run._writing.events
def interrupted(line):
    run._writing.events = append
    os.kill(os.getpid(), signal.SIGTERM)
    append(line)
run._writing.events = interrupted
print("ready", flush=True)
run.log(loss=2.0)
"""
    process = started(program, tmp_path)
    said = process.communicate(timeout=200)[1]
    assert process.returncode == -signal.SIGTERM
    assert "in time" not in said
    assert only_run().status == "interrupted"
    assert '"the last word"' in (root / only_run().ref.folder / "events.jsonl").read_text()


def test_ctrl_c_ends_by_the_signal_though_something_evaluates_text_meanwhile(script: Any, only_run: Any) -> None:
    program = """
import time, runicorn as rn
from collections import namedtuple
from runicorn.hookspecs import hookimpl
from runicorn.loader import manager

class Late:
    @hookimpl
    def run_finished(self, run, status):
        namedtuple('Text', 'evaluated')

manager().add('late', Late())
rn.init('p').log(loss=1.0)
raise KeyboardInterrupt
"""
    assert script(program).returncode == -signal.SIGINT
    assert only_run().status == "interrupted"


def test_ctrl_c_in_asyncio_interrupts_the_run(script: Any, only_run: Any) -> None:
    program = """
import asyncio, os, signal, runicorn as rn
async def main():
    with rn.init('p') as run:
        run.log(loss=1.0)
        asyncio.get_running_loop().call_later(0.1, os.kill, os.getpid(), signal.SIGINT)
        await asyncio.sleep(5)
asyncio.run(main())
"""
    script(program)
    assert only_run().status == "interrupted"


def test_what_a_users_signal_handler_raises_inside_log_reaches_the_user_and_nothing_is_written_twice() -> None:
    program = """
import signal, time
import runicorn as rn
class Timeout(Exception): pass
def handler(*_): raise Timeout
signal.signal(signal.SIGALRM, handler)
run, calls, caught = rn.init("timeouts", run_id="t", capture_env=False), 0, 0
for _ in range(60):
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.002)
        end = time.monotonic() + 0.05
        while time.monotonic() < end:
            calls += 1
            run.log(loss=calls)
    except Timeout:
        caught += 1
    signal.setitimer(signal.ITIMER_REAL, 0)
run.finish()
print(caught, len(run._troubles.entries()))
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=200)
    assert done.stdout.split() == ["60", "0"], done.stderr
    (record,) = open_store().find_runs("t")
    (table,) = open_store().read_metrics([record.ref], ["loss"])
    values = list(table.columns["loss"].values)
    assert len(values) == len(set(values))
