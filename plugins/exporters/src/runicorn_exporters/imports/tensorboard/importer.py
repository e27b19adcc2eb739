"""Folders of TensorBoard: each folder with event files is a run, as TensorBoard shows them."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from attrs import frozen
from runicorn.contracts import RunHead
from runicorn.errors import ImportProblem

from ..damage import CutOff, Damaged
from ..sizes import sizes
from .events import Events
from .tfrecord import records

if TYPE_CHECKING:
    from runicorn.contracts import RunSink, RunSource

_MARK = ".tfevents."
_LOOKED_AT = 20_000  # entries of folders, before sniffing gives up
#: A folder below a run's that holds its hyper-parameters and results only: the writer of PyTorch makes such.
_SMALL = 1 << 18


@frozen
class TensorBoardOptions:
    """Nothing to choose."""


class TensorBoardImporter:
    """Reads event files itself: neither tensorboard nor tensorflow is needed."""

    name = "tensorboard"
    title = "event files of TensorBoard"
    options = TensorBoardOptions

    def sniff(self, path: Path) -> float:
        if path.is_file():
            return 1.0 if _MARK in path.name else 0.0
        left = _LOOKED_AT
        for _, _, names in os.walk(path):
            if any(_MARK in name for name in names):
                return 0.8
            left -= len(names) + 1
            if left < 0:
                break
        return 0.0

    def read(self, path: Path, options: TensorBoardOptions) -> Iterator[RunSource]:  # noqa: ARG002 (none to choose)
        if path.is_file():
            yield _Folder(path.parent.name or "tensorboard", "", [path], [])
            return
        found = _folders(path)
        if not found:
            raise ImportProblem(str(path), "holds no event files of TensorBoard")
        results: dict[str, list[Path]] = {}
        for relative, files in list(found.items()):
            parent = relative.rpartition("/")[0]
            if relative and parent in found and _is_result(files):
                results.setdefault(parent, []).extend(found.pop(relative))
        for relative, files in found.items():
            yield _Folder(path.name or "tensorboard", relative, files, results.get(relative, []))


def _folders(path: Path) -> dict[str, list[Path]]:
    """Folders with event files, by their path below this one, in order."""
    found: dict[str, list[Path]] = {}
    for place, folders, names in os.walk(path):
        folders.sort()
        files = [Path(place, name) for name in sorted(names) if _MARK in name]
        if files:
            relative = Path(place).relative_to(path).as_posix()
            found["" if relative == "." else relative] = files
    return found


def _is_result(files: Sequence[Path]) -> bool:
    """Whether these are what ``add_hparams`` writes beside a run."""
    if sum(file.stat().st_size for file in files) > _SMALL:
        return False
    return any(b"_hparams_/session_start_info" in file.read_bytes() for file in files)


class _Folder:
    def __init__(self, project: str, relative: str, files: Sequence[Path], results: Sequence[Path]) -> None:
        self._files, self._relative = [*files, *results], relative
        began, host = _from_name(files[0])
        parts = [part for part in relative.split("/") if part]
        self._title = relative or project
        self.head = RunHead(
            source=f"{relative}:{files[0].name}",
            project=project,
            id="-".join([project, *parts]),
            created_at=began,
            size=sum(file.stat().st_size for file in self._files),
            state=sizes(self._files),
            meta={"hostname": host},
            origin={"folder": relative or "."},
        )

    def read(self, sink: RunSink) -> None:
        events = Events(sink)
        for file in self._files:
            with file.open("rb", buffering=1 << 20) as stream:
                waiting = 0
                try:
                    for record in records(stream):
                        events.take(record)
                        waiting += len(record) + 16
                        if waiting > 1 << 20:
                            sink.advance(waiting)
                            waiting = 0
                except CutOff:
                    sink.left_out("records that are cut off at the end of their file")
                except Damaged:
                    sink.left_out("event files that are damaged from some record on")
                sink.advance(waiting)
        events.finish()
        if events.params:
            sink.document("params", events.params)
        began, ended = events.first or self.head.created_at, events.last or self.head.created_at
        sink.document("status", {"started_at": began, "ended_at": ended})
        sink.document("user", {"display_name": self._title})


def _from_name(file: Path) -> tuple[float, str]:
    """When and where an event file was begun: ``events.out.tfevents.<seconds>.<host>...``."""
    seconds, _, rest = file.name.partition(_MARK)[2].partition(".")
    host = rest.split(".")[0]
    return (float(seconds), host) if seconds.isdigit() else (file.stat().st_mtime, "")
