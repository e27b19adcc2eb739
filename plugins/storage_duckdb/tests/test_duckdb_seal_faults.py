"""Sealing that is killed, out of space, interrupted or not allowed: nothing is lost, and nothing is there twice."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from runicorn.contracts import Store
from runicorn.errors import StorageError
from runicorn.hooks import storage_backends
from runicorn.host import hostname, process_space, process_started
from runicorn.model.run import RunMeta, RunRef
from runicorn.model.writer import WriterRecord
from runicorn.serialize import dumps
from runicorn_storage_duckdb.segments.checking import problems
from runicorn_storage_duckdb.segments.endings import why_not
from runicorn_storage_duckdb.segments.lock import exclusive
from runicorn_storage_duckdb.segments.manifest import NAME, read_manifest
from runicorn_storage_duckdb.segments.seal import compact_run, seal_run, unseal_run

#: Imports once; each act is a child of its own, killed at the step that was asked for.
_CHILDREN = """
import os, sys
from pathlib import Path
import pyarrow.compute, pyarrow.parquet
from runicorn_storage_duckdb.segments.seal import compact_run, seal_run, unseal_run

pyarrow.array(["x"]).dictionary_encode()  # what is imported at first use, pandas among it, once for all children
folder = Path(sys.argv[1])
acts = {"seal": lambda: seal_run(folder, lambda: None), "unseal": lambda: unseal_run(folder),
        "compact": lambda: compact_run(folder)}
left = 0

def step(event, arguments):
    global left
    if event == "open" and not arguments[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
        return  # who only reads leaves everything as the step before did
    if event in ("open", "os.rename", "os.remove", "os.mkdir", "os.rmdir") and str(folder) in str(arguments[0]):
        left -= 1
        if left == 0:
            os.kill(os.getpid(), 9)

def around(act):
    def both(*arguments, **options):
        step("os.mkdir", (folder,))
        done = act(*arguments, **options)
        step("os.mkdir", (folder,))
        return done
    return both

for line in sys.stdin:
    act, at = line.split()
    child = os.fork()
    if child == 0:
        left = int(at)
        pyarrow.parquet.write_table = around(pyarrow.parquet.write_table)
        os.fsync = around(lambda descriptor: None)  # a killed process leaves what it wrote
        sys.addaudithook(step)
        acts[act]()
        os._exit(0)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""


def _store(root: Path) -> Store:
    return storage_backends()["jsonl"].open_store(root, {})


def _line(step: int, value: float) -> bytes:
    data = {"loss": value, "word": f"第{step}", "n": 2**63 + step}
    return dumps({"ts": 1.7e9 + step, "type": "metrics", "step": step, "data": data}) + b"\n"


def _run(root: Path, run_id: str = "r", files: tuple[str, ...] = ("events.jsonl", "events-01234567.jsonl")) -> RunRef:
    session = _store(root).create_run(RunMeta(run_id, "p", "n", 1.0))
    session.write("status", {"status": "finished", "started_at": 1.0, "ended_at": 2.0})
    for number, name in enumerate(files):
        _fill(session.folder / name, 100 * number)
    log = b"".join(b"2026-11-23T15:01:02.%03dZ stdout | line %d\n" % (n, n) for n in range(50))
    (session.folder / "logs.txt").write_bytes(log + b"half")
    return session.ref


def _fill(path: Path, first: int) -> None:
    path.write_bytes(b"".join(_line(step, step / 7) for step in range(first, first + 60)))


def _told(root: Path, ref: RunRef) -> str:
    store = _store(root)
    reader = store.open_run(ref)
    (table,) = store.read_metrics([ref])
    return repr((table, reader.series(), list(reader.records()), reader.logs(), store.attach_run(ref).last_step()))


def _output(code: str, folder: Path) -> str:
    return subprocess.run(
        [sys.executable, "-c", code, str(folder)], check=True, stdout=subprocess.PIPE, text=True
    ).stdout


def _files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.suffix in (".jsonl", ".txt")}


def _kill_at_every_step(folder: Path, act: str) -> Iterator[int]:
    """Kill the act at its first step, its second and so on, until it comes to its end."""
    command = [sys.executable, "-c", _CHILDREN, str(folder)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as children:
        assert children.stdin is not None
        assert children.stdout is not None
        for at in range(1, 200):
            children.stdin.write(f"{act} {at}\n")
            children.stdin.flush()
            code = int(children.stdout.readline())
            if code == 0:
                assert at > 10
                children.stdin.close()
                return
            assert code == -signal.SIGKILL
            yield at


@pytest.fixture
def unflushed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing here pulls the plug, and a flush costs milliseconds."""
    monkeypatch.setattr(os, "fsync", lambda descriptor: None)


@pytest.mark.usefixtures("unflushed")
def test_sealing_killed_at_any_step_loses_and_doubles_nothing(tmp_path: Path) -> None:
    ref = _run(tmp_path)
    folder = tmp_path / ref.folder
    files, before = _files(folder), _told(tmp_path, ref)
    for at in _kill_at_every_step(folder, "seal"):
        assert _told(tmp_path, ref) == before, f"killed at step {at}"
        if (folder / NAME).exists():  # it counted already: begin anew
            unseal_run(folder)
        assert _files(folder) == files
    assert _files(folder) == {}
    assert _told(tmp_path, ref) == before
    assert problems(folder, read_manifest(folder)) == []
    assert {path.parent.name for path in folder.rglob("*.parquet")} == {"metrics", "logs"}
    assert {str(path.relative_to(folder)) for path in folder.rglob("*.parquet")} == read_manifest(folder).paths


@pytest.mark.usefixtures("unflushed")
def test_unsealing_and_merging_killed_at_any_step_lose_and_double_nothing(tmp_path: Path) -> None:
    ref = _run(tmp_path)
    folder = tmp_path / ref.folder
    seal_run(folder, lambda: None)
    _fill(folder / "events-89abcdef.jsonl", 300)
    before = _told(tmp_path, ref)
    seal_run(folder, lambda: None)
    for at in _kill_at_every_step(folder, "compact"):
        assert _told(tmp_path, ref) == before, f"killed at step {at}"
        if len(read_manifest(folder).segments) == 1:  # merged already: begin anew
            unseal_run(folder)
            late = folder / "events-89abcdef.jsonl"
            aside = late.rename(tmp_path / "aside")
            seal_run(folder, lambda: None)
            aside.rename(late)
            seal_run(folder, lambda: None)
    assert len(read_manifest(folder).segments) == 1
    for at in _kill_at_every_step(folder, "unseal"):
        assert _told(tmp_path, ref) == before, f"killed at step {at}"
        seal_run(folder, lambda: None)
    assert _told(tmp_path, ref) == before
    assert not (folder / "metrics").exists()


def test_what_does_not_fit_on_the_disk_leaves_the_run_as_it_was(tmp_path: Path) -> None:
    ref = _run(tmp_path)
    folder = tmp_path / ref.folder
    files = _files(folder)
    code = """
import resource, sys
from pathlib import Path
from runicorn.errors import StorageFull
from runicorn_storage_duckdb.segments.seal import seal_run
for limit in (10, 500, 4000):
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
    try:
        seal_run(Path(sys.argv[1]), lambda: None)
    except StorageFull as error:
        print(error)
"""
    output = subprocess.run(
        [sys.executable, "-c", code, str(folder)], check=True, capture_output=True, text=True
    ).stdout
    assert output.count("File too large; the run is as it was") >= 2
    assert "\n" not in output.splitlines()[0]
    if not (folder / NAME).exists():
        assert _files(folder) == files
        assert list(folder.rglob("*.parquet")) == []


def test_a_run_that_may_not_be_written_stays_as_it_was() -> None:
    code = """
import os, sys
import fcntl, pyarrow.compute
from pathlib import Path
from runicorn.errors import StorageReadOnly
from runicorn_storage_duckdb.segments.seal import seal_run
if os.getuid() == 0:
    os.setuid(65534)
try:
    seal_run(Path(sys.argv[1]), lambda: None)
except StorageReadOnly as error:
    print(error)
"""
    with tempfile.TemporaryDirectory() as place:
        root = Path(place)
        root.chmod(0o755)
        ref = _run(root)
        folder = root / ref.folder
        before = _told(root, ref)
        folder.chmod(0o555)
        output = _output(code, folder)
        folder.chmod(0o755)
        assert "Permission denied; the run is as it was" in output
        assert _told(root, ref) == before
        assert not (folder / NAME).exists()


def test_a_damaged_segment_is_told_in_one_sentence(tmp_path: Path) -> None:
    ref = _run(tmp_path)
    folder = tmp_path / ref.folder
    seal_run(folder, lambda: None)
    (points,) = folder.glob("metrics/*.points.parquet")
    whole = points.read_bytes()
    middle = bytearray(whole)
    middle[len(whole) // 3] ^= 1
    for damaged in (whole[:-9], b"", bytes(middle)):
        points.write_bytes(damaged)
        with pytest.raises(StorageError, match="the Parquet file is damaged") as raised:
            _told(tmp_path, ref)
        assert "\n" not in str(raised.value)
        assert problems(folder, read_manifest(folder)) == [
            f"metrics/{points.name} is damaged: its checksum is not the one in segments.json"
        ]
        with pytest.raises(StorageError):
            unseal_run(folder)
        assert _files(folder) == {}
    points.unlink()
    with pytest.raises(StorageError, match="the segment is missing"):
        _told(tmp_path, ref)
    points.write_bytes(whole)
    assert problems(folder, read_manifest(folder)) == []
    unseal_run(folder)
    assert len(_files(folder)) == 3


def test_a_torn_list_of_segments_is_told(tmp_path: Path) -> None:
    ref = _run(tmp_path)
    folder = tmp_path / ref.folder
    seal_run(folder, lambda: None)
    (folder / NAME).write_bytes(b'{"runicorn_segments": 1, "sour')
    for act in (lambda: _told(tmp_path, ref), lambda: unseal_run(folder), lambda: seal_run(folder, lambda: None)):
        with pytest.raises(StorageError, match=r"segments\.json"):
            act()
    assert len(list(folder.rglob("*.parquet"))) == 3, "nothing was cleared away"


def test_what_is_written_while_sealing_is_noticed(tmp_path: Path) -> None:
    ref = _run(tmp_path)
    folder = tmp_path / ref.folder
    late = folder / "events.jsonl"

    def asked() -> str | None:
        with late.open("ab") as file:
            file.write(_line(1000, 1.0))
        return None

    before = late.read_bytes()
    with pytest.raises(StorageError, match="changed meanwhile"):
        seal_run(folder, asked)
    assert late.read_bytes() == before + 2 * _line(1000, 1.0)
    assert list(folder.rglob("*.parquet")) == []


def test_a_line_of_a_process_that_everybody_thought_dead_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ref = _run(tmp_path, files=("events.jsonl",))
    folder = tmp_path / ref.folder
    zombie = (folder / "events.jsonl").open("ab", buffering=0)
    unlink = Path.unlink

    def late(path: Path, missing_ok: bool = False) -> None:
        if path.name == "events.jsonl":
            zombie.write(_line(1000, 1.0))
        unlink(path, missing_ok)

    monkeypatch.setattr(Path, "unlink", late)
    seal_run(folder, lambda: None)
    zombie.close()
    store = _store(tmp_path)
    assert store.attach_run(ref).last_step() == 1000
    assert len(list(store.open_run(ref).records())) == 61


def test_two_sealers_at_once_seal_once(tmp_path: Path) -> None:
    ref = _run(tmp_path)
    folder = tmp_path / ref.folder
    before = _told(tmp_path, ref)
    with exclusive(folder), pytest.raises(StorageError, match="another process is at work"):
        seal_run(folder, lambda: None)
    code = (
        "import sys; from pathlib import Path; from runicorn_storage_duckdb.segments.seal import seal_run\n"
        "from runicorn.errors import StorageError\n"
        "sys.stdin.read()\n"
        "try: print(seal_run(Path(sys.argv[1]), lambda: None).points)\n"
        "except StorageError as error: print(error)"
    )
    children = [
        subprocess.Popen([sys.executable, "-c", code, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        for _ in range(3)
    ]
    answers = []
    for child in children:
        assert child.stdin is not None
        child.stdin.close()
    for child in children:
        assert child.stdout is not None
        answers.append(child.stdout.read().decode().strip())
        child.stdout.close()
        child.wait()
    assert answers.count("360") == 1
    assert all(answer in ("360", "0") or "another process" in answer for answer in answers)
    assert _told(tmp_path, ref) == before
    assert len(read_manifest(folder).segments) == 1


def test_readers_see_everything_while_runs_are_sealed_and_brought_back(tmp_path: Path) -> None:
    ref = _run(tmp_path)
    folder = tmp_path / ref.folder
    before = _told(tmp_path, ref)
    live = _store(tmp_path)
    stop = threading.Event()
    wrong: list[str] = []

    def look() -> None:
        while not stop.is_set():
            (table,) = live.read_metrics([ref])
            if len(table.step) != 120:
                wrong.append(f"{len(table.step)} rows")
            if live.open_run(ref).logs().size != 51:
                wrong.append("log lines are missing")

    watching = threading.Thread(target=look)
    watching.start()
    for _ in range(10):
        seal_run(folder, lambda: None)
        unseal_run(folder)
    stop.set()
    watching.join()
    assert wrong == []
    assert _told(tmp_path, ref) == before


# --- Runs that are not over


def _writer(**more: object) -> WriterRecord:
    fields: dict[str, object] = {
        "host": hostname(),
        "boot_id": process_space(),
        "pid": os.getpid(),
        "pid_started": process_started(os.getpid()),
        "rank": None,
        "started_at": 1.0,
        "heartbeat_at": time.time(),
        "ended_at": None,
        "observers_dropped": 0,
    }
    return WriterRecord(**{**fields, **more})  # type: ignore[arg-type]  # the fields of a heartbeat


@pytest.mark.parametrize(
    ("status", "writer", "reason"),
    [
        ("running", {}, "is still running"),
        ("finished", {}, "is open in process"),  # another process of the run still writes
        ("finished", {"heartbeat_at": 1.0}, "is open in process"),  # suspended: no heartbeat, but alive
        ("finished", {"host": "elsewhere", "heartbeat_at": time.time() - 600}, "is open in process"),
        ("finished", {"host": "elsewhere", "heartbeat_at": time.time() - 7200}, None),
        ("finished", {"ended_at": 2.0}, None),
        ("running", {"pid": 2**22 + 5, "heartbeat_at": time.time()}, None),  # crashed: its process is gone
        ("failed", {"ended_at": 2.0}, None),
    ],
)
def test_a_run_is_over_when_nobody_can_write_it_any_more(
    tmp_path: Path, status: str, writer: dict[str, object], reason: str | None
) -> None:
    store = _store(tmp_path)
    session = store.create_run(RunMeta("r", "p", "n", time.time()))
    session.write("status", {"status": status, "started_at": time.time()})
    session.beat(_writer(**writer))
    found = why_not(store.open_run(session.ref))
    assert found is None if reason is None else found is not None and reason in found


def test_a_resumed_run_never_writes_under_the_name_of_a_sealed_file(tmp_path: Path) -> None:
    ref = _run(tmp_path)
    folder = tmp_path / ref.folder
    seal_run(folder, lambda: None)
    session = _store(tmp_path).attach_run(ref)
    assert session.last_step() == 159
    writers = [session.open_writer("events"), session.open_writer("logs")]
    writers[0].append(_line(160, 1.0))
    writers[1].append(b"2026-11-23T15:01:03.000Z stdout | more\n")
    assert {"events.jsonl", "logs.txt"}.isdisjoint(_files(folder))
    reader = _store(tmp_path).open_run(ref)
    assert [series.last_step for series in reader.series()] == [160, 160]
    assert [line.text for line in reader.logs(tail=2).lines] == ["more", "half"]
    assert len(list(reader.records())) == 121


def test_merging_what_is_one_segment_does_nothing(tmp_path: Path) -> None:
    ref = _run(tmp_path)
    folder = tmp_path / ref.folder
    seal_run(folder, lambda: None)
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*")}
    assert compact_run(folder).lines == 0
    assert {path: path.stat().st_mtime_ns for path in folder.rglob("*")} == before
