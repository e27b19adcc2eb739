"""Through a real SSH server, as a user does it: another machine's runs listed, viewed and mirrored, nothing there."""

from __future__ import annotations

import gzip
import json
import os
import pty
import re
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from runicorn.contracts import FileEntry, Transport
from runicorn.errors import StorageGone
from runicorn.testing import TransportContract
from runicorn_remote_ssh.files import surveying
from runicorn_remote_ssh.files.finding import find_runs
from runicorn_remote_ssh.files.gathering import Gathers
from runicorn_remote_ssh.files.mirror import Mirror
from runicorn_remote_ssh.files.surveying import Surveys
from runicorn_remote_ssh.files.transport import SshTransport

from ..conftest import Sshd
from .test_mirror import files_below, make_run

Runicorn = Callable[..., list[str]]


@pytest.fixture
def there(tmp_path: Path) -> Path:
    root = tmp_path / "there 远" / "runs root"
    for number in range(3):
        make_run(root, f"run-{number}")
    return root


class TestSshTransport(TransportContract):
    """Every promise of a transport, kept through a real server."""

    @pytest.fixture
    def transport(self, environ: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Transport]:
        monkeypatch.setenv("HOME", environ["HOME"])
        transport = SshTransport()
        yield transport
        transport.close()

    @pytest.fixture
    def uri(self, tmp_path: Path) -> str:
        (tmp_path / "a place 处").mkdir()
        return address(tmp_path / "a place 处")


def test_what_a_host_says_of_a_root_counts_whole_or_not_at_all() -> None:
    entries = [
        "d\t4096\t1000\tp",
        "f\t12\t1000\tp/远.json",
        "l\t3\t1000\tp/gone",
        "f\t1\t1\t../up",
        "f\t1\t1\tp/\udcff",
    ]
    said = "".join(f"{entry}\0" for entry in ["/\t0\t0\t/", *entries, "=\t0\t0\t="]).encode("utf-8", "surrogateescape")
    survey = surveying.understood(said)
    assert survey is not None
    assert survey.folders == {
        "": [FileEntry("p", "folder", 0, 1000.0)],
        "p": [FileEntry("p/gone", "other"), FileEntry("p/远.json", "file", 12, 1000.0)],
    }
    packed = gzip.compress(said)
    assert surveying.understood(packed) == survey
    for whole in (said, packed):
        for end in range(4, len(whole)):
            assert surveying.understood(whole[:end]) is None
    assert surveying.understood(said.replace(b"=\t0", b"=\t1")) is None  # something could not be seen
    for other in (b"", gzip.compress(b""), said.replace(b"1000", b"%Ts"), said.removeprefix(b"/\t0\t0\t/\0")):
        with pytest.raises(ValueError, match=r"."):
            surveying.understood(other)


def runicorn(environ: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "runicorn", *arguments]
    return subprocess.run(command, env=environ, capture_output=True, text=True, timeout=200, check=False)


def count_calls(tree: object, names: tuple[str, ...], calls: list[object], monkeypatch: pytest.MonkeyPatch) -> None:
    """Note what is asked of a tree."""

    def noting(name: str, call: Callable[..., object]) -> Callable[..., object]:
        def noted(*arguments: object, **named: object) -> object:
            calls.append((name, *arguments))
            return call(*arguments, **named)

        return noted

    for name in names:
        monkeypatch.setattr(tree, name, noting(name, getattr(tree, name)))


def large_files(root: Path) -> int:
    return sum("large.bin" in names for _, _, names in os.walk(root))


def address(path: Path) -> str:
    from urllib.parse import quote

    return f"ssh://Box{quote(str(path))}"


def test_runs_are_listed_shown_and_followed(environ: dict[str, str], there: Path) -> None:
    listed = runicorn(environ, "runs", "list", "--root", address(there), "--json")
    assert listed.returncode == 0, listed.stderr
    assert {run["id"] for run in json.loads(listed.stdout)} == {"run-0", "run-1", "run-2"}
    tail = runicorn(environ, "runs", "tail", "run-1", "--root", address(there))
    assert tail.stdout.strip() == "said 你好", tail.stderr
    shown = runicorn(environ, "runs", "show", "run-1", "--root", address(there))
    assert "loss" in shown.stdout, shown.stderr
    refused = runicorn(environ, "runs", "tag", "run-1", "--add", "best", "--root", address(there))
    assert refused.returncode != 0


def test_a_host_that_cannot_be_reached_is_one_sentence(environ: dict[str, str], sshd: Sshd, there: Path) -> None:
    sshd.stop()
    listed = runicorn(environ, "runs", "list", "--root", address(there))
    assert listed.returncode == 2
    assert re.fullmatch(r"error: opening failed in ssh://Box/.*cannot be reached.*\n", listed.stderr), listed.stderr


def test_a_viewer_of_another_machine_shows_its_runs(environ: dict[str, str], there: Path) -> None:
    command = [sys.executable, "-m", "runicorn", "viewer", "--root", address(there), "--port", "0", "--no-open"]
    with subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            found = re.search(r"http://\S+", process.stdout.readline())
            assert found is not None
            with urllib.request.urlopen(f"{found[0]}/api/experiments", timeout=60) as answer:
                assert {run["id"] for run in json.load(answer)} == {"run-0", "run-1", "run-2"}
            with urllib.request.urlopen(f"{found[0]}/api/metrics/run-1", timeout=60) as answer:
                assert json.load(answer)["total"] == 50
        finally:
            process.terminate()
            process.wait(60)


def copied(folder: Path) -> dict[str, bytes]:
    """What a mirror has brought: not what it keeps for itself."""
    return {name: data for name, data in files_below(folder).items() if name not in (".mirror.lock", ".mirror.json")}


def test_a_mirror_is_the_same_and_the_second_time_nothing_is_read(
    environ: dict[str, str], there: Path, tmp_path: Path
) -> None:
    here = tmp_path / "here"
    first = runicorn(environ, "remote", "mirror", f"Box:{there}", str(here))
    assert first.returncode == 0, first.stderr
    content = files_below(there)
    assert copied(here) == content
    assert first.stdout.startswith(f"3 runs; {len(content)} files, ")
    again = runicorn(environ, "remote", "mirror", f"Box:{there}", str(here))
    assert again.stdout.startswith("3 runs; 0 files, 0 B brought; 0 removed; 0 could not be read"), again.stdout


def test_a_mirror_that_is_killed_shows_nothing_half_and_goes_on(
    environ: dict[str, str], there: Path, tmp_path: Path
) -> None:
    for number in range(40):
        folder = make_run(there, f"more-{number:02}", steps=2)
        (folder / "media").mkdir()
        (folder / "media/large.bin").write_bytes(os.urandom(300_000))
    here = tmp_path / "here"
    command = [sys.executable, "-m", "runicorn", "remote", "mirror", f"Box:{there}", str(here)]
    whole = files_below(there)
    for _ in range(2):
        with subprocess.Popen(command, env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
            before = large_files(here)
            while process.poll() is None and large_files(here) < before + 5:
                time.sleep(0.01)
            process.send_signal(signal.SIGKILL)
        visible = {path: data for path, data in files_below(here).items() if "/." not in f"/{path}"}
        assert visible
        assert {path for path, data in visible.items() if data != whole[path]} == set()
    done = runicorn(environ, "remote", "mirror", f"Box:{there}", str(here))
    assert done.returncode == 0, done.stderr
    assert copied(here) == whole


def test_a_key_that_was_never_seen_is_asked_about_in_a_terminal_and_refused_without_one(
    environ: dict[str, str], there: Path
) -> None:
    Path(environ["HOME"], ".ssh/known_hosts").unlink()
    listing = ["runs", "list", "--root", address(there)]
    refused = runicorn(environ, *listing)
    assert refused.returncode == 2
    assert "compare it with what the host's administrator says" in refused.stderr
    ours, terminal = pty.openpty()
    command = [sys.executable, "-m", "runicorn", *listing]
    with subprocess.Popen(
        command, env=environ, stdin=terminal, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as asked:
        os.write(ours, b"y\n")
        out, said = asked.communicate(timeout=200)
    os.close(ours)
    os.close(terminal)
    assert b"SHA256:" in said
    assert out.count(b"run-") == 3, said


@pytest.mark.parametrize("find", ["BSD", "blind"])
def test_a_root_that_was_not_seen_whole_loses_no_run_of_its_copy(
    environ: dict[str, str], there: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, find: str
) -> None:
    """Another ``find`` knows no ``-printf``; GNU's may be unable to look into a folder."""
    monkeypatch.setenv("HOME", environ["HOME"])
    transport = SshTransport()
    tree = transport.open(address(there))
    assert isinstance(tree, Surveys)
    mirror = Mirror(tree, tmp_path / "copy", drop_runs=True)
    known = mirror.find(inside=True)
    mirror.bring_all(known)
    copied = files_below(tmp_path / "copy")
    program = tmp_path / "bin" / "find"
    program.parent.mkdir()
    real = shutil.which("find")
    begins = "" if find == "BSD" else f'case "$*" in *maxdepth*) exec {real} "$@";; esac\n'
    program.write_text(f"#!/bin/sh\n{begins}echo 'find: no' >&2\nexit 1\n")
    program.chmod(0o755)
    monkeypatch.setattr(surveying, "_SCRIPT", f"PATH={program.parent}:$PATH; {surveying._SCRIPT}")
    assert tree.survey(inside=True) is None
    assert mirror.find(inside=True) == known
    assert files_below(tmp_path / "copy") == copied
    mirror.close()
    transport.close()


@pytest.mark.parametrize("shell", [True, False], ids=["shell", "sftp-only"])
def test_many_runs_are_listed_through_a_stream_where_there_is_a_shell_and_through_sftp_where_there_is_none(
    environ: dict[str, str], there: Path, sshd: Sshd, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, shell: bool
) -> None:
    odd = ["-rf", "it's", "$(touch hacked)", "`touch hacked`", "two  words ", "*", "!!", "远 端"]
    for name in odd:
        make_run(there, "base", steps=2).replace(there / "p" / "default" / "runs" / name)
    (there / "p" / "linked").symlink_to(there / "p" / "default")
    (there / "p" / "nowhere").symlink_to(there / "absent")
    (there / "p" / ".hidden" / "runs" / "no run").mkdir(parents=True)
    (there / "artifacts" / "runs" / "no run").mkdir(parents=True)
    if not shell:
        sshd.stop()
        sshd.extra = ["ForceCommand internal-sftp"]
        sshd.start()
    monkeypatch.setenv("HOME", environ["HOME"])
    transport = SshTransport()
    tree = transport.open(address(there))
    assert isinstance(tree, Gathers)
    runs = [entry.path for entry in tree.list("p/default/runs")]
    reads: list[object] = []
    count_calls(tree, ("list", "read", "gather"), reads, monkeypatch)
    came = tree.gather(runs, ("meta.json", "status.json", "missing.json"))
    whole = tree.gather(runs, None)
    assert isinstance(tree, Surveys)
    survey = tree.survey(inside=True)
    if shell:
        assert came is not None
        assert whole is not None
        assert survey is not None
        for folder in ["", "p", "p/default", "p/default/runs", *runs, f"{runs[0]}/writers"]:
            assert survey.list(folder) == tree.list(folder)
        with ThreadPoolExecutor(4) as pool:
            assert find_runs(survey, pool) == find_runs(tree, pool)
            assert find_runs(tree.survey(inside=False) or tree, pool) == find_runs(tree, pool)
        with pytest.raises(StorageGone):
            survey.list("nowhere")
        assert {path.split("/")[3] for path in came.files} == {*odd, "run-0", "run-1", "run-2"}
        for path, (entry, content) in {**whole.files, **came.files}.items():
            assert content == (there / path).read_bytes()
            assert entry == tree.stat(path)
        assert set(files_below(there)) == set(whole.files)
    else:
        assert (came, whole, survey) == (None, None, None)
    for old in there.rglob("*.json"):
        os.utime(old, (1e9, 1e9))
    for number, brought in enumerate([True, not shell]):
        mirror = Mirror(tree, tmp_path / "copy", drop_runs=True)
        found = mirror.find(inside=True)
        asked = len(reads)
        counted: list[int] = []
        mirror.list_all(found, counted.append)
        assert sum(counted) == len(found) == 2 * (len(odd) + 3)
        assert (mirror.counts.files > 0) == (number == 0)
        assert (len(reads) > asked) == brought  # the second time nothing is asked for, where all was seen at once
        mirror.close()
    transport.close()
    listed = runicorn(environ, "runs", "list", "--root", address(there), "--json")
    assert len(json.loads(listed.stdout)) == 2 * (len(odd) + 3), listed.stderr
    assert not list(there.rglob("hacked"))
    assert not (Path.home() / "hacked").exists()
