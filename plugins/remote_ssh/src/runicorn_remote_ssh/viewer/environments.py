"""Pythons on the other machine, and which of them can run the viewer."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from attrs import field, frozen
from runicorn.errors import Problem

from . import there

if TYPE_CHECKING:
    from .line import Line

#: Python that Runicorn needs, and the first version of the viewer that another program can hold.
NEEDED_PYTHON = (3, 11)
FIRST_VIEWER = (0, 1, 0)
_PROBE_S = 25.0

#: Why a Python cannot run the viewer, by name: pages have words of their own for each.
OBSTACLES = {
    "does-not-run": "does not run: {reason}",
    "python-too-old": "is too old: Runicorn needs Python 3.11 or newer",
    "older-product": "has Runicorn {runicorn}, an older product that this one cannot start",
    "no-runicorn": "has no Runicorn",
    "no-viewer": "has Runicorn {runicorn} without its viewer (runicorn-viewer-http)",
    "viewer-too-old": f"has a viewer {{viewer}}, which is too old; needed: {'.'.join(map(str, FIRST_VIEWER))}",
}


@frozen
class Environment:
    """One Python over there. ``obstacle`` says why it cannot run the viewer; None = it can."""

    kind: str  # private, conda, venv, uv, pipx, pyenv or system
    name: str
    python: str  # path of the executable
    version: str  # of Python; empty where it did not say
    runicorn: str | None
    obstacle: str | None
    obstacle_code: str | None = None  # of OBSTACLES
    can_host: bool = False  # whether a private environment can be made with it
    platform: str = ""
    implementation: str = ""


@frozen
class Surroundings:
    """What was found on a machine."""

    environments: tuple[Environment, ...]
    home: str
    data: str  # where programs keep what belongs to a user
    free: int | None  # bytes there
    system: str
    machine: str
    libc: tuple[str, str]
    root: str | None = None  # the storage root that was asked about, in full
    root_exists: bool = False
    raw: Mapping[str, Any] = field(factory=dict, repr=False)

    def usable(self) -> tuple[Environment, ...]:
        """Those that can run the viewer, the newest Runicorn first; where that is equal, as they were found."""
        able = [one for one in self.environments if one.obstacle is None]
        return tuple(sorted(able, key=lambda one: _numbers(one.runicorn or ""), reverse=True))


async def look_around(line: Line, root: str | None = None) -> Surroundings:
    """Find the Pythons of a machine. Takes a second or two; writes nothing there.

    :raises Problem: there is no Python, or what came back cannot be understood.
    """
    mark = "rn" + secrets.token_hex(8)
    script = there.shell_script("look_around", mark, root or "")
    done = await line.run(["sh", "-s"], input=script, timeout_s=_PROBE_S)
    found = re.search(f"{mark}(.*?){mark}".encode(), done.stdout, re.DOTALL)
    if found is None:
        said = (done.stderr or done.stdout).decode("utf-8", "replace").strip()[-300:]
        detail = f"looking for Python on {line.host} failed: {said or 'nothing was said'}"
        raise Problem(502, "probe-failed", detail, host=line.host)
    if found[1] == b"none":
        detail = f"{line.host} has no Python 3; install Python 3.11 or newer there"
        raise Problem(409, "no-python", detail, host=line.host)
    return understood(json.loads(found[1]))


def understood(said: Mapping[str, Any]) -> Surroundings:
    """What the program over there printed, judged."""
    root = said.get("root") or {}
    libc = said.get("libc") or ["", ""]
    return Surroundings(
        tuple(_environment(one) for one in said["environments"]),
        str(said["home"]),
        str(said["data"]),
        said.get("free"),
        str(said.get("system", "")),
        str(said.get("machine", "")),
        (str(libc[0]), str(libc[1])),
        root.get("path"),
        bool(root.get("folder")),
        said,
    )


def _environment(said: Mapping[str, Any]) -> Environment:
    version = tuple(int(part) for part in said.get("version", ()))
    packages: Mapping[str, str] = said.get("packages") or {}
    enough = version >= NEEDED_PYTHON
    code, values = _obstacle(said, version, packages)
    return Environment(
        str(said["kind"]),
        str(said["name"]),
        str(said["python"]),
        ".".join(map(str, version)),
        packages.get("runicorn-core") or packages.get("runicorn"),
        None if code is None else OBSTACLES[code].format(**values),
        code,
        enough and said["kind"] != "private" and bool(said.get("venv")),
        str(said.get("platform", "")),
        str(said.get("implementation", "")),
    )


def _obstacle(
    said: Mapping[str, Any], version: tuple[int, ...], packages: Mapping[str, str]
) -> tuple[str | None, dict[str, str]]:
    """Its name, and what fills its sentence."""
    if "error" in said:
        return "does-not-run", {"reason": str(said["error"])}
    if version < NEEDED_PYTHON:
        return "python-too-old", {}
    core, viewer, older = (packages.get(name) for name in ("runicorn-core", "runicorn-viewer-http", "runicorn"))
    if core is None:
        return ("older-product", {"runicorn": older}) if older else ("no-runicorn", {})
    if viewer is None:
        return "no-viewer", {"runicorn": core}
    if _numbers(viewer) < FIRST_VIEWER:
        return "viewer-too-old", {"viewer": viewer}
    return None, {}


def _numbers(version: str) -> tuple[int, ...]:
    """The release of a version, for comparing."""
    found = re.match(r"\d+(?:\.\d+)*", version)
    return tuple(int(part) for part in found[0].split(".")) if found else ()
