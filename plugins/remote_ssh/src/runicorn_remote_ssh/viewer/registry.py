"""Sessions of every process of this user, so that a command line sees those of a viewer and the other way round.

One file for each in the state folder, readable by this user alone. It holds what is needed to end the session and
nothing that helps over there.
"""

from __future__ import annotations

import json
import os
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from attrs import asdict, frozen
from runicorn.config import state_dir

#: Answered by the tunnel itself, to whoever has read the file.
CONTROL_PATH = "/.runicorn/session"
_END_S = 20.0
_ANSWER_S = 5.0


@frozen
class Known:
    """A session that some process keeps."""

    id: str
    host: str
    root: str
    url: str
    process: int
    started_at: float
    control: str  # a secret: whoever has it may end the session
    state: str = "?"


def _folder() -> Path:
    return state_dir() / "remote-sessions"


def announce(known: Known) -> Path:
    """Write a session down."""
    folder = _folder()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / f"{known.id}.json"
    new = path.with_suffix(".new")
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(asdict(known), file)
    new.replace(path)
    return path


def forget(path: Path) -> None:
    with suppress(OSError):
        path.unlink()


def known_sessions() -> Iterator[Known]:
    """All that live, oldest first; state ``?`` where one does not answer. What a killed process left is removed."""
    found = []
    for path in _folder().glob("*.json"):
        with suppress(OSError, ValueError, TypeError):
            found.append((path, Known(**json.loads(path.read_text("utf-8")))))
    for path, known in sorted(found, key=lambda pair: pair[1].started_at):
        try:
            said = _call("GET", known)
        except TimeoutError:  # it is there, and busy
            yield known
            continue
        if said is None:
            forget(path)
        else:
            yield Known(**{**asdict(known), "state": str(said.get("state", "?"))})


def stop(known: Known) -> bool:
    """Ask the process that keeps a session to end it, and wait until it has; whether it could be asked."""
    with suppress(TimeoutError):
        if _call("DELETE", known) is None:
            return False
        until = time.monotonic() + _END_S
        while time.monotonic() < until and _call("GET", known) is not None:
            time.sleep(0.05)
        return True
    return False


def _call(method: str, known: Known) -> dict[str, Any] | None:
    """What it says; None where it is no more.

    :raises TimeoutError: it is there, and does not answer.
    """
    if not known.url.startswith("http://127.0.0.1:"):
        return None
    request = urllib.request.Request(known.url + CONTROL_PATH, method=method)  # noqa: S310 (loopback, see above)
    request.add_header("Authorization", f"Bearer {known.control}")
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # a proxy has no business here
    try:
        with opener.open(request, timeout=_ANSWER_S) as answer:
            said: dict[str, Any] = json.loads(answer.read())
            return said if said.get("id") == known.id else None
    except (OSError, ValueError) as error:
        if isinstance(getattr(error, "reason", error), TimeoutError):
            raise TimeoutError from None
        return None
