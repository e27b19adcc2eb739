"""The Git repository that the code comes from."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

from runicorn.security import redact_code, without_credentials

if TYPE_CHECKING:
    from runicorn.types import JSON

#: Seconds for each of three calls of git; big repositories on slow file systems get none.
LIMIT_S = 1.5
#: A patch as ``git apply`` takes it, whatever the user has configured for reading.
_PLAIN = ("--no-ext-diff", "--no-textconv", "--no-color", "--submodule=short", "--src-prefix=a/", "--dst-prefix=b/")
_SUBMODULE = re.compile(r"(?m)^([-+]Subproject commit [0-9a-f]{40,64}(?:-dirty)?)$")


def repository(folder: Path | None) -> dict[str, JSON] | None:
    """The state of the repository that holds ``folder``; None where there is none, no git, or git takes too long.

    Nothing in the repository is written or locked. Of one that git does not trust, because it belongs to somebody else
    (a folder that is mounted into a container), only ``reason`` is told.
    """
    if folder is None:
        return None
    try:
        return _repository(folder)
    except _Mistrusted:
        how = "git config --global --add safe.directory FOLDER"
        return {"reason": f"git trusts no folder that belongs to another user; trust this one with: {how}"}


class _Mistrusted(Exception):
    """Git reads nothing here."""


def _repository(folder: Path) -> dict[str, JSON] | None:
    status = _git(folder, "status", "--porcelain=v2", "--branch", "--untracked-files=no", "-z")
    if status is None:
        return None
    described: dict[str, str] = {}
    changed = 0
    entries = iter(status.split("\0"))
    for entry in entries:
        if entry.startswith("# "):
            name, _, value = entry[2:].partition(" ")
            described[name] = value
        elif entry:
            changed += 1
            if entry.startswith("2 "):
                next(entries, None)  # a renamed file's old name stands in an entry of its own
    commit, branch = described.get("branch.oid", ""), described.get("branch.head", "")
    more = _git(folder, "config", "--get-regexp", r"^remote\..*\.url$") or ""
    return {
        "commit": commit if re.fullmatch(r"[0-9a-f]{40,64}", commit) else None,
        "branch": None if branch in ("", "(detached)") else branch,
        "dirty": changed > 0,
        "changed_files": changed,
        "remote": _remote(more, described.get("branch.upstream", "")),
        "subject": _subject(folder) if commit != "(initial)" else None,
    }


def patch(folder: Path | None, most: int) -> dict[str, JSON]:
    """What is not committed, for ``git apply``: ``patch`` (secrets hidden) and ``patch_bytes``.

    :param most: bytes; a longer patch is None. Of binary files only the names are told.
    """
    text = None if folder is None else _git(folder, "diff", "HEAD", *_PLAIN)
    if text is None:
        return {"patch": None, "patch_bytes": None}
    size = len(text.encode("utf-8", "surrogatepass"))
    return {"patch": _redacted(text) if size <= most else None, "patch_bytes": size}


def _redacted(patch: str) -> str:
    """The commits of submodules stay: they look like keys, and are what the patch says of those."""
    return "".join(part if at % 2 else redact_code(part) for at, part in enumerate(_SUBMODULE.split(patch)))


def _subject(folder: Path) -> str | None:
    text = _git(folder, "log", "-1", "--format=%s", "--no-show-signature")
    return text.strip()[:200] if text is not None else None


def _remote(config: str, upstream: str) -> str | None:
    """The address of the branch's remote, else of ``origin``, else of the first one."""
    urls: dict[str, str] = {}
    for line in config.splitlines():
        key, _, url = line.partition(" ")
        urls.setdefault(key.removeprefix("remote.").removesuffix(".url"), url)
    for name in (upstream.partition("/")[0], "origin", *urls):
        if name in urls:
            return without_credentials(urls[name])
    return None


def _git(folder: Path, *arguments: str) -> str | None:
    """What git prints; None when it is not installed, fails or takes too long.

    :raises _Mistrusted: the folder belongs to another user.
    """
    environment = {
        **os.environ,
        "GIT_OPTIONAL_LOCKS": "0",  # do not refresh the index under the user's own git
        "GIT_TERMINAL_PROMPT": "0",
        "LC_ALL": "C",
    }
    try:
        done = subprocess.run(  # noqa: S603 (a list of arguments, no shell)
            # A repository's own configuration may name a program as fsmonitor; describing it should not run that.
            ["git", "-c", "core.fsmonitor=false", "-C", str(folder), *arguments],  # noqa: S607 (the user's own git)
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=LIMIT_S,
            env=environment,
            check=True,
        )
    except subprocess.CalledProcessError as error:
        if b"safe.directory" in error.stderr:
            raise _Mistrusted from None
        return None
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.decode("utf-8", "replace")
