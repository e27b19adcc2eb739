"""Offline runs of Weights & Biases: ``wandb/offline-run-*/run-*.wandb``."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from attrs import frozen
from runicorn.contracts import RunHead, RunSink, RunSource
from runicorn.errors import ImportProblem

from .. import wire
from ..damage import CutOff, Damaged
from ..sizes import sizes
from .log import is_log, records
from .records import RUN, Records

_LOOKED_AT = 20_000  # entries of folders, before sniffing gives up


@frozen
class WandbOptions:
    """What can be chosen."""

    artifacts: bool = True  # the content of artifacts, where wandb has kept it


@frozen
class _Part:
    """One file: the run, or what was logged after it had been resumed."""

    file: Path
    run_id: str
    project: str
    began: float


class WandbImporter:
    """Reads the files itself: neither wandb nor an account is needed."""

    name = "wandb"
    title = "offline runs of Weights & Biases"
    options = WandbOptions

    def sniff(self, path: Path) -> float:
        if path.is_file():
            return 1.0 if is_log(path) else 0.0
        left = _LOOKED_AT
        for place, _, names in os.walk(path):
            if any(name.endswith(".wandb") and is_log(Path(place, name)) for name in names):
                return 0.9
            left -= len(names) + 1
            if left < 0:
                break
        return 0.0

    def read(self, path: Path, options: WandbOptions) -> Iterator[RunSource]:
        files = [path] if path.is_file() else sorted(path.rglob("*.wandb"))
        if not files:
            raise ImportProblem(str(path), "holds no .wandb file")
        runs: dict[tuple[str, str], list[_Part]] = {}
        for file in files:
            part = _look(file)
            runs.setdefault((part.project, part.run_id), []).append(part)
        for parts in runs.values():
            yield _WandbRun(sorted(parts, key=lambda part: part.began), path if options.artifacts else None)


def _look(file: Path) -> _Part:
    """Which run a file belongs to; the file's name says it where its first records are damaged."""
    try:
        for record in records(file):
            message = wire.fields(record)
            if RUN in message:
                run = wire.fields(wire.raw(message, RUN))
                began = wire.seconds(wire.raw(run, 17)) if 17 in run else file.stat().st_mtime
                return _Part(file, wire.text(run, 1), wire.text(run, 3) or "uncategorized", began)
    except ValueError:  # damaged: told when it is read
        pass
    return _Part(file, file.stem.removeprefix("run-"), "uncategorized", file.stat().st_mtime)


class _WandbRun:
    def __init__(self, parts: Sequence[_Part], below: Path | None) -> None:
        self._parts, self._below, first = parts, below, parts[0]
        self.head = RunHead(
            source=f"{first.project}/{first.run_id}",
            project=first.project,
            id=first.run_id,
            created_at=first.began,
            size=sum(part.file.stat().st_size for part in parts),
            state=sizes(part.file for part in parts),
            origin={"file": first.file.name},
        )

    def read(self, sink: RunSink) -> None:
        taking = Records(sink, self._below)
        for part in self._parts:
            taking.begin_file(part.file.parent / "files")
            waiting = 0
            try:
                for record in records(part.file):
                    taking.take(record)
                    waiting += len(record) + 7
                    if waiting > 1 << 18:
                        sink.advance(waiting)
                        waiting = 0
            except CutOff:
                sink.left_out("records that are cut off at the end of their file")
            except Damaged:
                sink.left_out("files that are damaged from some record on")
            sink.advance(waiting)
        taking.finish(self.head)
