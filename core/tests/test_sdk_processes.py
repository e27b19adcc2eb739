"""Threads, forks and several processes in one run: nothing is lost, whatever kills them."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import runicorn as rn
from runicorn.hooks import open_store
from runicorn.sdk.spool import recover

CALLS = 2000
ROUNDS = 3

BURST = f"""
import os, signal, sys, threading, time
import runicorn as rn

run = rn.init("p", run_id="one", resume="allow")

def burst(calls):
    for _ in range(calls):
        run.log({{"loss": 0.5, "accuracy": 0.25}})

def die():
    os.kill(os.getpid(), signal.SIGKILL)

CALLS = {CALLS}
"""

SHAPES = {
    "one process": "burst(CALLS)\ndie()",
    "four threads": """
threads = [threading.Thread(target=burst, args=(CALLS // 4,)) for _ in range(4)]
for thread in threads: thread.start()
for thread in threads: thread.join()
die()""",
    "four forks": """
children = []
for _ in range(4):
    child = os.fork()
    if not child:
        burst(CALLS // 4)
        die()
    children.append(child)
for child in children: os.waitpid(child, 0)
die()""",
    "four processes": "burst(CALLS // 4)\ndie()",
}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("_round", range(ROUNDS))
def test_every_call_that_returned_survives_sigkill(
    root: Path, tmp_path: Path, read_back: Any, shape: str, _round: int
) -> None:
    file = tmp_path / "program.py"
    file.write_text(BURST + SHAPES[shape])
    processes = [subprocess.Popen([sys.executable, str(file)]) for _ in range(4 if shape == "four processes" else 1)]
    assert {process.wait(60) for process in processes} == {-signal.SIGKILL}
    assert {one.key: one.n for one in read_back().series()} == {"loss": CALLS, "accuracy": CALLS}


def test_processes_that_change_a_document_in_the_same_instant_lose_no_change(root: Path, tmp_path: Path) -> None:
    file = tmp_path / "program.py"
    file.write_text("""
import sys
import runicorn as rn

me = sys.argv[1]
run = rn.init("p", run_id="one", resume="allow", tags=["common"])
print("ready", flush=True)
sys.stdin.readline()  # all at once
run.summary[me] = 1
run.params.update({"nested": {me: 1}})
run.tags.append(me)
run.finish()
""")
    names = [f"rank{number}" for number in range(6)]
    processes = [
        subprocess.Popen([sys.executable, str(file), name], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        for name in names
    ]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write(b"\n")
        process.stdin.flush()
    for process in processes:
        process.communicate(timeout=60)
        assert process.returncode == 0
    store = open_store(root)
    (record,) = store.find_runs("one")
    reader = store.open_run(record.ref)
    assert sorted(reader.read("summary")) == names
    assert reader.read("params")["nested"] == dict.fromkeys(names, 1)
    assert sorted(record.tags) == ["common", *names]


def test_a_tag_that_one_process_removes_stays_removed(root: Path) -> None:
    first = rn.init("p", run_id="one", tags=["a", "b"])
    second = rn.init("p", run_id="one", resume="allow")
    assert list(second.tags) == ["a", "b"]
    first.tags.remove("a")
    first.finish()
    second.tags.append("c")
    second.finish()
    (record,) = open_store(root).find_runs("one")
    assert record.tags == ("b", "c")


def test_threads_of_one_process_never_share_an_automatic_step(script: Any, read_back: Any) -> None:
    done = script(BURST + SHAPES["four threads"].replace("die()", ""))
    assert done.returncode == 0, done.stderr
    assert [record.step for record in read_back().records()] == list(range(1, CALLS + 1))


def test_a_forked_child_has_its_own_file_and_leaves_the_status_to_its_parent(
    script: Any, read_back: Any, only_run: Any
) -> None:
    done = script(
        BURST
        + """
run.log(parent=1)
child = os.fork()
if not child:
    run.log(child=1)
    run.log_text("from the child")
    run.params["child"] = True
    sys.exit(3)
assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 3
assert rn.get_active_run() is run
run.log(parent=2)
silent = os.fork()
if not silent:
    os._exit(0)
os.waitpid(silent, 0)
"""
    )
    assert done.returncode == 0, done.stderr
    folder = read_back().folder
    assert len(list(folder.glob("events*.jsonl"))) == 2
    assert len(list(folder.glob("writers/*.json"))) == 2
    found = sorted((record.step, *record.data.items()) for record in read_back().records())
    assert found == [(1, ("parent", 1)), (2, ("child", 1)), (2, ("parent", 2))]
    assert [line.text for line in read_back().logs().lines] == ["from the child"]
    assert read_back().read("params") == {"child": True}
    assert only_run().status == "finished"


def test_a_fork_while_other_threads_log_does_not_hang(script: Any, read_back: Any) -> None:
    done = script(
        BURST
        + """
stop = threading.Event()
def work():
    while not stop.is_set():
        run.log(parent=1)
        time.sleep(0.0002)
workers = [threading.Thread(target=work) for _ in range(2)]
for worker in workers: worker.start()
for _ in range(20):
    child = os.fork()
    if not child:
        run.log(child=1)
        run.finish()
        os._exit(0)
    os.waitpid(child, 0)
stop.set()
for worker in workers: worker.join()
"""
    )
    assert done.returncode == 0, done.stderr
    assert next(one.n for one in read_back().series() if one.key == "child") == 20


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_processes_of_multiprocessing_lose_nothing(script: Any, read_back: Any, only_run: Any, method: str) -> None:
    done = script(
        f"""
import multiprocessing, numpy, runicorn as rn

def work(rank):
    run = rn.get_active_run() or rn.init("p", run_id="one", resume="must")
    run.log({{f"rank{{rank}}": 1.0}})
    run.log_image("picture", numpy.full((4, 4), rank, dtype="uint8"))

if __name__ == "__main__":
    with rn.init("p", run_id="one") as run:
        run.log(parent=1)
        context = multiprocessing.get_context("{method}")
        workers = [context.Process(target=work, args=(rank,)) for rank in range(3)]
        for worker in workers: worker.start()
        for worker in workers: worker.join()
        assert [worker.exitcode for worker in workers] == [0, 0, 0]
"""
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert {one.key for one in read_back().series()} == {"parent", "rank0", "rank1", "rank2"}
    assert len(read_back().media("picture")) == 3
    assert only_run().status == "finished"
    ended = [entry for entry in read_back().folder.glob("writers/*.json") if b'"ended_at": null' in entry.read_bytes()]
    assert ended == []


def test_several_processes_start_one_run_at_the_same_time(root: Path, tmp_path: Path, read_back: Any) -> None:
    file = tmp_path / "program.py"
    file.write_text(BURST + "burst(10)\nrun.finish()")
    processes = [subprocess.Popen([sys.executable, str(file)]) for _ in range(6)]
    assert [process.wait(60) for process in processes] == [0] * 6
    reader = read_back()
    assert {one.n for one in reader.series()} == {60}
    assert reader.record.status == "finished"
    assert len(list(reader.folder.glob("writers/*.json"))) == 6


def test_a_process_that_joined_ends_the_run_when_the_others_are_gone(root: Path, tmp_path: Path, only_run: Any) -> None:
    file = tmp_path / "first.py"
    file.write_text(BURST + "print('ready', flush=True)\nsys.stdin.read()")
    first = subprocess.Popen([sys.executable, str(file)], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert first.stdout is not None
    first.stdout.readline()
    second = tmp_path / "second.py"
    second.write_text(BURST + "sys.stdin.read()\nrun.finish()")
    joined = subprocess.Popen([sys.executable, str(second)], stdin=subprocess.PIPE, stderr=subprocess.PIPE)
    folder = root / "p" / "default" / "runs" / "one" / "writers"
    while len(list(folder.glob("*.json"))) < 2:
        assert joined.poll() is None, joined.stderr
        time.sleep(0.01)
    first.kill()
    first.communicate()
    assert only_run().status == "running"
    joined.communicate(b"")
    assert only_run().status == "finished"


def test_a_child_forked_while_another_thread_imports_can_import_the_same(tmp_path: Path) -> None:
    (tmp_path / "slow_to_import.py").write_text("import time\ntime.sleep(0.5)\nvalue = 7\n", encoding="utf-8")
    program = """
import os, sys, threading, time
import runicorn as rn

run = rn.init("p", capture_env=False)
threading.Thread(target=__import__, args=("slow_to_import",)).start()
time.sleep(0.1)
child = os.fork()
if child == 0:
    import slow_to_import
    os._exit(slow_to_import.value)
for _ in range(600):
    done, status = os.waitpid(child, os.WNOHANG)
    if done:
        print("ended with", os.waitstatus_to_exitcode(status))
        break
    time.sleep(0.1)
else:
    os.kill(child, 9)
    print("hung")
run.finish()
"""
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=True, timeout=200)
    assert done.stdout == "ended with 7\n"


TERMINATED = """
import os, signal, threading, time
import runicorn as rn

run = rn.init("p", capture_env=False, capture_system=False)
child = os.fork()
if not child:
    {records}
    # It comes to a thread that waits for nothing: the main one does not notice.
    threading.Thread(target=lambda: signal.pthread_kill(threading.get_ident(), signal.SIGTERM)).start()
    os.read(os.pipe()[0], 1)
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
run.finish()
"""


@pytest.mark.parametrize("records", ["pass", "run.log(loss=1.0); run.summary['child'] = 'said'"])
def test_sigterm_ends_a_forked_child_whose_main_thread_waits_for_something(
    script: Any, read_back: Any, records: str
) -> None:
    """As ``Pool.terminate()`` meets its workers now and then; what they have to write is written."""
    done = script(TERMINATED.format(records=records))
    assert (done.stdout.strip(), done.stderr) == (str(-signal.SIGTERM), "")
    assert read_back().read("summary") == ({} if records == "pass" else {"child": "said"})


def test_pools_of_workers_that_log_end(script: Any, read_back: Any) -> None:
    program = """
import multiprocessing
import runicorn as rn

def work(number):
    rn.log(worker=number)

if __name__ == "__main__":
    with rn.init("p", capture_env=False, capture_system=False):
        for _ in range(4):
            with multiprocessing.get_context("fork").Pool(3) as pool:
                pool.map(work, range(12))
"""
    assert script(program).stderr == ""
    assert sum(1 for _ in read_back().records()) == 48


def test_sigterm_right_after_a_fork_ends_the_child_and_nothing_of_the_parents(script: Any, only_run: Any) -> None:
    program = """
import os, signal, time
import runicorn as rn

os.register_at_fork(after_in_child=lambda: os.kill(os.getpid(), signal.SIGTERM))  # before ours looks at the child
run = rn.init("p", capture_env=False, capture_system=False)
child = os.fork()
if not child:
    time.sleep(200)
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), signal.pthread_sigmask(signal.SIG_BLOCK, []), flush=True)
run.log(loss=1.0)
run.finish()
"""
    done = script(program)
    assert (done.stdout.strip(), done.stderr) == (f"{-signal.SIGTERM} set()", "")
    assert (only_run().status, only_run().trouble) == ("finished", ())


IN_A_CONTAINER = """
import os, sys
readlink = os.readlink
os.readlink = lambda path, **k: "pid:[1]" if os.fspath(path) == "/proc/self/ns/pid" else readlink(path, **k)
os.getpid = lambda: 4_190_000  # which on the machine is no process
import runicorn as rn

run = rn.init("p", storage=sys.argv[1], capture_env=False, capture_system=False)
run.log(loss=1.0)
print(run.id, flush=True)
sys.stdin.read()
os._exit(0)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="containers are Linux's")
@pytest.mark.parametrize("storage", ["runs", "spool"])
def test_a_run_in_a_container_of_this_machines_name_is_not_taken_for_dead(
    root: Path, tmp_path: Path, storage: str
) -> None:
    place = root if storage == "runs" else Path("/dev/null/nowhere")  # a storage that cannot be written
    command = [sys.executable, "-c", IN_A_CONTAINER, str(place)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    try:
        assert process.stdout is not None
        assert process.stdout.readline().strip()
        if storage == "runs":
            (record,) = open_store(root).list_runs()
            assert record.status == "running"
        else:
            (found,) = recover()
            assert "still writes it" in found.trouble
            assert found.spool.exists()
    finally:
        process.communicate()
