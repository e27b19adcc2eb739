"""The code that is kept with a run: which files, in what file, and what that costs."""

from __future__ import annotations

import errno
import hashlib
import io
import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
import runicorn as rn
from runicorn.errors import InvalidArgument
from runicorn.hooks import open_store
from runicorn.testing import MediaTypeContract
from runicorn_environment.snapshot import Code, CodeType, chosen


@pytest.fixture
def code(tmp_path: Path) -> Path:
    root = tmp_path / "project"
    for name, content in {
        "train.py": "print(1)\n",
        "src/model.py": "x = 1\n",
        "src/notes.log": "no code",
        "src/keep.log": "code all the same",
        "data/big.bin": "0" * 100,
        "build/out.py": "made",
        "docs/build/page.md": "not below the root",
        ".gitignore": "*.log\n!keep.log\n/build/\n",
        ".rnignore": "data/\n",
        "src/.gitignore": "secret_*.py\n",
        "src/secret_plan.py": "hush",
        "secret_plan.py": "not hush",
        ".env": "TOKEN=1",
        "keys/id_rsa": "key",
        ".git/config": "[core]",
        "__pycache__/a.pyc": "",
    }.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(content)
    (root / "link.py").symlink_to(root / "train.py")
    (root / "loop").symlink_to(root)
    return root


KEPT = [
    ".gitignore",
    ".rnignore",
    "docs/build/page.md",
    "secret_plan.py",
    "src/.gitignore",
    "src/keep.log",
    "src/model.py",
    "train.py",
]


class TestCode(MediaTypeContract):
    @pytest.fixture
    def media_type(self) -> Any:
        return CodeType()

    @pytest.fixture
    def value(self, code: Path) -> object:
        return Code(code)


class Sink:
    def put(self, data: bytes, suffix: str) -> str:
        self.data = data
        return "media/x" + suffix

    put_shared = put


def packed(root: Path) -> tuple[dict[str, Any], bytes]:
    sink = Sink()
    return dict(CodeType().encode(Code(root), sink)), sink.data


def test_what_git_would_ignore_and_what_is_secret_is_left_out(code: Path) -> None:
    names = [name for name, _ in chosen(code)[0]]
    assert names == KEPT


def test_where_there_are_too_many_files_those_of_the_upper_folders_are_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("annotations/deep/1.json", "annotations/2.json", "src/model.py", "train.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name)
    monkeypatch.setattr("runicorn_environment.snapshot.MOST_FILES", 3)
    found, left_out = chosen(tmp_path)
    assert [name for name, _ in found] == ["annotations/2.json", "src/model.py", "train.py"]
    assert left_out == 1


@pytest.mark.skipif(shutil.which("git") is None, reason="needs git; on Debian: apt-get install git")
def test_it_agrees_with_git_itself(code: Path) -> None:
    shutil.rmtree(code / ".git")
    (code / ".rnignore").unlink()
    for extra in ("a/b/.gitignore", "a/.gitignore"):
        (code / extra).parent.mkdir(parents=True, exist_ok=True)
    (code / "a/.gitignore").write_text("*.txt\n!/b/\nq?.py\n/only/*.md\n**/deep/x\n")
    (code / "a/b/.gitignore").write_text("!good.txt\n")
    for name in ("a/no.txt", "a/b/good.txt", "a/b/bad.txt", "a/qq.py", "a/only/x.md", "a/b/only/x.md", "a/z/deep/x"):
        (code / name).parent.mkdir(parents=True, exist_ok=True)
        (code / name).write_text(name)
    subprocess.run(["git", "init", "-q", code], check=True)
    command = ["git", "-C", str(code), "ls-files", "--others", "--exclude-standard"]
    listed = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    left_out_always = {".env", "keys/id_rsa", "link.py", "loop", "__pycache__/a.pyc"}
    assert {name for name, _ in chosen(code)[0]} == set(listed) - left_out_always


def test_the_same_code_makes_the_same_file(code: Path, tmp_path: Path) -> None:
    about, data = packed(code)
    copy = tmp_path / "elsewhere" / "project"
    shutil.copytree(code, copy, symlinks=True)
    for file in copy.rglob("*.py"):
        os.utime(file, (1, 1), follow_symlinks=False)
    again, same = packed(copy)
    assert (again, same) == (about, data)
    assert about["sha256"] == hashlib.sha256(data).hexdigest()
    (copy / "train.py").write_text("print(2)\n")
    assert packed(copy)[0]["sha256"] != about["sha256"]


def test_files_too_large_or_too_many_are_counted(code: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (code / "huge.py").write_bytes(b"#" * 2000)
    monkeypatch.setattr("runicorn_environment.snapshot.MOST_FILE", 1000)
    assert packed(code)[0]["left_out"] == 1
    monkeypatch.setattr("runicorn_environment.snapshot.MOST_FILES", 3)
    about, _ = packed(code)
    assert (len(about["files"]), about["left_out"]) == (3, len(KEPT) - 3 + 1)


@pytest.mark.parametrize("root", ["/", "~", "/nowhere/at/all"])
def test_nobody_means_the_whole_disk(root: str) -> None:
    with pytest.raises(InvalidArgument):
        chosen(Path(root).expanduser())


def media_of(run: rn.Run) -> Any:
    (record,) = open_store().find_runs(run.id)
    return open_store().open_run(record.ref).media()


def test_hook_register_media_types_keeps_the_code_with_the_run(code: Path) -> None:
    with rn.init(project="p", capture_env=False) as run:
        run.snapshot_code(code)
        run.snapshot_code(code / "nowhere")
    (record,) = media_of(run)
    assert (record.key, record.kind) == ("code", "code")
    with zipfile.ZipFile(io.BytesIO((run.dir / record.path).read_bytes())) as archive:
        assert archive.namelist() == KEPT
        assert archive.read("train.py") == b"print(1)\n"
    status = json.loads((run.dir / "status.json").read_text())
    assert "is no folder" in status["trouble"][0]["what"]


def test_hook_run_started_keeps_it_by_itself_where_the_configuration_says_so(code: Path) -> None:
    (code / "train.py").write_text(
        "import runicorn as rn\nrun = rn.init('p', capture_env=False)\nrun.finish()\nprint(run.dir)"
    )
    more = {"RUNICORN_ENVIRONMENT__SNAPSHOT_CODE": "true"}
    command = [sys.executable, str(code / "train.py")]
    said = subprocess.run(command, env={**os.environ, **more}, capture_output=True, text=True, check=True, cwd="/")
    (file,) = Path(said.stdout.strip()).glob("media/*/*.zip")
    with zipfile.ZipFile(file) as archive:
        assert archive.namelist() == KEPT


# --- Many runs of one project


def kept(run: rn.Run) -> Path:
    (file,) = run.dir.glob("media/*/*.zip")
    return file


def with_code(code: Path, project: str = "p", name: str = "n") -> rn.Run:
    with rn.init(project=project, name=name, capture_env=False) as run:
        run.snapshot_code(code)
    return run


def test_the_same_code_is_stored_once_in_a_project_and_outlives_each_of_its_runs(code: Path) -> None:
    first, second = with_code(code), with_code(code, name="other/name")
    elsewhere = with_code(code, project="q")
    content = kept(first).read_bytes()
    assert kept(first).samefile(kept(second))
    assert not kept(first).samefile(kept(elsewhere))

    manager = rn.ExperimentManager()
    (usage,) = [row for row in manager.usage() if row.project == "p"]
    assert usage.bytes == size(first) + size(second) - len(content)

    pool = first.dir.parents[2] / ".media"
    assert len(list(pool.glob("*/*"))) == 1
    manager.delete(first.id)
    manager.empty(first.id)
    assert kept(second).read_bytes() == content
    assert len(list(pool.glob("*/*"))) == 1
    moved = open_store().root / manager.move(second.id, project="r").changed[0]
    (file,) = moved.glob("media/*/*.zip")
    assert file.read_bytes() == content
    assert {record.ref.id for record in manager.search()} == {second.id, elsewhere.id}


def size(run: rn.Run) -> int:
    return sum(file.stat().st_size for file in run.dir.rglob("*") if file.is_file())


def test_the_last_run_takes_the_shared_code_along(code: Path) -> None:
    runs = [with_code(code), with_code(code)]
    manager = rn.ExperimentManager()
    manager.move(runs[0].id, project="another")
    manager.delete([run.id for run in runs])
    manager.empty()
    assert not list(open_store().root.rglob("*.zip"))


@pytest.mark.parametrize("damage", ["no links", "damaged"])
def test_a_run_keeps_code_of_its_own_where_it_cannot_be_shared(
    code: Path, monkeypatch: pytest.MonkeyPatch, damage: str
) -> None:
    if damage == "no links":

        def refuse(*_: object) -> None:
            raise OSError(errno.EPERM, "Operation not permitted")

        monkeypatch.setattr(os, "link", refuse)
    first = with_code(code)
    content = kept(first).read_bytes()
    if damage == "damaged":
        kept(first).write_bytes(b"edited by somebody")
    second = with_code(code)
    assert kept(second).read_bytes() == content
    assert not list(second.dir.rglob("*.tmp"))
    (record,) = open_store().find_runs(second.id)
    assert list(record.trouble) == []
