"""The environments that installations have made on the other machine: one for each version that was ever sent there."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Sequence
from typing import TYPE_CHECKING

from attrs import frozen
from runicorn.errors import Problem

from . import there

if TYPE_CHECKING:
    from .line import Line

_LIMIT_S = 300.0  # a slow disk, and 700 MiB in small files


@frozen
class PrivateEnvironment:
    """One of them."""

    name: str  # version of Runicorn, and a mark
    path: str
    complete: bool  # False: an installation that was cut off, or that goes on
    made: float  # Unix seconds
    bytes: int
    in_use: bool  # a process runs from it


async def private_environments(
    line: Line, remove: Sequence[str] = ()
) -> tuple[list[PrivateEnvironment], tuple[str, ...]]:
    """Those that are there, the newest first, and the names of those that were removed. What is in use stays.

    :param remove: names.
    :raises Problem: there is no Python, or what came back cannot be understood.
    """
    mark = "rn" + secrets.token_hex(8)
    script = there.shell_script("private_environments", mark, *remove)
    done = await line.run(["sh", "-s"], input=script, timeout_s=_LIMIT_S)
    found = re.search(f"{mark}(.*?){mark}".encode(), done.stdout, re.DOTALL)
    if found is None or found[1] == b"none":
        said = (done.stderr or done.stdout).decode("utf-8", "replace").strip()[-300:]
        detail = f"looking for environments on {line.host} failed: {said if found is None else 'it has no Python 3'}"
        raise Problem(502, "probe-failed", detail, host=line.host)
    answer = json.loads(found[1])
    there_are = [PrivateEnvironment(**one) for one in answer["environments"]]
    return sorted(there_are, key=lambda one: -one.made), tuple(answer["removed"])


def outdated(found: Sequence[PrivateEnvironment]) -> list[PrivateEnvironment]:
    """All but the newest one that is complete, and what nobody needs: what is in use, or may be on its way, stays."""
    whole = [one for one in found if one.complete]
    return [one for one in whole[1:] if not one.in_use]
