"""Which Pythons are found on a machine, and why one cannot run the viewer. The real program, run by the real shell."""

from __future__ import annotations

import ast
import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from attrs import frozen
from runicorn.errors import Problem
from runicorn_remote_ssh.viewer import there
from runicorn_remote_ssh.viewer.environments import Environment, Surroundings, look_around, understood
from runicorn_remote_ssh.viewer.manager import choose

HERE = {"runicorn-core": "0.1.0", "runicorn-viewer-http": "0.1.0"}


@frozen
class Done:
    exit_status: int
    stdout: bytes
    stderr: bytes


class ThisMachine:
    """A line to a home folder of this machine, whose shell greets."""

    id = host = "box"

    def __init__(self, home: Path, path: str = "/usr/bin:/bin") -> None:
        self.home, self.path = home, path

    async def run(self, argv: Sequence[str], *, input: bytes | None = None, timeout_s: float) -> Done:
        environment = {"HOME": str(self.home), "PATH": self.path, "LANG": "C"}
        done = subprocess.run(argv, input=input, capture_output=True, env=environment, timeout=timeout_s, cwd="/")
        return Done(done.returncode, b"Welcome to box!\nrn{\n" + done.stdout, done.stderr)


def look(line: ThisMachine, root: str | None = None) -> Surroundings:
    return asyncio.run(look_around(line, root))  # type: ignore[arg-type]  # no more of it is needed


@pytest.fixture
def home(tmp_path: Path) -> Path:
    home = tmp_path / "Home 目录 'x'"
    home.mkdir()
    return home


def python(prefix: Path, version: tuple[int, int, int], packages: dict[str, str] | None = None) -> Path:
    """A stand-in that answers like a Python that is not installed on this machine."""
    said = {"version": version, "prefix": str(prefix), "base": "/usr", "packages": packages or {}, "venv": True}
    path = prefix / "bin" / "python3"
    path.parent.mkdir(parents=True)
    path.write_text(f"#!/bin/sh\ncat <<'EOF'\n{json.dumps(said)}\nEOF\n")
    path.chmod(0o755)
    return path


def by_name(around: Surroundings) -> dict[str, Environment]:
    return {one.name: one for one in around.environments}


def test_conda_venv_uv_pipx_pyenv_and_the_systems_are_found_below_any_home(home: Path) -> None:
    (home / "miniconda3" / "conda-meta").mkdir(parents=True)
    python(home / "miniconda3", (3, 12, 1))
    python(home / "miniconda3" / "envs" / "训练 env", (3, 12, 1), HERE)
    elsewhere = python(home / "big disk" / "conda" / "far", (3, 11, 4), HERE)
    (home / ".conda").mkdir()
    (home / ".conda" / "environments.txt").write_text(f"{elsewhere.parents[1]}\n/does/not/exist\n", encoding="utf-8")
    project = python(home / "project" / ".venv", (3, 13, 0), HERE)
    (project.parents[1] / "pyvenv.cfg").touch()
    python(home / ".virtualenvs" / "old", (3, 8, 2), {"runicorn": "0.7.2"})
    python(home / ".local/share/uv/tools" / "runicorn-core", (3, 12, 0), HERE)
    python(home / ".local/share/uv/python" / "cpython-3.13", (3, 13, 1))
    python(home / ".local/share/pipx/venvs" / "runs", (3, 12, 0))
    python(home / ".pyenv/versions" / "3.6.15", (3, 6, 15))
    found = by_name(look(ThisMachine(home)))
    kinds = {name: one.kind for name, one in found.items() if one.kind != "system"}
    assert kinds == {
        "base": "conda", "训练 env": "conda", "far": "conda", "project/.venv": "venv", "old": "venv",
        "runicorn-core": "uv", "cpython-3.13": "uv", "runs": "pipx", "3.6.15": "pyenv",
    }  # fmt: skip
    assert any(one.kind == "system" for one in found.values())
    assert found["project/.venv"].python == str(project)
    assert found["project/.venv"].obstacle is None


def test_why_a_python_cannot_run_the_viewer_is_said(home: Path) -> None:
    folder = home / ".virtualenvs"
    python(folder / "old-python", (3, 9, 1), HERE)
    python(folder / "older-product", (3, 12, 1), {"runicorn": "0.7.2"})
    python(folder / "nothing", (3, 12, 1))
    python(folder / "no-viewer", (3, 12, 1), {"runicorn-core": "0.1.0"})
    python(folder / "early", (3, 12, 1), {"runicorn-core": "0.1.0", "runicorn-viewer-http": "0.0.9"})
    python(folder / "newer", (3, 12, 1), {"runicorn-core": "1.2.0", "runicorn-viewer-http": "1.2.0"})
    broken = python(folder / "broken", (3, 12, 1))
    broken.write_text("#!/bin/sh\necho nonsense\nexit 1\n")
    found = by_name(look(ThisMachine(home)))
    said = {name: found[name].obstacle or "" for name in os.listdir(folder)}
    assert "needs Python 3.11" in said["old-python"]
    assert "0.7.2, an older product" in said["older-product"]
    assert said["nothing"] == "has no Runicorn"
    assert "without its viewer" in said["no-viewer"]
    assert "too old" in said["early"]
    assert said["newer"] == ""
    assert "does not run" in said["broken"]


def test_a_real_environment_with_runicorn_can_run_it_and_the_newest_is_taken(home: Path) -> None:
    real = home / "lab" / ".venv"
    real.mkdir(parents=True)
    (real / "pyvenv.cfg").touch()
    (real / "bin").mkdir()
    (real / "bin" / "python").write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n')
    (real / "bin" / "python").chmod(0o755)
    (home / "lab" / "runs").mkdir()
    around = look(ThisMachine(home), "~/lab/runs")
    assert (around.root, around.root_exists) == (str(home / "lab" / "runs"), True)
    assert [one.python for one in around.usable()] == [str(real / "bin" / "python")]
    python(home / ".virtualenvs" / "newer", (3, 12, 1), {"runicorn-core": "9.10.0", "runicorn-viewer-http": "9.10.0"})
    python(home / ".virtualenvs" / "new", (3, 12, 1), {"runicorn-core": "9.9.0", "runicorn-viewer-http": "9.9.0"})
    assert [one.name for one in look(ThisMachine(home)).usable()] == ["newer", "new", "lab/.venv"]


def test_the_program_over_there_ends_when_nobody_reads_what_it_finds() -> None:
    """The thread that watches, by itself: standard input lasts, nothing is written, only the reader goes."""
    searching = there.source("look_around").rpartition("main()")[0]
    thread = "threading.Thread(target=leave_with_the_client).start()"
    waiting = f"{thread}\nprint('here', flush=True)\ntime.sleep(600)\n"
    with subprocess.Popen(
        [sys.executable, "-c", searching + waiting], stdout=subprocess.PIPE, stdin=subprocess.PIPE
    ) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == b"here\n"
            assert process.poll() is None
            process.stdout.close()
            assert process.wait(100) == 1
        finally:
            process.kill()


def test_a_folder_that_is_not_there_and_room_on_the_disk_are_told(home: Path) -> None:
    around = look(ThisMachine(home), "~/none")
    assert (around.root, around.root_exists) == (str(home / "none"), False)
    assert around.free is not None
    assert around.free > 0
    assert around.data == str(home / ".local" / "share")


def test_a_machine_without_python_is_told_so(home: Path, tmp_path: Path) -> None:
    bare = tmp_path / "bare"
    bare.mkdir()
    for name in ("sh", "cat"):
        (bare / name).symlink_to(f"/bin/{name}")

    class WithoutPython(ThisMachine):
        async def run(self, argv: Sequence[str], *, input: bytes | None = None, timeout_s: float) -> Done:
            assert input is not None
            hidden = input.replace(b"/opt/", b"/nowhere/").replace(b"/usr/", b"/nowhere/")
            return await super().run(argv, input=hidden, timeout_s=timeout_s)

    with pytest.raises(Problem, match="box has no Python 3") as raised:
        look(WithoutPython(home, str(bare)))
    assert (raised.value.status, raised.value.code) == (409, "no-python")


def test_nothing_is_installed_unless_somebody_says_so(home: Path) -> None:
    python(home / ".virtualenvs" / "plain", (3, 12, 1))
    line: Any = ThisMachine(home)
    around = look(line)
    with pytest.raises(Problem, match="it can be installed there") as raised:
        choose(line, around, install=False)
    assert (raised.value.code, raised.value.parameters["can_install"]) == ("runicorn-missing", True)
    assert choose(line, around, install=True) is None


def test_names_from_outside_never_reach_the_shell_as_code(home: Path, tmp_path: Path) -> None:
    mark = tmp_path / "made"
    for root in (f"'; touch '{mark}'; '", f"$(touch '{mark}')", f"`touch '{mark}'`", "\n!x\\", "-c"):
        around = look(ThisMachine(home), root)
        assert not around.root_exists
        assert around.root is not None
        assert around.root.endswith(os.path.normpath(root).rpartition("/")[2])
    assert not mark.exists()


def test_an_answer_that_lacks_what_older_pythons_cannot_say_is_understood() -> None:
    said = {
        "environments": [{"kind": "pyenv", "name": "2.7", "python": "/p", "version": [2, 7, 18]}],
        "home": "/h",
        "data": "/d",
    }
    around = understood(said)
    assert around.environments[0].obstacle is not None
    assert around.free is None


@pytest.mark.parametrize("name", ["look_around", "end_viewer", "make_environment"])
def test_programs_for_the_other_machine_can_be_read_by_an_old_python(name: str) -> None:
    ast.parse(there.source(name), feature_version=(3, 5))
