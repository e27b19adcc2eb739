"""Models, datasets and traces in a database."""

from __future__ import annotations

import re
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from .places import Places
from .registry import Dataset, LoggedModel, RegisteredVersion, by_run

if TYPE_CHECKING:
    from runicorn.types import JSON

_FROM_RUN = re.compile(r"runs:/+(?P<run>[^/]+)/(?P<path>.+)")
_FROM_MODEL = re.compile(r"models:/+(?P<model>m-[^/]+)$")
_COUNTED = {
    "evaluation_datasets": "evaluation datasets",
    "scorers": "scorers",
    "assessments": "assessments of traces",
}


class DatabaseRegistry:
    """:param tables: the names of the database's tables: each version of MLflow has more of them."""

    def __init__(self, db: sqlite3.Connection, tables: set[str], places: Places) -> None:
        self._db, self._tables, self._places = db, tables, places
        self.models = {model.id: model for model in self._models()}
        self.versions = list(self._versions())
        self.made, self.registered = by_run(self.models.values()), by_run(self.versions)
        self.traces = Counter(self._traces())  # by run; "" = of none

    def counted(self) -> dict[str, int]:
        """What has no place here, and belongs to no run."""
        found = {}
        for table, what in _COUNTED.items():
            if table in self._tables:
                (found[what],) = self._db.execute(f"SELECT count(*) FROM {table}").fetchone()  # noqa: S608 (ours)
        return {what: count for what, count in found.items() if count}

    def used(self, run: str) -> tuple[list[Dataset], list[LoggedModel]]:
        """What a run was given."""
        if not {"inputs", "datasets", "input_tags"} <= self._tables:
            return [], []
        rows = self._db.execute(
            "SELECT d.name, d.digest, d.dataset_source_type, d.dataset_source, d.dataset_schema, d.dataset_profile,"
            " (SELECT t.value FROM input_tags t WHERE t.input_uuid = i.input_uuid AND t.name = 'mlflow.data.context')"
            " FROM inputs i JOIN datasets d ON d.dataset_uuid = i.source_id"
            " WHERE i.source_type = 'DATASET' AND i.destination_id = ? ORDER BY d.name, d.digest",
            [run],
        )
        datasets = [Dataset(*(str(each or "") for each in row)) for row in rows]
        query = (
            "SELECT destination_id FROM inputs WHERE source_type = 'RUN_INPUT' AND destination_type = 'MODEL_INPUT'"
            " AND source_id = ? ORDER BY 1"
        )
        models = [self.models[model] for (model,) in self._db.execute(query, [run]) if model in self.models]
        return datasets, [model for model in models if model.run != run]

    def _models(self) -> Iterator[LoggedModel]:
        if "logged_models" not in self._tables:
            return
        params = self._grouped(
            "SELECT model_id, param_key, param_value FROM logged_model_params", "logged_model_params"
        )
        tags = self._grouped("SELECT model_id, tag_key, tag_value FROM logged_model_tags", "logged_model_tags")
        metrics = self._grouped(
            "SELECT model_id, metric_name, metric_value FROM logged_model_metrics ORDER BY metric_timestamp_ms",
            "logged_model_metrics",
        )
        rows = self._db.execute(
            "SELECT m.model_id, m.name, e.name, m.source_run_id, m.artifact_location, m.experiment_id"
            " FROM logged_models m JOIN experiments e USING (experiment_id) WHERE m.lifecycle_stage != 'deleted'"
            " ORDER BY m.creation_timestamp_ms, m.model_id"
        )
        for model, name, experiment, run, location, number in rows.fetchall():
            own = {key: value for key, value in tags[model].items() if not key.startswith("mlflow.")}
            kept = {"params": params[model], "tags": own, "metrics": metrics[model]}
            yield LoggedModel(
                id=model,
                name=name or model,
                experiment=experiment or str(number),
                run=run or "",
                folder=self._places.folder(location or "", f"{number}/models/{model}/artifacts"),
                about={key: value for key, value in kept.items() if value},
            )

    def _versions(self) -> Iterator[RegisteredVersion]:
        if not {"registered_models", "model_versions"} <= self._tables:
            return
        of_all = self._grouped("SELECT name, key, value FROM registered_model_tags", "registered_model_tags")
        tags = self._grouped("SELECT name || '/' || version, key, value FROM model_version_tags", "model_version_tags")
        aliases = self._grouped(
            "SELECT name || '/' || version, alias, alias FROM registered_model_aliases", "registered_model_aliases"
        )
        told = dict(self._db.execute("SELECT name, description FROM registered_models").fetchall())
        columns = {row[1] for row in self._db.execute("PRAGMA table_info(model_versions)")}
        stored, model = (each if each in columns else "NULL" for each in ("storage_location", "model_id"))
        rows = self._db.execute(
            f"SELECT name, version, source, run_id, current_stage, description, {stored}, {model} FROM model_versions"  # noqa: S608 (ours)
            " WHERE current_stage IS NULL OR current_stage != 'Deleted_Internal' ORDER BY name, version"
        )
        for name, version, source, run, stage, description, stored_at, model_id in rows.fetchall():
            which = f"{name}/{version}"
            yield RegisteredVersion(
                name=name,
                number=int(version),
                source=source or "",
                run=run or "",
                folder=self._source(source or "") or self._source(stored_at or ""),
                stage=stage or "",
                description=description or told.get(name) or "",
                aliases=sorted(map(str, aliases[which])),
                tags={key: str(value or "") for key, value in tags[which].items()},
                of_all={key: str(value or "") for key, value in of_all[name].items()},
                model=model_id or "",
            )

    def _source(self, source: str) -> Path | None:
        if made := _FROM_MODEL.match(source):
            model = self.models.get(made["model"])
            return model.folder if model is not None else None
        if made := _FROM_RUN.match(source):
            found = self._db.execute(
                "SELECT artifact_uri, experiment_id FROM runs WHERE run_uuid = ?", [made["run"]]
            ).fetchone()
            if found is None:
                return None
            return self._places.folder(found[0] or "", f"{found[1]}/{made['run']}/artifacts", inner=made["path"])
        return self._places.folder(source)

    def _traces(self) -> Iterator[str]:
        if not {"trace_info", "trace_request_metadata"} <= self._tables:
            return
        rows = self._db.execute(
            "SELECT m.value FROM trace_info t LEFT JOIN trace_request_metadata m"
            " ON m.request_id = t.request_id AND m.key = 'mlflow.sourceRun'"
        )
        yield from (run or "" for (run,) in rows)

    def _grouped(self, query: str, table: str) -> Mapping[str, dict[str, JSON]]:
        found: defaultdict[str, dict[str, JSON]] = defaultdict(dict)
        if table in self._tables:
            for of, key, value in self._db.execute(query):
                found[of][key] = value
        return found
