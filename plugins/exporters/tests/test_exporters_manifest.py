"""Manifests, through the command as its user types it."""

from __future__ import annotations

import gzip
import io
import json
import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import runicorn as rn

Command = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A finished run with an image, one in the recycle bin, an artifact; all of it older than two seconds."""
    from runicorn.hooks import open_store

    with rn.init(project="p", name="深/a", capture_env=False) as run:
        run.log({"loss": 0.5})
        run.log({"picture": rn.Image([[0, 255]])})
        artifact = rn.Artifact("net")
        with artifact.new_file("w.bin") as file:
            file.write(b"weights")
        run.log_artifact(artifact)
    with rn.init(project="q", capture_env=False) as other:
        other.log({"loss": 1.0})
    store = open_store()
    store.soft_delete(store.find_runs(other.id)[0].ref)
    root = store.root
    store.close()
    age(root)
    return root


def age(root: Path) -> None:
    past = time.time() - 60
    for path in root.rglob("*"):
        if path.is_file():
            os.utime(path, (past, past))


@pytest.fixture
def manifest(root: Path, tmp_path: Path) -> Command:
    def call(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "runicorn", "manifest", *arguments]
        return subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=False)

    return call


def is_listed(path: Path) -> bool:
    return path.is_file() and ".runicorn" not in path.parts


def read(path: Path) -> dict[str, Any]:
    data = path.read_bytes()
    document: dict[str, Any] = json.loads(gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data)
    return document


def test_every_file_stands_in_it_once(root: Path, manifest: Command) -> None:
    done = manifest("generate")
    path = root / ".runicorn" / "full_manifest.json"
    assert done.stdout == f"{path}\n", done.stderr
    document = read(path)
    listed = [f"{run['folder']}/{file['path']}" for run in document["experiments"] for file in run["files"]]
    listed += [file["path"] for file in document["files"]]
    there = sorted(
        p.relative_to(root).as_posix() for p in root.rglob("*") if p.is_file() and ".runicorn" not in p.parts
    )
    assert sorted(listed) == there
    assert (document["manifest_type"], document["revision"], document["format_version"]) == ("full", 1, "2.0")
    statistics = document["statistics"]
    assert statistics["total_files"] == len(there)
    assert statistics["total_bytes"] == sum((root / name).stat().st_size for name in there)
    assert statistics["total_experiments"] == 2
    assert str(root) not in path.read_text(encoding="utf-8")
    assert manifest("verify").returncode == 0


def test_what_has_not_changed_is_not_read_again(root: Path, manifest: Command, tmp_path: Path) -> None:
    time.sleep(2.1)  # what was touched in the last two seconds is never trusted
    first = manifest("generate", "-o", "a.json")
    again = manifest("generate", "-o", "b.json.gz")
    files, others = read(tmp_path / "a.json")["statistics"], read(tmp_path / "b.json.gz")["statistics"]
    assert files["hashed_files"] == files["total_files"], first.stderr
    assert (others["hashed_files"], others["total_files"]) == (0, files["total_files"]), again.stderr
    assert read(tmp_path / "a.json")["snapshot_id"] == read(tmp_path / "b.json.gz")["snapshot_id"]
    (event,) = root.glob("p/深/a/runs/*/events.jsonl")
    with event.open("ab") as file:
        file.write(b'{"ts":1,"type":"metrics","step":9,"data":{"loss":1}}\n')
    manifest("generate", "-o", "a.json")
    changed = read(tmp_path / "a.json")
    assert (changed["revision"], changed["statistics"]["hashed_files"]) == (2, 1)
    compared = manifest("diff", "b.json.gz", "a.json")
    assert compared.returncode == 1
    assert compared.stdout.startswith(f"changed\t{event.relative_to(root).as_posix()}\t")


def test_a_cache_that_cannot_be_used_only_costs_time(root: Path, runicorn_home: Path) -> None:
    made = rn.ManifestGenerator(root).generate(io.BytesIO())
    cache = runicorn_home / "cache" / "hashes.sqlite3"
    with sqlite3.connect(cache, isolation_level=None) as other:
        other.execute("drop table hashes")
        other.execute("create view hashes as select 1 as path")  # one that an other version has made
    other.close()
    assert rn.ManifestGenerator(root).generate(io.BytesIO()).hashed_files == made.total_files
    for file in cache.parent.glob("hashes.sqlite3*"):
        file.unlink()
    cache.mkdir()  # no file can be opened there
    assert rn.ManifestGenerator(root).generate(io.BytesIO()).hashed_files == made.total_files


def test_verify_names_what_is_missing_changed_or_damaged(root: Path, manifest: Command) -> None:
    manifest("generate", "--gzip")
    (picture,) = root.glob("p/深/a/runs/*/media/*/*")
    data = bytearray(picture.read_bytes())
    data[-1] ^= 1
    stat = picture.stat()
    picture.chmod(0o644)
    picture.write_bytes(data)
    os.utime(picture, ns=(stat.st_atime_ns, stat.st_mtime_ns))  # the same size and time: only the content tells
    (gone,) = root.glob("q/default/runs/*/events.jsonl")
    gone.unlink()
    done = manifest("verify", "--json")
    assert done.returncode == 1
    found = {(each["what"], each["path"]) for each in json.loads(done.stdout)}
    assert found == {
        ("changed", picture.relative_to(root).as_posix()),
        ("missing", gone.relative_to(root).as_posix()),
    }


def test_a_run_that_is_being_written_may_grow(root: Path, manifest: Command, tmp_path: Path) -> None:
    with rn.init(project="p", capture_env=False) as run:
        run.log({"loss": 1})
        done = manifest("generate", "--active", "--since", "0", "-o", "active.json")
        (entry,) = read(tmp_path / "active.json")["experiments"]
        assert (entry["run_id"], entry["status"]) == (run.id, "running"), done.stderr
        assert "events.jsonl" in {file["path"] for file in entry["files"] if file["growing"]}
        run.log({"loss": 2})
        wrong = json.loads(manifest("verify", "active.json", "--json").stdout)
        assert "events.jsonl" not in {each["path"].rpartition("/")[2] for each in wrong}
    events = run.dir / "events.jsonl"
    events.write_bytes(b"x" + events.read_bytes()[1:])
    wrong = json.loads(manifest("verify", "active.json", "--json").stdout)
    assert "events.jsonl" in {each["path"].rpartition("/")[2] for each in wrong}


def test_two_roots_are_compared_and_a_copy_is_the_same(root: Path, manifest: Command, tmp_path: Path) -> None:
    import shutil

    shutil.copytree(root, tmp_path / "copy")
    same = manifest("diff", str(root), str(tmp_path / "copy"))
    assert (same.returncode, same.stdout, same.stderr) == (0, "", "no difference\n")
    (gone,) = (tmp_path / "copy").glob("q/default/runs/*/meta.json")
    gone.unlink()
    (tmp_path / "copy" / "more.txt").write_text("x", encoding="utf-8")
    found = manifest("diff", str(root), str(tmp_path / "copy"), "--json")
    assert {(d["what"], d["path"].rpartition("/")[2]) for d in json.loads(found.stdout)} == {
        ("removed", "meta.json"),
        ("added", "more.txt"),
    }


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"{}", "is no manifest of this version"), (b"", "is no manifest"), (b"\x1f\x8b1234", "cannot be read")],
)
def test_what_is_no_manifest_is_told_in_one_sentence(
    manifest: Command, content: bytes, words: str, tmp_path: Path
) -> None:
    (tmp_path / "odd.json").write_bytes(content)
    done = manifest("verify", "odd.json")
    assert done.returncode == 2
    assert words in done.stderr
    assert done.stderr.count("\n") == 1


def test_of_a_root_that_is_not_there_no_manifest_is_made(manifest: Command, tmp_path: Path) -> None:
    done = manifest("generate", "--root", str(tmp_path / "typo"), "-o", "m.json")
    assert (done.returncode, "typo' is no folder" in done.stderr) == (2, True)
    assert not (tmp_path / "m.json").exists()


def test_a_manifest_that_was_cut_off_is_told(root: Path, manifest: Command, tmp_path: Path) -> None:
    manifest("generate", "-o", "m.json")
    data = (tmp_path / "m.json").read_bytes()
    (tmp_path / "m.json").write_bytes(data[: data.rindex(b'],"')])
    assert "ends too early" in manifest("verify", "m.json").stderr


def test_the_generator_is_there_from_python(root: Path) -> None:
    import io

    out = io.BytesIO()
    found = rn.ManifestGenerator(root).generate(out)
    assert found.total_files == json.loads(out.getvalue())["statistics"]["total_files"]
