"""The file store: ``mlruns/<experiment>/<run>`` with a file for each parameter, tag and metric."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from runicorn.errors import ImportProblem, MissingDependency
from runicorn.serialize import number

from .run import MlflowContent, MlflowRun, Point

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

    def runs(self) -> Iterator[FileRun]:
        for meta in sorted(self._root.glob("*/meta.yaml")):
            experiment = str(_yaml(meta).get("name") or meta.parent.name)
            models = _models(meta.parent)
            for run in sorted(meta.parent.glob("*/meta.yaml")):
                yield FileRun(run.parent, experiment, models=models.get(run.parent.name, ()))
        for meta in sorted(self._root.glob(".trash/*/meta.yaml")):  # experiments that were deleted
            experiment = str(_yaml(meta).get("name") or meta.parent.name)
            for run in sorted(meta.parent.glob("*/meta.yaml")):
                yield FileRun(run.parent, experiment, deleted=True)


class FileRun(MlflowContent):
    def __init__(
        self, folder: Path, experiment: str, *, deleted: bool = False, models: Sequence[tuple[str, Path]] = ()
    ) -> None:
        meta = _yaml(folder / "meta.yaml")
        self._folder = folder
        ended = number(meta.get("end_time"))
        metrics = [path for path in (folder / "metrics").rglob("*") if path.is_file()]
        self._metrics = sorted(metrics)
        self.run = MlflowRun(
            id=str(meta.get("run_id") or meta.get("run_uuid") or folder.name),
            experiment=experiment,
            name=str(meta.get("run_name") or ""),
            status=_STATUSES.get(int(number(meta.get("status")) or 0), "RUNNING"),
            started_ms=int(number(meta.get("start_time")) or folder.stat().st_mtime * 1000),
            ended_ms=None if not ended else int(ended),
            user=str(meta.get("user_id") or ""),
            deleted=deleted or meta.get("lifecycle_stage") == "deleted",
            artifacts=folder / "artifacts",
            models=models,
            size=sum(path.stat().st_size for path in metrics),
        )

    def params(self) -> Mapping[str, str]:
        return self._texts("params")

    def tags(self) -> Mapping[str, str]:
        return self._texts("tags")

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

    def _texts(self, kind: str) -> dict[str, str]:
        base = self._folder / kind
        files = sorted(path for path in base.rglob("*") if path.is_file())
        return {path.relative_to(base).as_posix(): path.read_text(encoding="utf-8") for path in files}


def _models(experiment: Path) -> dict[str, list[tuple[str, Path]]]:
    """Models that were logged, since MLflow 3, by the run that has made them."""
    found: dict[str, list[tuple[str, Path]]] = {}
    for meta in sorted(experiment.glob("models/*/meta.yaml")):
        about = _yaml(meta)
        if about.get("lifecycle_stage") != "deleted":
            name = str(about.get("name") or meta.parent.name)
            found.setdefault(str(about.get("source_run_id")), []).append((name, meta.parent / "artifacts"))
    return found


def _yaml(path: Path) -> dict[str, Any]:
    try:
        import yaml
    except ImportError as error:
        raise MissingDependency("importing MLflow's folders", "'runicorn-exporters[mlflow]'") from error
    try:
        value = yaml.safe_load(path.read_bytes())
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ImportProblem(str(path), "is no YAML any more") from error
    return value if isinstance(value, dict) else {}
