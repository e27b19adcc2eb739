"""A run of MLflow, from whichever store, as what was logged."""

from __future__ import annotations

import re
from abc import abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from attrs import frozen
from runicorn.contracts import IncomingArtifact, RunHead
from runicorn.security import redact_address, redact_output
from runicorn.serialize import dumps, loads

from ..pictures import picture
from ..sizes import sizes
from .registry import Dataset, LoggedModel, RegisteredVersion, bring_versions, files_below

if TYPE_CHECKING:
    from runicorn.contracts import RunSink
    from runicorn.types import JSON

_STATUSES = {"FINISHED": "finished", "FAILED": "failed", "KILLED": "interrupted"}
#: What ``log_image(key=..., step=...)`` makes; slashes of the key are ``~``, before 3.0 ``#``.
_IMAGE = re.compile(r"(?P<key>.+?)[+%]step[+%](?P<step>-?\d+)[+%]timestamp[+%](?P<ms>\d+)[+%][^+%]+$")
_TOLD_EVERY = 10_000  # points
_MODEL = "MLmodel"  # the file that a folder is a model by
TRACES = "traces"
_LISTED = 200  # names of files that the run's environment holds


class Point(NamedTuple):
    """One value. Sorted: those of one call stand together."""

    ms: int
    step: int
    key: str
    value: float


@frozen
class MlflowRun:
    """What is known of a run before its values are read."""

    id: str
    experiment: str
    name: str
    status: str  # as MLflow's database has it
    started_ms: int
    ended_ms: int | None
    user: str
    deleted: bool
    artifacts: Path | None  # None: they are elsewhere, or there are none
    size: int = 0
    models: Sequence[LoggedModel] = ()
    registered: Sequence[RegisteredVersion] = ()
    datasets: Sequence[Dataset] = ()
    used: Sequence[LoggedModel] = ()  # that other runs have made
    traces: int = 0


class MlflowContent:
    """Where the values of a run are."""

    run: MlflowRun

    @abstractmethod
    def params(self) -> Mapping[str, str]: ...

    @abstractmethod
    def tags(self) -> Mapping[str, str]: ...

    @abstractmethod
    def points(self) -> Iterable[Point]:
        """Sorted."""

    @property
    def deleted(self) -> bool:
        return self.run.deleted


class MlflowSource:
    def __init__(self, content: MlflowContent, *, artifacts: bool) -> None:
        """:param artifacts: bring their content."""
        self._content, self._bring, run = content, artifacts, content.run
        self._run = run
        self._tags = content.tags()
        meta: dict[str, JSON] = {}
        if parent := self._tags.get("mlflow.parentRunId"):
            meta["group"] = parent
        if program := self._tags.get("mlflow.source.name"):
            meta["command"] = [Path(program).name]
        self.head = RunHead(
            source=run.id,
            project=run.experiment,
            id=run.id,
            created_at=run.started_ms / 1000,
            size=run.size,
            state=self._state(),
            meta=meta,
        )

    def read(self, sink: RunSink) -> None:
        run, tags = self._run, self._tags
        sink.document("params", {key: _value(text) for key, text in self._content.params().items()})
        sink.document("user", self._user())
        ended = (run.ended_ms or run.started_ms) / 1000
        sink.document("status", {"started_at": run.started_ms / 1000, "ended_at": ended, **_ending(run.status)})
        last = self._metrics(sink)
        if run.ended_ms is None and last:
            sink.document("status", {"ended_at": last / 1000})
        described: dict[str, JSON] = {"user": run.user} if run.user else {}
        if commit := tags.get("mlflow.source.git.commit"):
            described["commit"] = redact_output(commit)  # which leaves forty hexadecimal digits
        if remote := tags.get("mlflow.source.git.repoURL"):
            described["remote"] = redact_address(remote)
        noted = self._pictures(sink)
        if self._bring:
            self._bring_artifacts(sink, noted)
            noted = []
        bring_versions(sink, run.registered, artifacts=self._bring)
        sink.left_out(TRACES, run.traces)
        if noted:
            described["artifacts"] = [*noted[:_LISTED]]
            sink.left_out("files of artifacts (their names stand in the run's environment)", len(noted))
        if described:
            sink.document("environment", {"mlflow": described})
        sink.advance(run.size)

    def _state(self) -> str:
        """Values (bytes or rows), tags, status, and the files of artifacts."""
        run = self._run
        told: list[JSON] = [run.size, run.status, run.ended_ms, sorted(self._tags.items())]
        told.append(sizes(files_below(run.artifacts)))
        about = [version.told for version in run.registered], len(run.datasets), len(run.used), run.traces
        told += [[*about]] if any(about) else []
        return sha256(dumps(told)).hexdigest()[:16]

    def _user(self) -> dict[str, JSON]:
        given: dict[str, JSON] = {
            "display_name": self._run.name or self._tags.get("mlflow.runName", ""),
            "note": self._tags.get("mlflow.note.content", ""),
            "tags": [f"{k}={v}" if v else k for k, v in self._tags.items() if not k.startswith("mlflow.")],
        }
        return {key: value for key, value in given.items() if value}

    def _metrics(self, sink: RunSink) -> int:
        """What was logged in one call has one time and one step: it is one record again.

        :returns: the time of the last one, in ms.
        """
        values: dict[str, JSON] = {}
        at = (0, 0)
        for n, (ms, step, key, value) in enumerate(self._content.points()):
            if n % _TOLD_EVERY == 0:
                sink.advance(0)  # whoever stops the import is heard
            if values and ((ms, step) != at or key in values):
                sink.metrics(values, step=at[1], ts=at[0] / 1000)
                values = {}
            at = (ms, step)
            values[key] = value
        if values:
            sink.metrics(values, step=at[1], ts=at[0] / 1000)
        return at[0]

    def _bring_artifacts(self, sink: RunSink, names: Sequence[str]) -> None:
        """What the run was given; its models, each as a version of an artifact of its name; all other files as one."""
        run, base = self._run, self._run.artifacts
        models = {name.rpartition("/")[0] for name in names if name.rpartition("/")[2] == _MODEL and "/" in name}
        files: dict[str, dict[str, Path]] = {}
        for name in names:
            assert base is not None
            model = next((model for model in models if name.startswith(f"{model}/")), "")
            files.setdefault(model, {})[name.removeprefix(f"{model}/")] = base / name
        about: dict[str, JSON] = {"mlflow_run": run.id}
        given = [dataset.incoming() for dataset in run.datasets] + [model.incoming(used=True) for model in run.used]
        for artifact in (*given, *(model.incoming() for model in run.models)):
            if artifact is None:
                sink.left_out("logged models whose files are elsewhere")
            else:
                sink.artifact(artifact)
        for title, content in files.items():
            kind, name = ("model", title.replace("/", "-")) if title else ("files", "files")
            if content:
                sink.artifact(IncomingArtifact(kind, f"{run.experiment}-{name}", content, metadata=about))

    def _pictures(self, sink: RunSink) -> list[str]:
        """Give the pictures.

        :returns: the names of the other files.
        """
        folder, noted = self._run.artifacts, []
        for path in files_below(folder):
            assert folder is not None
            name = path.relative_to(folder).as_posix()
            if name.startswith("images/") and name.endswith("+compressed.webp"):
                continue  # MLflow's own preview of the picture beside it
            data = path.read_bytes() if picture(_first_bytes(path)) else b""
            found = picture(data)
            if found is None:
                noted.append(name)
                continue
            key, step, ts = self._image(name, path)
            sink.media(
                key, "image", data, found.suffix, step=step, ts=ts, width=found.width, height=found.height
            )  # fmt: skip
        return noted

    def _image(self, name: str, path: Path) -> tuple[str, int | None, float]:
        """Key, step and time of a picture."""
        logged = _IMAGE.match(path.stem) if name.startswith("images/") else None
        if logged is None:
            return name, None, self._run.started_ms / 1000
        return logged["key"].replace("~", "/").replace("#", "/"), int(logged["step"]), int(logged["ms"]) / 1000


def _ending(status: str) -> dict[str, JSON]:
    if status in _STATUSES:
        return {"status": _STATUSES[status]}
    said = f"was {status.lower()} when it was imported"
    return {"status": "interrupted", "exit": {"kind": "imported", "message": said}}


def _value(text: str) -> JSON:
    """MLflow keeps parameters as text: numbers, truth values and lists are what they were again."""
    if text in ("True", "False"):
        return text == "True"
    if text == "None":
        return None
    try:
        value = loads(text)
    except ValueError:
        return text
    if isinstance(value, float) and not set(text) & set(".eE"):
        return text  # more digits than a number holds: an id, a key
    plain = isinstance(value, (int, float, list, dict)) and not isinstance(value, bool)
    return value if plain and value == value else text


def _first_bytes(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(64)
