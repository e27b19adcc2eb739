"""The storage fails while a training runs: nothing is raised, nothing is lost, and the run says what happened."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import runicorn as rn
from runicorn.config import state_dir
from runicorn.contracts import Store
from runicorn.errors import StorageFull
from runicorn.hooks import open_store
from runicorn.hookspecs import hookimpl
from runicorn.loader import Manager, use_manager
from runicorn.sdk import background
from runicorn.sdk.spool import recover
from runicorn.serialize import dumps


def spools() -> list[Path]:
    return sorted(state_dir().glob("spool-*.jsonl"))


def the_run(root: Path) -> Any:
    store = open_store(root)
    (record,) = store.list_runs()
    return store.open_run(record.ref)


def count(root: Path) -> dict[str, int]:
    return {one.key: one.n for one in the_run(root).series()}


def wait_for(condition: Callable[[], object], seconds: float = 60.0) -> None:
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "it did not happen in time"
        time.sleep(0.02)


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Try to come home sooner than users need it."""
    monkeypatch.setattr(background, "RETRY_S", 0.2)
    monkeypatch.setattr(background, "SYNC_S", 0.1)
    monkeypatch.setattr(background, "DOCUMENTS_S", 0.1)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of one megabyte."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)], check=False, capture_output=True
    )
    if mounted.returncode:
        pytest.skip("mounting a small file system needs root; run the tests as root in a container")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def test_a_full_disk_is_survived_and_everything_comes_home(
    root: Path, small_disk: Path, caplog: pytest.LogCaptureFixture
) -> None:
    ballast = small_disk / "ballast"
    calls = 0
    with rn.init("p", storage=small_disk / "runs") as run:
        ballast.write_bytes(b"x" * 900_000)
        run.params["early"] = 1
        while not run._writing.spooled:
            run.log({"loss": float(calls), "name": "x" * 100})
            calls += 1
        run.params["late"] = 2
        run.log_text("while the disk was full")
        run.log_image("picture", np.zeros((4, 4), dtype="uint8"))
        for _ in range(1000):
            run.log({"loss": float(calls)})
            calls += 1
        assert spools()
        ballast.unlink()
        wait_for(lambda: not run._writing.spooled)
        run.log({"loss": float(calls)})
        calls += 1
    assert spools() == []
    reader = the_run(small_disk / "runs")
    assert sorted(float(str(record.data["loss"])) for record in reader.records()) == list(range(calls))
    assert [line.text for line in reader.logs().lines] == ["while the disk was full"]
    assert len(reader.media("picture")) == 1
    assert (reader.folder / reader.media("picture")[0].path).is_file()
    assert reader.read("params") == {"early": 1, "late": 2}
    assert reader.record.status == "finished"
    assert any("storage" in str(entry["what"]) for entry in reader.record.trouble)
    assert sum("records are kept in" in message for message in caplog.messages) == 1


def test_a_disk_that_stays_full_leaves_a_spool_that_recover_brings_home(root: Path, small_disk: Path) -> None:
    ballast = small_disk / "ballast"
    with rn.init("p", storage=small_disk / "runs") as run:
        _fill(ballast)
        for number in range(3000):
            run.log({"loss": number})
        run.summary({"final": 1})
    assert run._writing.spooled
    # The spool names this process, which still lives: it looks abandoned only to a process after it.
    assert [found.trouble != "" for found in recover()] == [True] * len(spools())
    ballast.unlink()
    recovered = in_another_process(recover_program())
    assert "0 left" in recovered
    assert count(small_disk / "runs") == {"loss": 3000}
    reader = the_run(small_disk / "runs")
    assert (reader.record.status, reader.record.summary) == ("finished", {"final": 1})


def _fill(file: Path) -> None:
    with file.open("wb", buffering=0) as target:
        try:
            while True:
                target.write(b"x" * 4096)
        except OSError:
            return


def recover_program() -> str:
    return (
        "from runicorn.sdk.spool import recover\n"
        "import runicorn.sdk.spool as spool, sys\n"
        "spool._in_use = lambda path, head: False\n"
        "print(sum(bool(one.trouble) for one in recover()), 'left')"
    )


def in_another_process(program: str) -> str:
    return subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True).stdout


def test_a_folder_that_is_removed_while_logging_raises_nothing(root: Path, caplog: pytest.LogCaptureFixture) -> None:
    with rn.init("p") as run:
        run.log(a=1)
        shutil.rmtree(run.dir)
        wait_for(lambda: run._writing.spooled)
        for _ in range(100):
            run.log(a=2)
        run.params["x"] = 1
        run.log_text("still here")
    assert not run.dir.exists(), "what somebody removed does not come back unasked"
    assert spools()
    assert in_another_process(recover_program()).startswith("0 left")
    assert count(root) == {"a": 101}
    reader = the_run(root)
    assert (reader.record.status, reader.read("params")) == ("finished", {"x": 1})


def test_what_was_logged_before_and_after_the_folder_was_removed_is_read_back(root: Path) -> None:
    with rn.init("p") as run:
        for step in range(1, 51):
            run.log(a=step)
        run.log_text("before")
        shutil.rmtree(run.dir)
        for step in range(51, 101):  # nobody has noticed yet
            run.log(a=step)
        run.log_text("after")
    assert not run.dir.exists()
    assert in_another_process(recover_program()).startswith("0 left")
    reader = the_run(root)
    assert sorted(record.step for record in reader.records()) == list(range(1, 101))
    assert [line.text for line in reader.logs().lines] == ["before", "after"]
    assert reader.record.status == "finished"


def test_files_that_are_removed_from_a_folder_that_stays_come_back(root: Path) -> None:
    with rn.init("p") as run:
        run.log(a=1)
        (run.dir / "events.jsonl").unlink()
        run.log(a=2)
        run.log(a=3)
    assert count(root) == {"a": 3}
    assert spools() == []


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_a_signal_inside_log_during_an_outage_ends_the_run_without_a_wait(root: Path, script: Any) -> None:
    done = script("""
import os, signal, time, runicorn as rn
run = rn.init("p", capture_env=False)
run.log(a=1.0)
run._writing.interrupt(OSError("no space"))
inner = run._writing.session.spool._write_whole
run.log(a=2.0)
def terminated(line):
    run._writing.session.spool._write_whole = inner
    os.kill(os.getpid(), signal.SIGTERM)  # log() stands still here, with every lock that it takes
    return inner(line)
run._writing.session.spool._write_whole = terminated
run.log(a=3.0)
""")
    assert done.returncode == -signal.SIGTERM, done.stderr
    recover()
    assert count(root)["a"] >= 2
    assert the_run(root).record.status == "interrupted"  # nobody waited for anybody in vain


def test_a_folder_that_is_moved_away_and_back_gets_everything(root: Path) -> None:
    with rn.init("p") as run:
        run.log(a=1)
        away = root.with_name("elsewhere")
        root.rename(away)
        run.params["x"] = 1
        wait_for(lambda: run._writing.spooled)
        run.log(a=2)
        away.rename(root)
        wait_for(lambda: not run._writing.spooled)
        run.log(a=3)
    assert count(root) == {"a": 3}
    assert spools() == []


def test_a_limit_on_the_size_of_files_is_survived(root: Path, script: Any) -> None:
    done = script(
        "import resource, runicorn as rn\n"
        "with rn.init('p') as run:\n"
        "    resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, -1))\n"
        "    for number in range(2000): run.log({'loss': number})\n"
        "    resource.setrlimit(resource.RLIMIT_FSIZE, (-1, -1))\n"
    )
    assert done.returncode == 0, done.stderr
    assert "runicorn-keeper" not in done.stderr  # a traceback would name the thread
    assert count(root) == {"loss": 2000}
    assert spools() == []


def test_a_root_that_cannot_be_written_records_in_a_spool(root: Path, caplog: pytest.LogCaptureFixture) -> None:
    root.write_text("this is no folder")
    with rn.init("p", params={"lr": 0.1}, tags=["t"], group="g") as run:
        run.log(a=1)
        root.unlink()
        wait_for(lambda: not run._writing.spooled)
        run.log(a=2)
    reader = the_run(root)
    assert count(root) == {"a": 2}
    assert (reader.read("params"), reader.record.tags, reader.record.group) == ({"lr": 0.1}, ("t",), "g")
    assert reader.record.status == "finished"


def test_without_any_storage_plugin_a_run_is_recorded_and_recovered_later(root: Path, script: Any) -> None:
    done = script(
        "import runicorn as rn\n"
        "with rn.init('p', 'a/b', run_id='one', params={'lr': 0.1}, note='n') as run:\n"
        "    run.log({'loss': float('nan'), 'text': 'x'})\n"
        "    run.log(loss=1.0)\n"
        "    run.log_text('hello')\n"
        "    run.summary({'final': 1})\n",
        env={**os.environ, "RUNICORN_NO_PLUGINS": "1"},
    )
    assert done.returncode == 0, done.stderr
    assert "no storage plugin is active" in done.stderr
    assert not root.exists()
    assert [(found.run.id, found.trouble) for found in recover() if found.run] == [("one", "")]
    assert spools() == []
    reader = the_run(root)
    record = reader.record
    assert (record.ref.project, record.ref.name, record.status, record.note) == ("p", "a/b", "finished", "n")
    assert (record.summary, reader.read("params")) == ({"final": 1}, {"lr": 0.1})
    assert [line.text for line in reader.logs().lines] == ["hello"]
    assert [dumps(one.data) for one in reader.records()] == [b'{"loss":"NaN","text":"x"}', b'{"loss":1.0}']


def test_a_process_killed_in_an_outage_loses_nothing_that_was_logged(root: Path, script: Any) -> None:
    done = script(
        "import os, runicorn as rn\n"
        "run = rn.init('p', run_id='one')\n"
        "for number in range(500): run.log(loss=number)\n"
        "os.kill(os.getpid(), 9)\n",
        env={**os.environ, "RUNICORN_NO_PLUGINS": "1"},
    )
    assert done.returncode == -signal.SIGKILL
    assert [found.records for found in recover()] == [500]
    assert count(root) == {"loss": 500}


KILLED = """
import os, sys, runicorn.sdk.spool as spool
steps = int(sys.argv[1])
def trace(frame, event, _):
    global steps
    if frame.f_code.co_filename == spool.__file__ and event == "line":
        steps -= 1
        if steps == 0: os.kill(os.getpid(), 9)
    return trace
sys.settrace(trace)
spool.recover()
"""


def test_recovery_that_is_killed_at_any_line_leaves_every_record_once(root: Path, script: Any, tmp_path: Path) -> None:
    script(
        "import runicorn as rn\n"
        "with rn.init('p', run_id='one') as run:\n"
        "    for number in range(3): run.log(loss=number)\n"
        "    run.log_text('one')\n",
        env={**os.environ, "RUNICORN_NO_PLUGINS": "1"},
    )
    kept = tmp_path / "kept"
    shutil.copytree(state_dir(), kept)
    program = tmp_path / "killed.py"
    program.write_text(KILLED)
    for lines in range(5, 400, 23):
        shutil.rmtree(root, ignore_errors=True)
        shutil.copytree(kept, state_dir(), dirs_exist_ok=True)
        killed = subprocess.run([sys.executable, str(program), str(lines)], check=False)
        recover()
        assert count(root) == {"loss": 3}
        assert [line.text for line in the_run(root).logs().lines] == ["one"]
        assert spools() == []
        if killed.returncode == 0:
            break


class Hanging:
    """A storage whose calls hang when told so; everything else is the real one."""

    def __init__(self, store: Store, held: threading.Event, what: str) -> None:
        self.store, self.held, self.what = store, held, what

    def __getattr__(self, name: str) -> Any:
        inner = getattr(self.store, name)
        if name in ("create_run", "reopen", "open_writer", "attach_run"):
            return lambda *arguments: Hanging(inner(*arguments), self.held, self.what)
        if name != self.what:
            return inner

        def hang(*arguments: Any) -> Any:
            self.held.wait(250)
            return inner(*arguments)

        return hang


class HangingBackend:
    name = "hanging"
    capabilities: frozenset[str] = frozenset(["write"])

    def __init__(self, held: threading.Event, what: str) -> None:
        self.held, self.what = held, what

    def probe(self, root: Path) -> float:
        return 1.0

    def open_store(self, root: Path, config: Any) -> Any:
        return Hanging(open_store(root, "jsonl"), self.held, self.what)

    @hookimpl
    def register_storage_backends(self) -> Any:
        return [self]


def test_a_sync_that_hangs_delays_neither_log_nor_finish_beyond_the_bound(
    root: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    held = threading.Event()
    monkeypatch.setenv("RUNICORN_RUN__FINISH_TIMEOUT", "0.5")
    with use_manager(Manager()) as manager:
        manager.add("hanging", HangingBackend(held, "sync"))
        run = rn.init("p", backend="hanging")
        run.log(a=1)
        time.sleep(0.3)
        for _ in range(1000):
            run.log(a=2)
        run.finish()
        run.log(a=3)
        held.set()
    assert count(root) == {"a": 1001}
    assert any("did not answer in time" in message for message in caplog.messages)


def test_a_write_that_hangs_in_one_thread_does_not_hang_finish_in_another(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = threading.Event()
    monkeypatch.setenv("RUNICORN_RUN__FINISH_TIMEOUT", "0.5")
    with use_manager(Manager()) as manager:
        manager.add("hanging", HangingBackend(held, "append"))
        run = rn.init("p", backend="hanging")
        worker = threading.Thread(target=lambda: run.log(a=1))
        worker.start()
        run.finish()
        assert worker.is_alive()
        held.set()
        worker.join()


def test_an_error_that_no_contract_names_goes_to_the_spool_too(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = rn.init("p")
    run.log(a=1)

    def broken(line: bytes) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(run._writing, "events", broken)
    run.log(a=2)
    run.log(a=3)
    run.finish()
    assert count(root) == {"a": 3}


def test_when_not_even_the_spool_can_be_written_memory_keeps_it(
    root: Path, small_disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RUNICORN_HOME", str(small_disk / "home"))
    ballast = small_disk / "ballast"
    with rn.init("p", storage=small_disk / "runs") as run:
        _fill(ballast)
        for number in range(2000):
            run.log({"loss": number})
        ballast.unlink()
    assert count(small_disk / "runs") == {"loss": 2000}


def test_a_full_disk_is_an_error_with_its_name(root: Path, small_disk: Path) -> None:
    with rn.init("p", storage=small_disk / "runs") as run:
        _fill(small_disk / "ballast")
        with pytest.raises(StorageFull):
            run._writing.session.write("params", {"x": "y" * 10_000})
        (small_disk / "ballast").unlink()


@pytest.mark.parametrize("before", ["run.log(a=0.0); time.sleep(0.3)", ""])
@pytest.mark.skipif(sys.platform == "win32", reason="there is no limit of descriptors to lower")
def test_running_out_of_descriptors_neither_loses_values_nor_ends_the_background_thread(
    root: Path, script: Any, before: str
) -> None:
    done = script(f"""
import os, resource, threading, time, runicorn as rn
from runicorn.hookspecs import hookimpl
from runicorn.loader import manager
seen = []
class Watching:
    @hookimpl
    def values_logged(self, batch): seen.extend(s.value for s in batch if s.key == 'b')
manager().add('watching', Watching())
run = rn.init('p')
{before}
resource.setrlimit(resource.RLIMIT_NOFILE, (40, 40))
held = []
try:
    while True: held.append(os.open(os.devnull, 0))
except OSError:
    pass
for step in range(200): run.log(b=float(step))
run.params['x'] = 1
time.sleep(1.5)
assert any(t.name == 'runicorn-keeper' for t in threading.enumerate())
for fd in held: os.close(fd)
run.log(b=1.0)
time.sleep(1.2)
run.finish()
print(seen == [float(step) for step in range(200)] + [1.0])
""")
    assert (done.returncode, done.stdout) == (0, "True\n"), done.stderr
    assert "Traceback" not in done.stderr  # of a thread
    recover()
    assert count(root)["b"] == 201


def test_a_document_that_cannot_be_made_is_reported_and_is_no_outage(root: Path) -> None:
    run = rn.init("p")
    writing = run._writing

    def broken(disk: dict[str, Any]) -> dict[str, Any]:
        raise OverflowError("too large")

    writing.update("summary", broken)
    run.log(a=1)
    run.finish()
    assert spools() == []
    assert any("making the summary" in str(entry["what"]) for entry in the_run(root).record.trouble)
