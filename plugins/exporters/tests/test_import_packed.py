"""Folders of other tools as one file, as people send them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tarfile
import tempfile
import warnings
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from runicorn.config import cache_dir
from runicorn.contracts import Store
from runicorn.errors import Cancelled, ImportProblem
from runicorn.hooks import open_store
from runicorn.managing import ImportRequest, import_runs
from runicorn.testing import ViewerClient
from runicorn_exporters.imports import unpacked as module
from runicorn_exporters.imports.unpacked import is_packed, unpacked

FIXTURES = Path(__file__).parent / "fixtures"


def packed(folder: Path, path: Path, prefix: str = "") -> Path:
    if path.suffix == ".zip":
        with zipfile.ZipFile(path, "w") as zipped:
            for file in sorted(folder.rglob("*")):
                zipped.write(file, prefix + file.relative_to(folder).as_posix())
    else:
        with tarfile.open(path, "w:gz") as tar:
            tar.add(folder, prefix.rstrip("/") or ".")
    return path


@pytest.fixture
def store() -> Iterator[Store]:
    store = open_store()
    yield store
    store.close()


@pytest.mark.parametrize(
    ("name", "prefix", "what", "runs"),
    [
        ("logs.zip", "", "wandb", 3),
        ("logs.zip", "logs/", "tensorboard", 2),
        ("logs.tar.gz", "logs/", "runicorn-0.7", 2),
        ("logs.tar.gz", "", "runicorn-0.7", 2),
    ],
)
def test_a_packed_folder_is_what_is_in_it(
    store: Store, tmp_path: Path, name: str, prefix: str, what: str, runs: int
) -> None:
    path = packed(FIXTURES / what, tmp_path / name, prefix)
    assert is_packed(path)
    for became in ("added", "there"):
        with unpacked(path) as folder:
            outcomes = list(import_runs(store, ImportRequest(folder)))
        assert [outcome.became for outcome in outcomes] == [became] * runs
    assert not list((cache_dir() / "jobs").glob("*"))


@pytest.mark.parametrize("name", ["../evil", "a/../../evil", "/tmp/evil", "..\\evil"])
def test_no_file_of_it_lies_elsewhere(tmp_path: Path, name: str) -> None:
    path = tmp_path / "evil.zip"
    with zipfile.ZipFile(path, "w") as zipped:
        zipped.writestr("a", "x")
        zipped.writestr(name, "evil")
    with pytest.raises(ImportProblem, match="would lie elsewhere"), unpacked(path):
        pass
    assert not list(tmp_path.rglob("evil"))
    assert not list((cache_dir() / "jobs").glob("*"))


PIECES = st.sampled_from(["..", ".", "a", "b", "A", "", "con", "C:", "a\\b", "é", "a ", "~", "x" * 90, ".git", "a\tb"])


@settings(max_examples=40)
@given(st.lists(st.lists(PIECES, min_size=1, max_size=4).map("/".join).filter(bool), max_size=4), st.booleans())
def test_whatever_its_files_are_called_they_lie_in_its_folder_or_nothing_does(names: list[str], tar: bool) -> None:
    with tempfile.TemporaryDirectory() as base:
        path = Path(base) / "in" / "evil.zip"
        path.parent.mkdir()
        if tar:
            with tarfile.open(path, "w:gz") as packing:
                packing.addfile(tarfile.TarInfo("hello"))
                for name in names:
                    packing.addfile(tarfile.TarInfo(name))
        else:
            with zipfile.ZipFile(path, "w") as zipped:
                for name in ["hello", *names]:
                    with warnings.catch_warnings():
                        warnings.simplefilter("ignore", UserWarning)  # a name that is there twice
                        zipped.writestr(zipfile.ZipInfo(name), b"")
        try:
            with unpacked(path) as folder:
                made = [file for file in folder.rglob("*") if file.is_file()]
                assert len(made) == len({"hello", *(os.path.normpath(name) for name in names if name[-1] != "/")})
        except ImportProblem:
            pass
        assert [file for file in Path(base).rglob("*") if file.is_file()] == [path]
    assert not [file for file in (cache_dir() / "jobs").rglob("*") if file.is_file()]


def test_links_in_it_are_not_made(tmp_path: Path) -> None:
    path = tmp_path / "links.tar.gz"
    with tarfile.open(path, "w:gz") as tar:
        tar.add(FIXTURES / "wandb", "w")
        link = tarfile.TarInfo("w/link")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc"
        tar.addfile(link)
    with unpacked(path) as folder:
        assert not [file for file in folder.rglob("*") if file.is_symlink()]


def test_a_bomb_stops_where_it_becomes_too_much(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "FROM_BYTES", 1 << 20)
    path = tmp_path / "bomb.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as zipped:
        zipped.writestr("a", bytes(64 << 20))
    with pytest.raises(ImportProblem, match="unpack it by hand"), unpacked(path):
        pass
    monkeypatch.setattr(module, "MOST_FILES", 0)
    with pytest.raises(ImportProblem, match="more than 0 files"), unpacked(path):
        pass
    assert not list((cache_dir() / "jobs").glob("*"))


def test_unpacking_can_be_stopped_and_what_a_killed_process_unpacked_is_removed(tmp_path: Path) -> None:
    path = packed(FIXTURES / "wandb", tmp_path / "w.zip")
    program = (
        "import sys; from pathlib import Path; from runicorn_exporters.imports.unpacked import unpacked\n"
        "with unpacked(Path(sys.argv[1])) as folder: print(folder, flush=True); sys.stdin.read()"
    )
    command = [sys.executable, "-c", program, str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        left = Path(process.stdout.readline().strip())
        assert list(left.iterdir())
        process.kill()

    def stop(size: int) -> None:
        assert size > 0
        raise Cancelled("this")

    with pytest.raises(Cancelled), unpacked(path, stop):
        pass
    assert not left.exists()
    assert not [file for file in cache_dir().rglob("*") if file.is_file()]


def test_one_that_is_cut_off_is_one_sentence(tmp_path: Path) -> None:
    path = packed(FIXTURES / "runicorn-0.5", tmp_path / "cut.tar.gz")
    path.write_bytes(path.read_bytes()[:-400])
    if is_packed(path):
        with pytest.raises(ImportProblem, match="nothing of it was imported"), unpacked(path):
            pass


def test_the_command_and_the_viewer_take_them(viewer: ViewerClient, tmp_path: Path) -> None:
    from urllib.request import Request, urlopen

    path = packed(FIXTURES / "wandb", tmp_path / "w.zip")
    command = [sys.executable, "-m", "runicorn", "import", str(path), "--root", str(tmp_path / "b"), "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert [run["became"] for run in json.loads(done.stdout)] == ["added"] * 3
    request = Request(f"{viewer.url}/api/import/upload?name=w.zip&wait_s=30", path.read_bytes(), method="POST")
    with urlopen(request, timeout=150) as answer:
        assert json.load(answer)["runs"] == 3


def test_of_a_folder_of_tables_each_comes_on_the_command_line(tmp_path: Path) -> None:
    tables = tmp_path / "tables"
    (tables / "sub").mkdir(parents=True)
    for name in ("a.csv", "sub/b.csv"):
        (tables / name).write_text("step,loss\n1,0.5\n")
    (tables / "notes.txt").write_text("hello")
    (tables / "sub" / "up").symlink_to(tables)
    with tarfile.open(tmp_path / "tables.tar.gz", "w:gz") as tar:
        tar.add(tables, "tables")

    def bring(path: Path, root: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "runicorn", "import", str(path), "--root", str(tmp_path / root)]
        return subprocess.run(command, capture_output=True, text=True)

    for path in (tables, tmp_path / "tables.tar.gz"):
        done = bring(path, f"root of {path.name}")
        assert done.stdout.splitlines()[-1].startswith("2 runs imported: 2 points"), done.stderr
        assert (done.returncode, done.stderr.startswith("notes.txt: nothing here reads this")) == (1, True)
    for table in tables.rglob("*.csv"):
        table.unlink()
    with tarfile.open(tmp_path / "none.tar.gz", "w:gz") as tar:
        tar.add(tables / "notes.txt", "notes.txt")
    for path in (tables, tmp_path / "none.tar.gz"):
        done = bring(path, "none")
        assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
        assert "nothing here reads this" in done.stderr
        assert "/jobs/" not in done.stderr, "where it was unpacked"


def test_a_zip_with_a_password_says_so(tmp_path: Path) -> None:
    path = tmp_path / "p.zip"
    with zipfile.ZipFile(path, "w") as zipped:
        zipped.writestr("a.csv", "step,loss\n1,0.5\n")
    data = bytearray(path.read_bytes())
    data[6] |= 1  # that it is encrypted: in front of the file, and in the list at the end
    data[data.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(data)
    with pytest.raises(ImportProblem, match=r"^p.zip: asks for a password; unpack it with that first$"), unpacked(path):
        pass
