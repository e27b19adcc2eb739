"""A run that comes from elsewhere, written as today's files into a folder that nobody looks at yet."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from hashlib import sha256
from itertools import chain
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from ..errors import ImportProblem, InvalidArgument, UnsafePath
from ..security import join
from ..serialize import dumps, read_object
from .noted import joined

if TYPE_CHECKING:
    from ..contracts.archive import IncomingArtifact
    from ..contracts.importer import RunHead
    from ..contracts.storage import Document
    from ..model.run import RunRef
    from ..types import JSON, JSONObject

_BUFFER = 1 << 20
#: Members of the meta document that say which run it is: no source decides them.
_PLACE = ("runicorn_format", "id", "project", "name")
_DELETED = ".deleted"


class IncomingRun:
    """The :class:`runicorn.contracts.RunSink` that makes a run folder, or only counts what would be in it.

    :param folder: an empty folder; None = nothing is written.
    :param told: called with how much more was read; whatever it raises ends the import of the run.
    """

    def __init__(self, folder: Path | None, told: Callable[[int], object] = lambda _: None) -> None:
        self._folder, self._told = folder, told
        self._open: dict[str, IO[bytes]] = {}
        self._documents: dict[Document, dict[str, JSON]] = {}
        self._files: set[str] = set()
        self.omitted: Counter[str] = Counter()
        self.artifacts: list[IncomingArtifact] = []
        self.points = self.lines = self.media_files = self.bytes = 0

    # --- What a source gives

    def metrics(self, data: Mapping[str, JSON], *, step: int, ts: float, stage: str | None = None) -> None:
        record: dict[str, Any] = {"ts": ts, "type": "metrics", "step": step}
        if stage is not None:
            record["stage"] = stage
        record["data"] = data
        self._append("events.jsonl", dumps(record) + b"\n")
        self.points += len(data)

    def text(self, text: str, *, ts: float, stream: str = "text") -> None:
        prefix = f"{_moment(ts)} {stream} | "
        lines = text.split("\n")
        self._append("logs.txt", "".join(f"{prefix}{line}\n" for line in lines).encode("utf-8", "backslashreplace"))
        self.lines += len(lines)

    def media(
        self, key: str, kind: str, data: bytes, suffix: str, *, step: int | None, ts: float, **fields: JSON
    ) -> None:
        path = self.put(data, suffix)
        self._event("media", step, ts, {"key": key, "kind": kind, "path": path, **fields})
        self.media_files += 1

    def put(self, data: bytes, suffix: str) -> str:
        if not suffix.startswith(".") or not suffix[1:].replace(".", "").isalnum():
            raise InvalidArgument("suffix", suffix, "must be a dot and letters or digits, such as '.png'")
        digest = sha256(data).hexdigest()
        path = f"media/{digest[:2]}/{digest}{suffix}"
        if path not in self._files:
            self.file(path, [data])
        return path

    def alert(self, title: str, text: str = "", *, level: str = "warning", step: int | None, ts: float) -> None:
        self._event("alert", step, ts, {"title": title, "text": text, "level": level, "rule": "imported"})

    def system(self, data: Mapping[str, float], *, ts: float) -> None:
        self._append("system.jsonl", dumps({"ts": ts, "type": "system", "data": data}) + b"\n")

    def document(self, name: Document, value: JSONObject) -> None:
        self._documents.setdefault(name, {}).update(value)

    def file(self, path: str, content: Iterable[bytes]) -> None:
        if path in self._files:
            raise ImportProblem(path, "is there twice")
        self._files.add(path)
        if self._folder is None:
            join(Path("/nowhere"), path)  # the same refusals
            self.bytes += sum(map(len, content))
            return
        target = join(self._folder, path)
        if target == self._folder or target.name.endswith(".tmp"):
            raise UnsafePath("path", path, "is no file of a run")
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("xb") as out:
            for piece in content:
                out.write(piece)
                self.bytes += len(piece)

    def artifact(self, artifact: IncomingArtifact) -> None:
        from .keeping import keeper

        if keeper() is None:
            self.left_out("artifacts (no active plugin keeps such)")
        else:
            self.artifacts.append(artifact)

    def left_out(self, what: str, count: int = 1) -> None:
        if count:
            self.omitted[what] += count

    def advance(self, done: int) -> None:
        self._told(done)

    # --- What the import does with it

    def keep(self, old: Path) -> None:
        """What people have made of the run since it came stays: what they wrote about it, and that they deleted it."""
        self.document("user", read_object(old / "user.json"))
        noted, mine = read_object(old / "artifacts.json"), self._documents.get("artifacts", {})
        for role in ("created", "used"):
            both = [each for document in (mine, noted) if isinstance(each := document.get(role), list)]
            self.document("artifacts", {role: [*joined((), chain(*both))]} if both else {})
        if (old / _DELETED).is_file():
            self.file(_DELETED, [(old / _DELETED).read_bytes()])

    def finish(self, head: RunHead, place: RunRef, importer: str) -> None:
        """Write the documents, and make everything survive a power cut."""
        for file in self._open.values():
            file.close()
        if self._folder is None:
            return
        if head.digests is None:
            status: dict[str, JSON] = {"status": "finished", "started_at": head.created_at}
            self._documents["status"] = status | self._documents.get("status", {})
        self._meta(head, place, importer)
        for name, value in self._documents.items():
            if value:
                self.file(f"{name}.json", [dumps(value, indent=True)])
        flush_tree(self._folder)

    def close(self) -> None:
        """Release the files of a run that does not come to its end."""
        for file in self._open.values():
            file.close()

    def _meta(self, head: RunHead, place: RunRef, importer: str) -> None:
        assert self._folder is not None
        where: dict[str, JSON] = {"id": place.id, "project": place.project, "name": place.name}
        origin: dict[str, JSON] = {"importer": importer, "source": head.source, **head.origin}
        if head.state:
            origin["state"] = head.state
        if head.digests is None:
            given = {**head.meta, **self._documents.get("meta", {})}
            further = {key: value for key, value in given.items() if key not in _PLACE}
            self._documents["meta"] = {
                "runicorn_format": 1, **where, "created_at": head.created_at, **further, "imported_from": origin
            }  # fmt: skip
            return
        there = read_object(self._folder / "meta.json")
        if there and {key: there.get(key) for key in where} != where:  # it has another place here than it had
            (self._folder / "meta.json").write_bytes(dumps(there | where | {"imported_from": origin}, indent=True))

    def _event(self, kind: str, step: int | None, ts: float, data: JSONObject) -> None:
        self._append("events.jsonl", dumps({"ts": ts, "type": kind, "step": step, "data": data}) + b"\n")

    def _append(self, name: str, line: bytes) -> None:
        self.bytes += len(line)
        if self._folder is None:
            return
        file = self._open.get(name)
        if file is None:
            self._files.add(name)
            file = self._open[name] = (self._folder / name).open("xb", buffering=_BUFFER)
        file.write(line)


def _moment(ts: float) -> str:
    try:
        moment = datetime.fromtimestamp(ts, UTC)
    except (OverflowError, OSError, ValueError):
        moment = datetime.fromtimestamp(0, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z"


def flush_tree(folder: Path) -> None:
    """Make every file below a folder, and its name, survive a power cut."""
    for place, _, names in os.walk(folder):
        for name in names:
            with Path(place, name).open("rb+") as file:
                os.fsync(file.fileno())
        flush_folder(Path(place))


def flush_folder(folder: Path) -> None:
    if os.name == "nt":  # folders cannot be opened there
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
