"""Models, datasets and traces in a folder store."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import Any

from runicorn.serialize import number

from .places import Places
from .registry import Dataset, LoggedModel, RegisteredVersion, by_run
from .yamls import read_yaml

_FROM_RUN = re.compile(r"runs:/+(?P<run>[^/]+)/(?P<path>.+)")
_FROM_MODEL = re.compile(r"models:/+(?P<model>m-[^/]+)$")


class FileRegistry:
    """:param root: the folder of experiments."""

    def __init__(self, root: Path) -> None:
        self._root, self._places = root, Places(root)
        self.models = {model.id: model for model in self._models()}
        self.versions = list(self._versions())
        self.made, self.registered = by_run(self.models.values()), by_run(self.versions)
        self.traces = Counter(self._traces())  # by run; "" = of none

    @cached_property
    def _runs(self) -> dict[str, str]:
        """Their folders in the root, by their ids."""
        found = self._root.glob("*/*/meta.yaml")
        return {meta.parent.name: meta.parent.relative_to(self._root).as_posix() for meta in found}

    def used(self, run: Path) -> tuple[list[Dataset], list[LoggedModel]]:
        """What a run was given."""
        datasets, models = [], []
        for meta in sorted((run / "inputs").glob("*/meta.yaml")):
            about = read_yaml(meta)
            which = str(about.get("source_id"))
            if about.get("source_type") == "MODEL":
                model = self.models.get(which)
                models += [model] if model is not None and model.run != run.name else []
                continue
            place = run.parent / "datasets" / which / "meta.yaml"
            if "/" not in which and place.is_file():
                datasets.append(_dataset(read_yaml(place), about.get("tags")))
        return datasets, models

    def _models(self) -> Iterator[LoggedModel]:
        for meta in sorted(self._root.glob("*/models/*/meta.yaml")):
            about, base = read_yaml(meta), meta.parent
            if about.get("lifecycle_stage") == "deleted":
                continue
            experiment = base.parent.parent
            own = base / "artifacts"
            params, tags = texts(base / "params"), texts(base / "tags")
            kept = {"params": params, "tags": {k: v for k, v in tags.items() if not k.startswith("mlflow.")}}
            yield LoggedModel(
                id=str(about.get("model_id") or base.name),
                name=str(about.get("name") or base.name),
                experiment=str(read_yaml(experiment / "meta.yaml").get("name") or experiment.name),
                run=str(about.get("source_run_id") or ""),
                folder=own if own.is_dir() else self._places.folder(str(about.get("artifact_location") or "")),
                about={key: value for key, value in (kept | {"metrics": _last(base / "metrics")}).items() if value},
            )

    def _versions(self) -> Iterator[RegisteredVersion]:
        for meta in sorted((self._root / "models").glob("*/meta.yaml")):
            of_all, base = read_yaml(meta), meta.parent
            aliases = {path.name: path.read_text(encoding="utf-8").strip() for path in (base / "aliases").glob("*")}
            for place in base.glob("version-*/meta.yaml"):
                about = read_yaml(place)
                which = number(about.get("version"))
                if which is None or about.get("current_stage") == "Deleted_Internal":
                    continue
                source = str(about.get("source") or "")
                yield RegisteredVersion(
                    name=str(of_all.get("name") or base.name),
                    number=int(which),
                    source=source,
                    run=str(about.get("run_id") or ""),
                    folder=self._source(source) or self._source(str(about.get("storage_location") or "")),
                    stage=str(about.get("current_stage") or ""),
                    description=str(about.get("description") or of_all.get("description") or ""),
                    aliases=sorted(alias for alias, of in aliases.items() if of == str(int(which))),
                    tags=texts(place.parent / "tags"),
                    of_all=texts(base / "tags"),
                    model=str(about.get("model_id") or ""),
                )

    def _source(self, source: str) -> Path | None:
        if made := _FROM_MODEL.match(source):
            model = self.models.get(made["model"])
            return model.folder if model is not None else None
        if made := _FROM_RUN.match(source):
            run = self._runs.get(made["run"])
            return self._places.folder("", f"{run}/artifacts", inner=made["path"]) if run is not None else None
        return self._places.folder(source)

    def _traces(self) -> Iterator[str]:
        for info in self._root.glob("*/traces/*/trace_info.yaml"):
            run = info.parent / "request_metadata" / "mlflow.sourceRun"
            yield run.read_text(encoding="utf-8").strip() if run.is_file() else ""


def texts(base: Path) -> dict[str, str]:
    """A folder with a file for each value."""
    files = sorted(path for path in base.rglob("*") if path.is_file())
    return {path.relative_to(base).as_posix(): path.read_text(encoding="utf-8") for path in files}


def _last(base: Path) -> dict[str, float]:
    found = {}
    for name, text in texts(base).items():
        with suppress(ValueError, IndexError):
            found[name] = float(text.splitlines()[-1].split(" ")[1])
    return found


def _dataset(about: Mapping[str, Any], tags: object) -> Dataset:
    context = tags.get("mlflow.data.context") if isinstance(tags, Mapping) else None
    return Dataset(
        name=str(about.get("name") or ""),
        digest=str(about.get("digest") or ""),
        kind=str(about.get("source_type") or ""),
        source=str(about.get("source") or ""),
        schema=str(about.get("schema") or ""),
        profile=str(about.get("profile") or ""),
        context=str(context or ""),
    )
