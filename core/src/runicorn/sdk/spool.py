"""Bringing spools home: what was kept during an outage becomes files of its run."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from time import time
from typing import IO, Any, NamedTuple, cast

from ..config import state_dir
from ..contracts.storage import Document, RunSession, Store
from ..errors import RunicornError, RunNotFound
from ..hooks import open_store
from ..host import boot_id, hostname, process_alive, process_space
from ..model.run import FINAL_STATUSES, RunMeta, RunRef
from ..serialize import loads

#: A spool of another machine (a shared home folder) or container counts as abandoned after this long without a change.
FOREIGN_S = 3600.0


class Recovered(NamedTuple):
    """What became of one spool."""

    spool: Path
    run: RunRef | None  # None: its first line cannot be read
    records: int  # lines brought home
    trouble: str  # why it is still there; "" when it is home


def recover(folder: Path | None = None, open_root: Callable[[str], Store] = open_store) -> list[Recovered]:
    """Bring every abandoned spool home, oldest first. Spools of living processes are left alone.

    A spool's records appear in their run all at once, and the spool is removed afterwards; killed at any moment and
    called again, it leaves every record exactly once. Never raises for a single spool.

    :param folder: where spools lie; the user's state folder by default.
    :param open_root: opens the storage root that a spool names.
    """
    paths = (folder or state_dir()).glob("spool-*.jsonl")
    return [_recover(path, open_root) for path in sorted(paths, key=_modified)]


def _recover(path: Path, open_root: Callable[[str], Store]) -> Recovered:
    try:
        head = _header(path)
    except (OSError, ValueError) as error:
        return Recovered(path, None, 0, f"cannot be read: {error}")
    ref = RunRef(str(head["id"]), str(head["project"]), str(head["name"]), str(head["folder"]))
    if _in_use(path, head):
        return Recovered(path, ref, 0, f"process {head.get('pid')} on {head.get('host')} still writes it")
    try:
        store = open_root(str(head["root"]))
        try:
            session = store.attach_run(ref)
        except RunNotFound:
            session = store.create_run(_meta(head))
        return Recovered(path, ref, bring_home(path, session), "")
    except (RunicornError, OSError) as error:
        return Recovered(path, ref, 0, str(error))


def bring_home(path: Path, session: RunSession) -> int:
    """Turn one sealed spool into files of the run, and remove it.

    The files are named after the spool, so that a second try after a kill meets what the first one left.

    :returns: how many records and log lines it held.
    :raises StorageError: the run cannot be written; the spool is untouched.
    """
    token = path.stem.removeprefix("spool-")
    folder = session.folder
    events, logs = _NewFile(folder / f"events-{token}.jsonl"), _NewFile(folder / f"logs-{token}.txt")
    system = _NewFile(folder / f"system-{token}.jsonl")
    documents: dict[Document, Mapping[str, Any]] = {}
    lines = 0
    try:
        for line in _whole_lines(path):
            content = loads(line) if line.startswith(b'{"ts":') and b'"type":"spool"' in line else {}
            if content.get("type") != "spool":
                (system if b'"type":"system"' in line[:64] else events).write(line)
            elif "logs" in content:
                logs.write(content["logs"].encode())
            elif "document" in content:
                documents[cast("Document", content["document"])] = content["value"]
                continue
            elif "media" in content:
                _bring_media(session, content)
                continue
            else:
                continue
            lines += 1
        for file in (events, logs, system):
            file.finish()
    finally:
        for file in (events, logs, system):
            file.discard()
    for document, value in documents.items():
        session.update(document, _merging(document, value))
    path.unlink(missing_ok=True)
    return lines


class _NewFile:
    """A file that appears whole or not at all."""

    def __init__(self, target: Path) -> None:
        self._target = target
        self._beside = target.with_name(f".{target.name}.{os.getpid():x}{os.urandom(3).hex()}.tmp")
        self._file: IO[bytes] | None = None

    def write(self, data: bytes) -> None:
        if self._file is None:
            self._file = self._beside.open("xb")
        self._file.write(data)

    def finish(self) -> None:
        if self._file is None:
            return
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        if not self._target.exists():  # there already: an earlier try was killed before it removed the spool
            self._beside.rename(self._target)

    def discard(self) -> None:
        if self._file is not None:
            with suppress(OSError):  # what is buffered may find no space; the file is closed all the same
                self._file.close()
            self._beside.unlink(missing_ok=True)


def _whole_lines(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        for line in file:
            if line.endswith(b"\n"):  # else torn by a power cut
                yield line


def _bring_media(session: RunSession, content: Mapping[str, Any]) -> None:
    from base64 import b64decode

    name = str(content["media"])
    session.put_media(b64decode(content["content"]), name[name.rindex(".") :])


def _merging(document: Document, value: Mapping[str, Any]) -> Callable[[dict[str, Any]], dict[str, Any]]:
    if document == "status":
        return lambda old: dict(old) if old.get("status") in FINAL_STATUSES else {**old, **value}
    return lambda old: deep_merged(old, value)


def deep_merged(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    """The union of both at every depth; the new value where both have one."""
    merged = dict(old)
    for key, value in new.items():
        before = merged.get(key)
        merged[key] = deep_merged(before, value) if isinstance(before, dict) and isinstance(value, dict) else value
    return merged


def _header(path: Path) -> Mapping[str, Any]:
    """:raises ValueError: this is no spool."""
    with path.open("rb") as file:
        head = loads(file.readline())
    if not isinstance(head, dict) or head.get("runicorn_spool") != 1:
        raise ValueError("its first line names no run")
    return head


def _in_use(path: Path, head: Mapping[str, Any]) -> bool:
    here, space = head.get("host") == hostname(), str(head.get("boot_id"))
    if here and space == process_space():
        return process_alive(int(head["pid"]), head.get("pid_started")) is not False
    if here and space.partition(" ")[0] != boot_id():  # the machine was started anew
        return False
    return time() - _modified(path) < FOREIGN_S


def _modified(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0


def _meta(head: Mapping[str, Any]) -> RunMeta:
    return RunMeta(
        id=str(head["id"]),
        project=str(head["project"]),
        name=str(head["name"]),
        created_at=float(head["created_at"]),
        hostname=str(head.get("host", "")),
        pid=head.get("pid"),
        python=str(head.get("python", "")),
        platform=str(head.get("platform", "")),
        command=tuple(head.get("command", ())),
        group=head.get("group"),
        job_type=head.get("job_type"),
    )
