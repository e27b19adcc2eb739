"""Archives: byte for byte out and in, and nothing of what is damaged or would go elsewhere."""

from __future__ import annotations

import gzip
import io
import json
import os
import re
import signal
import subprocess
import sys
import tarfile
import tracemalloc
import zipfile
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
import runicorn as rn
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from runicorn.contracts import Exporter, Importer, Store
from runicorn.errors import ImportProblem, InvalidArgument, UnsafePath
from runicorn.hooks import Selection, export_to_file, find_run, open_store
from runicorn.managing import Imported, ImportRequest, import_runs
from runicorn.security import check_path, check_project, check_run_id
from runicorn.testing import ExporterContract, ImporterContract
from runicorn_exporters.archives.containers import Metered
from runicorn_exporters.archives.reading import ArchiveImporter
from runicorn_exporters.archives.writing import ArchiveExporter
from runicorn_exporters.imports.unpacked import unpacked

KINDS = ["zip", "tar.gz", "tar.zst"]


class TestArchiveOut(ExporterContract):
    @pytest.fixture
    def exporter(self) -> Exporter:
        return ArchiveExporter()


@pytest.fixture
def runs() -> list[str]:
    """Three runs: with everything, failed, empty."""
    odd = "视觉/ResNet 50/it's"
    with rn.init(path=odd, params={"lr": 0.1}, tags=["好"], note='"quoted"', capture_env=False) as first:
        for step in range(300):
            first.log({"loss": 1 / (step + 1), "损失/a b": float(step)})
        first.log({"nan": float("nan"), "words": "text"})
        first.log_text("a line\n第二行")
    (first.dir / "media" / "ab").mkdir(parents=True)
    (first.dir / "media" / "ab" / "图 1.png").write_bytes(os.urandom(5000))
    second = rn.init(project="p", capture_env=False)
    second.log({"x": 1})
    second.finish(status="failed")
    with rn.init(project="p", name="empty", capture_env=False) as third:
        pass
    return [first.id, second.id, third.id]


Archive = Callable[..., Path]


@pytest.fixture
def archive(runs: list[str], tmp_path: Path) -> Archive:
    def make(kind: str = "zip") -> Path:
        store = open_store()
        path = tmp_path / f"runs.{kind}"
        export_to_file("archive", Selection(store, [find_run(store, run).ref for run in runs]), path, {"kind": kind})
        store.close()
        return path

    return make


class TestArchiveIn(ImporterContract):
    @pytest.fixture
    def importer(self) -> Importer:
        return ArchiveImporter()

    @pytest.fixture
    def source(self, archive: Archive) -> Path:
        return archive()

    @pytest.fixture
    def store(self, offered: str, source: Path, tmp_path: Path) -> Iterator[Store]:
        assert offered
        store = open_store(tmp_path / "target")  # not the root that the runs come from
        yield store
        store.close()


@pytest.fixture
def target(tmp_path: Path) -> Iterator[Store]:
    store = open_store(tmp_path / "other root")
    yield store
    store.close()


def bring(store: Store, path: Path, **how: Any) -> list[Imported]:
    return list(import_runs(store, ImportRequest(path, **how)))


def files_of(root: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(root)): path.read_bytes()
        for path in root.rglob("*")
        if path.is_file() and "runs" in path.relative_to(root).parts
    }


@pytest.mark.parametrize("kind", KINDS)
def test_a_round_trip_gives_every_byte_back(archive: Archive, target: Store, kind: str) -> None:
    outcomes = bring(target, archive(kind))
    assert [outcome.became for outcome in outcomes] == ["added"] * 3
    assert files_of(target.root) == files_of(open_store().root)
    assert {run.status for run in target.list_runs()} == {"finished", "failed"}


@pytest.mark.parametrize("kind", KINDS)
def test_an_unpacked_archive_is_a_storage_root(archive: Archive, tmp_path: Path, kind: str) -> None:
    folder = tmp_path / "unpacked"
    path = archive(kind)
    if kind == "zip":
        zipfile.ZipFile(path).extractall(folder)
    else:
        subprocess.run(["tar", "-C", tmp_path, "-xf", path, "--one-top-level=unpacked"], check=True)
    assert files_of(folder) == files_of(open_store().root)


_text = st.text(st.characters(codec="utf-8"), min_size=1, max_size=12) | st.sampled_from(
    ["猫", "it's", 'say "hi"', "a  b", "ö.txt", "$(x)", "-rf", "%s", "a'b c", "é" * 12, "~", "#1"]
)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    project=_text, name=_text, run_id=_text, file=_text, content=st.binary(max_size=300), kind=st.sampled_from(KINDS)
)
def test_any_name_survives_the_round_trip(
    tmp_path_factory: pytest.TempPathFactory, project: str, name: str, run_id: str, file: str, content: bytes, kind: str
) -> None:
    try:
        check_project(project), check_path("name", name), check_run_id(run_id)
    except UnsafePath:
        assume(False)
    assume("/" not in file and "\x00" not in file and "\\" not in file and file not in (".", "..") and file[0] != ".")
    assume(not (len(file) > 1 and file[1] == ":") and len(file.encode()) < 200 and not file.endswith((".tmp", ".lock")))
    base = tmp_path_factory.mktemp("names")
    with rn.init(project=project, name=name, run_id=run_id, storage=base / "a", capture_env=False) as run:
        run.log({"x": 1.5})
    (run.dir / "media").mkdir()
    (run.dir / "media" / file).write_bytes(content)
    source, store = open_store(base / "a"), open_store(base / "b")
    selection = Selection(source, [source.list_runs()[0].ref])
    export_to_file("archive", selection, base / "x", {"kind": kind})
    (outcome,) = bring(store, base / "x")
    assert outcome.became == "added"
    assert files_of(base / "b") == files_of(base / "a")
    source.close()
    store.close()


def reasons(store: Store, path: Path) -> list[str]:
    """What is wrong with an archive, as people are told."""
    try:
        return [outcome.reason for outcome in bring(store, path, importer="archive") if outcome.became == "failed"]
    except ImportProblem as error:
        return [str(error)]


# --- What is damaged, or means harm


@pytest.mark.parametrize("kind", KINDS)
def test_a_truncated_archive_is_one_sentence_and_no_half_run(archive: Archive, target: Store, kind: str) -> None:
    path = archive(kind)
    whole = path.read_bytes()
    for share in (0.02, 0.3, 0.6, 0.97):
        path.write_bytes(whole[: int(len(whole) * share)])
        said = reasons(target, path)
        assert said
        assert [text for text in said if "\n" in text or not re.search("nothing of|no archive of runs", text)] == []
        for record in target.list_runs():  # what is there is whole
            mine = {k: v for k, v in files_of(target.root).items() if k.startswith(record.ref.folder)}
            theirs = {k: v for k, v in files_of(open_store().root).items() if k.startswith(record.ref.folder)}
            assert mine == theirs
        assert not (target.root / ".importing").exists()
    path.write_bytes(whole)
    assert {outcome.became for outcome in bring(target, path)} <= {"added", "there"}
    assert files_of(target.root) == files_of(open_store().root)


@pytest.mark.parametrize("kind", KINDS)
def test_any_changed_byte_of_content_is_noticed(archive: Archive, target: Store, kind: str) -> None:
    path = archive(kind)
    whole = bytearray(path.read_bytes())
    for place in range(len(whole) // 7, len(whole) - 64, max(1, len(whole) // 9)):
        damaged = bytearray(whole)
        damaged[place] ^= 0x55
        path.write_bytes(damaged)
        try:
            outcomes = bring(target, path, importer="archive", preview=True)
        except ImportProblem:
            continue
        good = [outcome for outcome in outcomes if outcome.brought]
        assert len(good) < 3 or kind == "zip"  # a zip has bytes that mean nothing, such as times
    path.write_bytes(whole)
    assert len([o for o in bring(target, path, preview=True) if o.brought]) == 3


def rewritten(path: Path, change: Callable[[dict[str, bytes], dict[str, Any]], None]) -> Path:
    """An archive whose members and manifest somebody has changed, and whose hashes fit all the same."""
    with zipfile.ZipFile(path) as zipped:
        content = {info.filename: zipped.read(info) for info in zipped.infolist()}
    manifest = json.loads(content.pop("runicorn-archive.json"))
    change(content, manifest)
    made = path.with_name("changed.zip")
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as zipped:
        zipped.writestr("runicorn-archive.json", json.dumps(manifest))
        for name, data in content.items():
            zipped.writestr(name, data)
    return made


def evil_file(name: str) -> Callable[[dict[str, bytes], dict[str, Any]], None]:
    def change(content: dict[str, bytes], manifest: dict[str, Any]) -> None:
        run = manifest["runs"][0]
        run["files"].insert(0, {"path": name, "size": 4, "sha256": sha256(b"evil").hexdigest()})
        first = next(iter(content))
        rest = dict(content)
        content.clear()
        content[f"{run['folder']}/{name}"] = b"evil"
        content.update(rest)
        assert first

    return change


@pytest.mark.parametrize(
    "name", ["../evil", "a/../../evil", "/tmp/evil", "..\\evil", "C:evil", "a//b", "./evil", "media/../../../../evil"]
)
def test_no_file_leaves_its_run(archive: Archive, target: Store, name: str, tmp_path: Path) -> None:
    before = {path for path in tmp_path.rglob("*") if "other root" not in path.parts and path.name != "changed.zip"}
    outcomes = bring(target, rewritten(archive(), evil_file(name)))
    assert [outcome.became for outcome in outcomes] == ["failed", "added", "added"]
    assert "evil" in outcomes[0].reason or "b" in outcomes[0].reason
    after = {path for path in tmp_path.rglob("*") if "other root" not in path.parts and path.name != "changed.zip"}
    assert after - before <= {tmp_path / "runs.zip"}
    assert not list(target.root.rglob("*evil*"))


@pytest.mark.parametrize("project", ["..", "../../x", "/etc", "artifacts", ".git", "con", "a\x00b"])
def test_a_run_lies_below_its_project_whatever_it_is_called(archive: Archive, target: Store, project: str) -> None:
    def change(content: dict[str, bytes], manifest: dict[str, Any]) -> None:
        manifest["runs"][1]["project"] = project
        manifest["runs"][1]["name"] = "../up"

    outcomes = bring(target, rewritten(archive(), change))
    assert [outcome.became for outcome in outcomes] == ["added"] * 3
    folder = (target.root / outcomes[1].run).resolve()
    assert target.root.resolve() in folder.parents
    assert find_run(target, outcomes[1].run).ref.project == outcomes[1].run.split("/")[0]


def test_a_link_in_an_archive_is_nothing(archive: Archive, target: Store, tmp_path: Path) -> None:
    path = archive("tar.gz")
    made = tmp_path / "links.tar.gz"
    with tarfile.open(path) as old, tarfile.open(made, "w:gz") as new:
        for number, info in enumerate(old):
            new.addfile(info, old.extractfile(info))
            if number == 0:
                for kind in (tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE):
                    link = tarfile.TarInfo(f"视觉/link{kind!r}")
                    link.type, link.linkname = kind, "/etc/passwd"
                    new.addfile(link)
    assert [outcome.became for outcome in bring(target, made)] == ["added"] * 3
    assert not [p for p in target.root.rglob("*") if p.is_symlink() or p.is_fifo()]
    assert files_of(target.root) == files_of(open_store().root)


def test_a_file_that_the_manifest_does_not_name_fails_its_run(archive: Archive, target: Store) -> None:
    def change(content: dict[str, bytes], manifest: dict[str, Any]) -> None:
        manifest["runs"][0]["files"].pop()

    outcomes = bring(target, rewritten(archive(), change))
    assert outcomes[0].became == "failed"


def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path: Path, target: Store) -> None:
    size = 3 << 30
    run = {"id": "r", "project": "p", "name": "n", "folder": "p/n/runs/r", "created_at": 1, "status": "finished"}
    files = [{"path": "events.jsonl", "size": size, "sha256": "0" * 64}]
    manifest = json.dumps({"runicorn_archive": 1, "runs": [{**run, "format": "runicorn", "files": files}]})
    path = tmp_path / "bomb.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as zipped:
        zipped.writestr("runicorn-archive.json", manifest)
        zipped.writestr("p/n/runs/r/events.jsonl", b"0" * 1000)
    with pytest.raises(ImportProblem, match=r"times its size; allow it with --option max_ratio"):
        bring(target, path)
    with pytest.raises(ImportProblem, match=r"3,221,225,472 bytes; allow it with --option max_bytes"):
        bring(target, path, options={"max_bytes": 1000})
    with pytest.raises(ImportProblem, match="1 files; allow them with --option max_files"):
        bring(target, path, options={"max_files": 0})
    with pytest.raises(InvalidArgument, match="max_byte"):
        bring(target, path, options={"max_byte": 0})
    assert not target.root.exists() or not list(target.root.rglob("events.jsonl"))


@pytest.mark.parametrize(("size", "said"), [(1 << 27, "larger than any"), (0, "names more than 1,000,000 files")])
def test_a_manifest_that_is_a_bomb_is_not_even_read(tmp_path: Path, target: Store, size: int, said: str) -> None:
    path = tmp_path / "bomb.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as zipped:
        zipped.writestr("runicorn-archive.json", b'{"runs":[' + b"0," * ((size or 22_000_000) // 2) + b"0]}")
        zipped.writestr("fill", os.urandom(1 << 20), zipfile.ZIP_STORED)
    tracemalloc.start()
    try:
        with pytest.raises(ImportProblem, match=said):
            bring(target, path)
        assert tracemalloc.get_traced_memory()[1] < 100 << 20
    finally:
        tracemalloc.stop()


def test_a_member_that_is_longer_than_it_says_stops_where_it_should_end(archive: Archive, target: Store) -> None:
    def change(content: dict[str, bytes], manifest: dict[str, Any]) -> None:
        name = next(name for name in content if name.endswith("events.jsonl"))
        content[name] += b" " * (64 << 20)  # 64 MiB of nothing, 64 KiB packed

    outcomes = bring(target, rewritten(archive(), change))
    assert "is longer than the manifest says" in outcomes[0].reason
    assert [outcome.became for outcome in outcomes] == ["failed", "added", "added"]


ODD = b"Z"  # a kind of member that nobody knows has content, too


def with_one_more(old: Path, path: Path, header: tarfile.TarInfo, size: int) -> Path:
    """The archive again, and behind its manifest one more member, of zeros, as ``tarfile`` would not write it."""
    header.size = size
    with tarfile.open(old) as tar, gzip.open(path, "wb", 1) as out:
        for number, info in enumerate(tar):
            content = tar.extractfile(info)
            assert content is not None
            data = content.read()
            out.write(info.tobuf(tarfile.PAX_FORMAT) + data + bytes(-len(data) % 512))
            if number == 0:
                out.write(header.tobuf(tarfile.GNU_FORMAT) + bytes(size))
        out.write(bytes(1024))
    return path


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        (tarfile.REGTYPE, "nobody/named/this"),
        (ODD, "odd"),
        (tarfile.XHDTYPE, "header"),
        (tarfile.GNUTYPE_LONGNAME, "x"),
    ],
)
def test_what_a_stream_holds_beside_its_files_is_bounded(
    archive: Archive, target: Store, tmp_path: Path, kind: bytes, name: str
) -> None:
    """64 MiB of zeros, 64 KiB packed: passing over them is as bad as writing them."""
    header = tarfile.TarInfo(name)
    header.type = kind
    path = with_one_more(archive("tar.gz"), tmp_path / "bomb.tar.gz", header, 64 << 20)
    drawn, most = Metered.read, 0

    def counting(self: Metered, size: int) -> bytes:
        nonlocal most
        piece = drawn(self, size)
        most = max(most, self.at)
        return piece

    tracemalloc.start()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Metered, "read", counting)
        said = reasons(target, path)
    _, memory = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert said
    assert all("nothing of" in text for text in said)
    assert (most < 16 << 20, memory < 32 << 20) == (True, True)
    assert target.list_runs() == []
    if kind != tarfile.REGTYPE:  # as a packed folder
        with pytest.raises(ImportProblem, match="nothing of it was imported"), unpacked(other_first(path)):
            pass


def other_first(path: Path) -> Path:
    """The same stream, begun with a file: no archive of runs, but a folder that somebody has packed."""
    made = path.with_name("packed.tar.gz")
    first = tarfile.TarInfo("a/hello")
    with gzip.open(path) as old, gzip.open(made, "wb", 1) as new:
        new.write(first.tobuf())
        while piece := old.read(1 << 20):
            new.write(piece)
    return made


def test_a_tar_of_nothing_but_folders_ends(archive: Archive, tmp_path: Path, target: Store) -> None:
    path = tmp_path / "folders.tar.gz"
    header = tarfile.TarInfo("d")
    header.type = tarfile.DIRTYPE
    with tarfile.open(archive("tar.gz")) as old, gzip.open(path, "wb", 1) as out:
        info = next(iter(old))
        content = old.extractfile(info)
        assert content is not None
        data = content.read()
        out.write(info.tobuf() + data + bytes(-len(data) % 512) + header.tobuf() * 40_000)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("runicorn_exporters.archives.containers._MOST_OTHERS", 1000)
        assert any("more than 1,000 folders, links and devices" in text for text in reasons(target, path))


def test_the_list_of_a_zip_is_bounded_and_so_is_how_it_is_packed(tmp_path: Path, target: Store) -> None:
    path = tmp_path / "many.zip"
    with zipfile.ZipFile(path, "w") as zipped:
        for number in range(50):
            zipped.writestr(f"{number}", b"")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("runicorn_exporters.archives.containers._MOST_LISTED", 1000)
        assert "larger than a million files need" in reasons(target, path)[0]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_LZMA) as zipped:
        zipped.writestr("runicorn-archive.json", b"{}")
    assert "packed with a method other than deflate" in reasons(target, path)[0]


def test_what_is_no_archive_is_told_apart(tmp_path: Path, target: Store) -> None:
    (tmp_path / "a.zip").write_bytes(b"no zip")
    with pytest.raises(ImportProblem, match="nothing here reads this"):
        bring(target, tmp_path / "a.zip")
    with pytest.raises(ImportProblem, match=r"is no \.zip"):
        bring(target, tmp_path / "a.zip", importer="archive")
    with zipfile.ZipFile(tmp_path / "b.zip", "w") as zipped:
        zipped.writestr("hello", "x")
    with pytest.raises(ImportProblem, match=r"is no archive of runs: its first file is not runicorn-archive\.json"):
        bring(target, tmp_path / "b.zip", importer="archive")
    with pytest.raises(ImportProblem, match="there is no such file or folder"):
        bring(target, tmp_path / "c.zip")
    (tmp_path / "d.gz").write_bytes(gzip.compress(b"x" * 5000))
    with pytest.raises(ImportProblem, match=r"is damaged|is cut off|is no archive"):
        bring(target, tmp_path / "d.gz", importer="archive")


# --- Conflicts


def test_the_same_run_is_there_and_another_one_is_a_conflict(archive: Archive, target: Store) -> None:
    path = archive()
    bring(target, path)
    changed = target.root / bring(target, path)[1].run
    (changed / "events.jsonl").write_bytes(b"")
    outcomes = bring(target, path)
    assert [outcome.became for outcome in outcomes] == ["there", "skipped", "there"]
    assert outcomes[1].reason == "the run is here with other content; see --on-conflict"
    outcomes = bring(target, path, conflict="rename")
    assert [outcome.became for outcome in outcomes] == ["there", "renamed", "there"]
    assert find_run(target, outcomes[1].run).ref.id == outcomes[1].run.rpartition("/")[2]
    assert [outcome.became for outcome in bring(target, path, conflict="rename")] == ["there"] * 3
    assert len(target.list_runs()) == 4
    assert (changed / "events.jsonl").read_bytes() == b""
    outcomes = bring(target, path, conflict="overwrite")
    assert [outcome.became for outcome in outcomes] == ["there", "replaced", "there"]
    assert (changed / "events.jsonl").read_bytes() == (
        open_store().root / outcomes[1].run / "events.jsonl"
    ).read_bytes()


def test_a_run_that_is_being_written_is_not_overwritten(archive: Archive) -> None:
    path = archive()
    store = open_store()
    with rn.init(project="p", run_id=store.list_runs()[-1].ref.id, name="x", capture_env=False) as live:
        live.log({"x": 1})
        record = find_run(store, f"p/x/runs/{live.id}")

        def change(content: dict[str, bytes], manifest: dict[str, Any]) -> None:
            manifest["runs"][0] |= {"project": "p", "name": "x", "id": record.ref.id}

        (outcome, *_) = bring(store, rewritten(path, change), conflict="overwrite")
        assert (outcome.became, outcome.reason) == ("failed", "the run in its place is still being written")


def test_runs_can_go_into_another_project(archive: Archive, target: Store) -> None:
    outcomes = bring(target, archive(), project="collected")
    assert {outcome.run.split("/")[0] for outcome in outcomes} == {"collected"}
    assert {run.ref.project for run in target.list_runs()} == {"collected"}
    assert {outcome.became for outcome in bring(target, archive(), project="collected")} == {"there"}
    with pytest.raises(UnsafePath):
        bring(target, archive(), project="../x")


# --- Interrupted


#: The command, which ends itself: somebody else who watches may get no turn before it is done.
KILLED_MIDWAY = """
import glob, os, runpy, signal, sys, threading

def watch():
    while not glob.glob(sys.argv[-1] + "/.importing/*/run/media/noise.bin"):
        pass
    os.kill(os.getpid(), signal.SIGKILL)

threading.Thread(target=watch, daemon=True).start()
runpy.run_module("runicorn", run_name="__main__")
"""


def test_a_killed_import_leaves_whole_runs_and_goes_on(tmp_path: Path, target: Store) -> None:
    base = tmp_path / "big"
    for number in range(4):
        with rn.init(project="p", run_id=f"run-{number}", storage=base, capture_env=False) as run:
            run.log({"x": 1})
        (run.dir / "media").mkdir()
        (run.dir / "media" / "noise.bin").write_bytes(os.urandom(4 << 20))
    source = open_store(base)
    refs = [record.ref for record in source.list_runs()]
    export_to_file("archive", Selection(source, refs), tmp_path / "big.zip", {})
    command = [sys.executable, "-c", KILLED_MIDWAY, "import", str(tmp_path / "big.zip"), "--root", str(target.root)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == -signal.SIGKILL, done.stdout + done.stderr
    expected = files_of(base)
    for name, content in files_of(target.root).items():
        assert expected[name] == content
    (left,) = target.root.glob(".importing/*")
    assert {outcome.became for outcome in bring(target, tmp_path / "big.zip")} <= {"added", "there"}
    assert files_of(target.root) == expected
    assert not left.exists()


@pytest.mark.skipif(sys.platform == "win32", reason="limits of files are a thing of POSIX")
def test_a_run_that_the_disk_does_not_take_leaves_nothing(archive: Archive, target: Store) -> None:
    path = archive("tar.gz")
    command = f"ulimit -f 8; exec {sys.executable} -m runicorn import '{path}' --root '{target.root}'"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "File too large" in done.stderr
    assert "Traceback" not in done.stderr
    assert {record.ref.name for record in target.list_runs()} == {"default", "empty"}  # the small ones
    assert not (target.root / ".importing").exists()
    assert [outcome.became for outcome in bring(target, path)] == ["added", "there", "there"]
    assert files_of(target.root) == files_of(open_store().root)


def test_a_run_that_was_being_replaced_when_its_import_was_killed_comes_back(archive: Archive, target: Store) -> None:
    path = archive()
    bring(target, path)
    folder = target.list_runs()[0].ref.folder
    before = files_of(target.root)
    beside = target.root / ".importing" / "1-abc"
    beside.mkdir(parents=True)  # as a process that was killed between its two steps leaves it
    (beside / "owner.json").write_text(json.dumps({"host": os.uname().nodename, "boot_id": "gone", "pid": 1}))
    (beside / "replaces.json").write_text(json.dumps({"folder": folder}))
    (target.root / folder).rename(beside / "replaced")
    bring(target, path)
    assert files_of(target.root) == before
    assert not (target.root / ".importing").exists()


# --- The commands


@pytest.fixture
def runicorn(tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    def call(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "runicorn", *arguments]
        return subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=False)

    return call


def test_hook_register_importers_serves_the_command(
    runs: list[str], runicorn: Callable[..., subprocess.CompletedProcess[str]], tmp_path: Path
) -> None:
    """The ending of the file's name says which kind of archive."""
    made = runicorn("export", *runs, "-o", "all.tar.zst")
    assert made.stdout == "all.tar.zst\n", made.stderr
    assert (tmp_path / "all.tar.zst").read_bytes()[:4] == b"\x28\xb5\x2f\xfd"
    assert "archive\tarchives of runs" in runicorn("import", "--list").stdout
    preview = runicorn("import", "all.tar.zst", "--root", "b", "--dry-run")
    assert "3 runs would be imported" in preview.stdout
    assert not (tmp_path / "b").exists()
    done = runicorn("import", "all.tar.zst", "--root", "b", "--json")
    assert [run["became"] for run in json.loads(done.stdout)] == ["added"] * 3
    again = runicorn("import", "all.tar.zst", "--root", "b")
    assert again.stdout.splitlines() == ["0 runs imported", "3 runs left as they are: here already"]


def test_a_damaged_archive_ends_the_command_with_one_sentence(
    archive: Archive, runicorn: Callable[..., subprocess.CompletedProcess[str]], tmp_path: Path
) -> None:
    path = archive("tar.gz")
    path.write_bytes(path.read_bytes()[:-2000])
    done = runicorn("import", str(path), "--root", "b")
    assert done.returncode in (1, 2)
    assert "Traceback" not in done.stderr
    assert "nothing of" in done.stderr


def test_export_stops_when_a_file_changes_under_it(runs: list[str], tmp_path: Path) -> None:
    store = open_store()
    record = find_run(store, runs[0])
    selection = Selection(store, [record.ref])
    image = next((store.root / record.ref.folder / "media").rglob("*.png"))

    class Changing(io.BytesIO):
        """Somebody writes into the file once the manifest has been written."""

        def write(self, data: Any) -> int:
            image.write_bytes(b"other" * 1000)
            return super().write(data)

    from runicorn.hooks import export_runs

    with pytest.raises(OSError, match="it changed while it was read; export again"):
        export_runs("archive", selection, Changing(), {})


def test_a_run_that_is_named_twice_is_exported_once(tmp_path: Path) -> None:
    with rn.init(project="p", run_id="one", capture_env=False) as run:
        run.log({"loss": 0.5})
    store = open_store()
    twice = Selection(store, [find_run(store, "one").ref] * 2)
    export_to_file("archive", twice, tmp_path / "a.zip")
    export_to_file("csv", twice, tmp_path / "a.csv")
    there = open_store(tmp_path / "there")
    assert [outcome.became for outcome in import_runs(there, ImportRequest(tmp_path / "a.zip"))] == ["added"]
    assert len((tmp_path / "a.csv").read_text().splitlines()) == 2
