"""What is on disk when a process is killed, the disk is full, or writing is not allowed."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from runicorn.errors import StorageError, StorageFull, StorageGone, StorageReadOnly
from runicorn.model.run import RunMeta
from runicorn_storage_jsonl.backend import JsonlBackend
from runicorn_storage_jsonl.failures import failure

_PRELUDE = """
import os, sys, time
from pathlib import Path
from runicorn.errors import StorageError, StorageFull, StorageReadOnly
from runicorn.model.run import RunMeta
from runicorn_storage_jsonl.backend import JsonlBackend
store = JsonlBackend().open_store(Path(sys.argv[1]), {})
def line(step, pad=""):
    return b'{"ts":%d.0,"type":"metrics","step":%d,"data":{"a":%d,"pad":"%s"}}\\n' % (step, step, step, pad.encode())
"""


def _python(root: Path, code: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", _PRELUDE + code, str(root)], stdout=subprocess.PIPE)


def test_every_append_that_returned_survives_sigkill(tmp_path: Path) -> None:
    child = _python(
        tmp_path,
        """
writer = store.create_run(RunMeta("r", "p", "n", 1.0)).open_writer("events")
step = 0
while True:
    step += 1
    writer.append(line(step))
    if step % 500 == 0:
        os.write(1, b".")
""",
    )
    assert child.stdout is not None
    acknowledged = 500 * len(child.stdout.read(20))
    child.send_signal(signal.SIGKILL)
    acknowledged += 500 * len(child.stdout.read())
    child.wait()
    child.stdout.close()
    store = JsonlBackend().open_store(tmp_path, {})
    (record,) = store.list_runs()
    (table,) = store.read_metrics([record.ref])
    assert list(table.step) == list(range(1, len(table.step) + 1))
    assert acknowledged <= len(table.step) < acknowledged + 1000


def test_a_line_that_does_not_fit_is_taken_back(tmp_path: Path) -> None:
    child = _python(
        tmp_path,
        """
import resource
writer = store.create_run(RunMeta("r", "p", "n", 1.0)).open_writer("events")
resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, resource.RLIM_INFINITY))
fitted = full = 0
for step in range(1, 200):
    before = os.path.getsize(writer.path)
    try:
        writer.append(line(step, "x" * 500))
        fitted += 1
    except StorageFull:
        full += 1
        assert os.path.getsize(writer.path) == before
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
writer.append(line(1000))
print(fitted, full)
""",
    )
    output, _ = child.communicate()
    assert child.returncode == 0
    fitted, full = map(int, output.split())
    assert full > 100
    store = JsonlBackend().open_store(tmp_path, {})
    (record,) = store.list_runs()
    (table,) = store.read_metrics([record.ref])
    assert list(table.step) == [*range(1, fitted + 1), 1000]


def test_what_cannot_be_written_leaves_the_document_as_it_was(tmp_path: Path) -> None:
    child = _python(
        tmp_path,
        """
import resource
session = store.create_run(RunMeta("r", "p", "n", 1.0))
session.write("params", {"lr": 1})
resource.setrlimit(resource.RLIMIT_FSIZE, (100, resource.RLIM_INFINITY))
for act in (lambda: session.write("params", {"x": "x" * 500}), lambda: session.put_media(b"x" * 500, ".png"),
            lambda: store.create_run(RunMeta("s", "q", "n" * 50, 1.0, python="x" * 200))):
    try:
        act()
    except StorageFull:
        print("full")
""",
    )
    output, _ = child.communicate()
    assert output.split() == [b"full"] * 3
    store = JsonlBackend().open_store(tmp_path, {})
    (record,) = store.list_runs()
    assert store.open_run(record.ref).read("params") == {"lr": 1}
    assert [path.name for path in tmp_path.rglob("*.tmp")] == []


def test_a_root_that_may_not_be_written_says_so(tmp_path: Path) -> None:
    child = _python(
        tmp_path / "locked" / "root",
        """
if os.getuid() == 0:
    os.setuid(65534)
try:
    store.create_run(RunMeta("r", "p", "n", 1.0))
except StorageReadOnly as error:
    print(error)
""",
    )
    (tmp_path / "locked").mkdir(mode=0o555)
    output, _ = child.communicate()
    assert b"Permission denied" in output


@pytest.mark.parametrize(
    ("number", "kind"),
    [
        (errno.ENOSPC, StorageFull),
        (errno.EDQUOT, StorageFull),
        (errno.ENOENT, StorageGone),
        (errno.ESTALE, StorageGone),
        (errno.EROFS, StorageReadOnly),
        (errno.EIO, StorageError),
    ],
)
def test_what_the_system_reports_has_a_name(number: int, kind: type[StorageError]) -> None:
    error = failure("writing", "somewhere", OSError(number, os.strerror(number)))
    assert type(error) is kind
    assert os.strerror(number) in str(error)


def test_a_closed_writer_refuses_and_writes_into_no_other_file(tmp_path: Path) -> None:
    session = JsonlBackend().open_store(tmp_path, {}).create_run(RunMeta("r", "p", "n", 1.0))
    writer = session.open_writer("events")
    writer.close()
    with (tmp_path / "other").open("wb"), pytest.raises(StorageError):
        writer.append(b"{}\n")
    assert (tmp_path / "other").read_bytes() == b""


def test_a_file_that_was_replaced_or_cut_is_read_again(tmp_path: Path) -> None:
    store = JsonlBackend().open_store(tmp_path, {})
    session = store.create_run(RunMeta("r", "p", "n", 1.0))
    path = session.folder / "events.jsonl"
    reader = store.open_run(session.ref)

    def line(step: int, value: int) -> str:
        return f'{{"ts":{step}.0,"type":"metrics","step":{step},"data":{{"a":{value}}}}}\n'

    def values() -> list[float]:
        (table,) = store.read_metrics([session.ref])
        return list(table.columns["a"].values) if table.columns else []

    path.write_text(line(1, 1) + line(2, 2))
    assert values() == [1.0, 2.0]
    path.write_text(line(1, 7))
    assert values() == [7.0]
    path.write_text(line(1, 8) + line(2, 9) + line(3, 10))
    assert values() == [8.0, 9.0, 10.0]
    beside = path.with_name("beside")
    beside.write_text(line(1, 5) + line(2, 6) + line(3, 7))
    beside.replace(path)
    assert values() == [5.0, 6.0, 7.0]
    assert [series.last for series in reader.series()] == [7.0]
    path.unlink()
    assert values() == []
