"""Runicorn on the other machine, in an environment of its own: nothing that is there is changed.

``~/.local/share/runicorn/remote/<version>-<id>`` over there (below ``XDG_DATA_HOME``, where that is set). The
packages of Runicorn are those that run here. What they need comes from the package index that pip over there knows;
where it reaches none, from here: the same files that are installed here where both machines are alike, else what pip
downloads here for the other one.
"""

from __future__ import annotations

import asyncio
import json
import posixpath
import re
import secrets
import sys
import sysconfig
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attrs import frozen
from runicorn import __version__
from runicorn.errors import Problem

from . import there
from .wheels import everything_needed, first_party, pack

if TYPE_CHECKING:
    from .environments import Environment, Surroundings
    from .line import Line
    from .steps import Progress

NEEDED_BYTES = 700 * 1024 * 1024
_INSTALL_S = 900.0


@frozen
class Payload:
    """What is installed: distributions of ours, and a module whose import proves that all is there."""

    names: tuple[str, ...]
    proof: str


def viewer_payload() -> Payload:
    """What a viewer needs over there, as far as it is installed here."""
    return Payload(first_party(), "runicorn_viewer_http.server")


async def install_there(line: Line, around: Surroundings, progress: Progress, what: Payload | None = None) -> str:
    """Make an environment that can run the viewer; returns the path of its Python.

    :param what: something else than the viewer.

    :raises Problem: there is no Python to make it with (409), the disk over there is full (507), or it failed (502);
        nothing is left over there then.
    """
    base = best_base(around)
    if base is None:
        detail = f"{line.host} has no Python 3.11 or newer that an environment can be made with"
        raise Problem(409, "no-python", detail, host=line.host)
    if around.free is not None and around.free < NEEDED_BYTES:
        raise _full(line, f"{around.free // 2**20} MiB are free below {around.data}")
    folder = posixpath.join(around.data, "runicorn", "remote", f"{__version__}-{secrets.token_hex(4)}")
    progress.note("environment-made", python=base.python, folder=folder)
    try:
        return await _install(line, base, around, folder, progress, what or viewer_payload())
    except BaseException:
        if line.is_up:
            await asyncio.shield(_remove(line, folder))
        raise


def best_base(around: Surroundings) -> Environment | None:
    """The Python to make an environment with: one like ours if there is any, so that what runs here runs there."""
    able = [one for one in around.environments if one.can_host]
    alike = [one for one in able if _is_like_ours(one)]
    plain = [one for one in alike or able if one.kind in ("system", "pyenv", "uv", "conda")]
    return next(iter(plain or alike or able), None)


def _is_like_ours(one: Environment) -> bool:
    ours = (sys.implementation.name, sysconfig.get_platform(), f"{sys.version_info[0]}.{sys.version_info[1]}")
    return ours == (one.implementation, one.platform, one.version.rpartition(".")[0])


async def _install(
    line: Line, base: Environment, around: Surroundings, folder: str, progress: Progress, what: Payload
) -> str:
    with tempfile.TemporaryDirectory(prefix="runicorn-wheels-") as temporary:
        here = Path(temporary)
        own = await asyncio.to_thread(lambda: [pack(name, here) for name in what.names])
        await _copy(line, own, posixpath.join(folder, "wheels"), progress)
        progress.note("from-index")
        said = await _make(line, base, folder, "index", what.proof, own)
        if said.get("error") in ("no-index", "no-pip"):
            progress.note("from-here")
            others = await asyncio.to_thread(_others, base, around, what, own, here)
            await _copy(
                line,
                others if said["error"] == "no-index" else [*own, *others],
                posixpath.join(folder, "wheels"),
                progress,
            )
            said = await _make(line, base, folder, "wheels", what.proof, own)
    if "python" in said:
        progress.note("installed", python=str(said["python"]))
        return str(said["python"])
    if said["error"] == "full":
        raise _full(line, "the installation did not fit")
    lines = str(said.get("detail", "")).strip().splitlines()
    detail = f"installing on {line.host} failed: {lines[-1] if lines else said['error']}"
    raise Problem(502, "install-failed", detail, host=line.host, said=str(said.get("detail", ""))[-600:])


def _others(base: Environment, around: Surroundings, what: Payload, own: list[Path], folder: Path) -> list[Path]:
    """Wheels of everything that is not ours, and of pip.

    :raises Problem: they cannot be had here either.
    """
    before = set(folder.iterdir())
    if _is_like_ours(base):
        for name in (*everything_needed(what.names), "pip"):
            if name not in what.names:
                pack(name, folder)
    else:
        _download(base, around, own, folder)
    return sorted(set(folder.iterdir()) - before)


def _download(base: Environment, around: Surroundings, own: list[Path], folder: Path) -> None:
    import subprocess

    machine = around.machine
    platforms = [f"manylinux_2_{minor}_{machine}" for minor in range(_glibc(around), 16, -1)] + [
        f"manylinux2014_{machine}"
    ]
    if around.system != "Linux":
        platforms = [re.sub(r"[-.]", "_", base.platform)]
    fit = [argument for platform in platforms for argument in ("--platform", platform)]
    version = base.version.rpartition(".")[0]
    argv = [sys.executable, "-m", "pip", "download", "--quiet", "--only-binary", ":all:", "--dest", str(folder)]
    argv += [*fit, "--python-version", version, "--implementation", "cp", "pip", *map(str, own)]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)  # noqa: S603 (no shell)
    if done.returncode != 0:
        last = (done.stderr.strip().splitlines() or ["pip said nothing"])[-1]
        detail = f"neither machine reaches the packages for Python {version} on {around.system} {machine}: {last}"
        raise Problem(502, "install-failed", detail, python=version)


def _glibc(around: Surroundings) -> int:
    found = re.match(r"2\.(\d+)", around.libc[1])
    return int(found[1]) if found else 17


async def _copy(line: Line, files: list[Path], folder: str, progress: Progress) -> None:
    """Send files over SFTP.

    :raises Problem: 507, the disk over there is full.
    """
    size = sum(file.stat().st_size for file in files)
    progress.note("sending", n=len(files), size=f"{size / 2**20:.1f}")
    try:
        async with line.sftp() as sftp:
            await sftp.makedirs(folder, exist_ok=True)
            await sftp.put([str(file) for file in files], folder)
    except Exception as error:
        if await _is_full(line, folder, size):
            raise _full(line, str(error)) from error
        detail = f"sending packages to {line.host} failed: {error}"
        raise Problem(502, "install-failed", detail, host=line.host) from error


async def _is_full(line: Line, folder: str, size: int) -> bool:
    try:
        async with line.sftp() as sftp:
            there_is = await sftp.statvfs(posixpath.dirname(folder))
            return int(there_is.bavail * there_is.frsize) < size
    except Exception:  # noqa: BLE001 (a server without that question)
        return False


async def _make(line: Line, base: Environment, folder: str, source: str, proof: str, own: list[Path]) -> dict[str, Any]:
    mark = "rn" + secrets.token_hex(8)
    program = there.source("make_environment").encode()
    argv = [base.python, "-", mark, folder, source, proof, *(file.name for file in own)]
    done = await line.run(argv, input=program, timeout_s=_INSTALL_S)
    found = re.search(f"{mark}(.*?){mark}".encode(), done.stdout, re.DOTALL)
    if found is None:
        said = (done.stderr or done.stdout).decode("utf-8", "replace").strip()
        return {"error": "full" if "No space left" in said else "silent", "detail": said}
    said_there: dict[str, Any] = json.loads(found[1])
    return said_there


async def _remove(line: Line, folder: str) -> None:
    try:
        await line.run(["rm", "-rf", "--", folder], timeout_s=60)
    except Exception:  # noqa: BLE001 (the next installation removes it)
        return


def _full(line: Line, detail: str) -> Problem:
    sentence = f"the disk of {line.host} is full: {detail}; Runicorn needs about {NEEDED_BYTES // 2**20} MiB there"
    return Problem(507, "remote-disk-full", sentence, host=line.host)
