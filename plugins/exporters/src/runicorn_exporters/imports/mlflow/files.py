"""The file store: ``mlruns/<experiment>/<run>`` with a file for each parameter, tag and metric."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from runicorn.serialize import number

from .registry_files import FileRegistry, texts
from .run import MlflowContent, MlflowRun, Point
from .yamls import read_yaml

_STATUSES = {1: "RUNNING", 2: "SCHEDULED", 3: "FINISHED", 4: "FAILED", 5: "KILLED"}


def is_file_store(path: Path) -> bool:
    """Whether an experiment lies below this folder, or below ``mlruns`` in it."""
    if not path.is_dir():
        return False
    folders = [path, path / "mlruns"]
    return any(_has(meta, b"experiment_id") for folder in folders for meta in folder.glob("*/meta.yaml"))


def _has(meta: Path, word: bytes) -> bool:
    with meta.open("rb") as file:
        return word in file.read(1 << 16)


class FileStore:
    def __init__(self, path: Path) -> None:
        self._root = path / "mlruns" if (path / "mlruns").is_dir() else path
        self.registry = FileRegistry(self._root)

    def counted(self) -> dict[str, int]:
        return {}

    def runs(self) -> Iterator[FileRun]:
        for meta in sorted(self._root.glob("*/meta.yaml")):
            experiment = str(read_yaml(meta).get("name") or meta.parent.name)
            runs = [(read_yaml(run), run.parent) for run in sorted(meta.parent.glob("*/meta.yaml"))]
            for about, folder in sorted(runs, key=lambda run: number(run[0].get("start_time")) or 0.0):
                yield FileRun(folder, about, experiment, self.registry)
        for meta in sorted(self._root.glob(".trash/*/meta.yaml")):  # experiments that were deleted
            experiment = str(read_yaml(meta).get("name") or meta.parent.name)
            for run in sorted(meta.parent.glob("*/meta.yaml")):
                yield FileRun(run.parent, read_yaml(run), experiment, self.registry, deleted=True)


class FileRun(MlflowContent):
    def __init__(
        self, folder: Path, meta: Mapping[str, Any], experiment: str, registry: FileRegistry, *, deleted: bool = False
    ) -> None:
        self._folder = folder
        ended = number(meta.get("end_time"))
        metrics = [path for path in (folder / "metrics").rglob("*") if path.is_file()]
        self._metrics = sorted(metrics)
        run = str(meta.get("run_id") or meta.get("run_uuid") or folder.name)
        datasets, used = registry.used(folder)
        self.run = MlflowRun(
            id=run,
            experiment=experiment,
            name=str(meta.get("run_name") or ""),
            status=_STATUSES.get(int(number(meta.get("status")) or 0), "RUNNING"),
            started_ms=int(number(meta.get("start_time")) or folder.stat().st_mtime * 1000),
            ended_ms=None if not ended else int(ended),
            user=str(meta.get("user_id") or ""),
            deleted=deleted or meta.get("lifecycle_stage") == "deleted",
            artifacts=folder / "artifacts",
            models=registry.made.get(run, ()),
            registered=registry.registered.get(run, ()),
            datasets=datasets,
            used=used,
            traces=registry.traces[run],
            size=sum(path.stat().st_size for path in metrics),
        )

    def params(self) -> Mapping[str, str]:
        return texts(self._folder / "params")

    def tags(self) -> Mapping[str, str]:
        return texts(self._folder / "tags")

    def points(self) -> Iterable[Point]:
        """Of one metric they are nearly in order: sorted each, and merged."""
        return heapq.merge(*(sorted(self._values(path)) for path in self._metrics))

    def _values(self, path: Path) -> Iterator[Point]:
        key = path.relative_to(self._folder / "metrics").as_posix()
        for line in path.read_text(encoding="utf-8").splitlines():
            parts = line.split(" ")  # time, value, step, and since 3.0 the model and the dataset
            if len(parts) < 2:
                continue
            yield Point(int(parts[0]), int(parts[2]) if len(parts) > 2 else 0, key, float(parts[1]))
