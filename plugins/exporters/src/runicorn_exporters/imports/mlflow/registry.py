"""What MLflow keeps beside runs: logged and registered models, datasets, prompts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from attrs import field, frozen
from runicorn.contracts import IncomingArtifact, RunHead
from runicorn.security import HIDDEN, is_secret_name, redact_address
from runicorn.serialize import dumps, loads

if TYPE_CHECKING:
    from runicorn.contracts import RunSink
    from runicorn.types import JSON

_STAGES = {"staging": "staging", "production": "production", "archived": "archived"}
_PROMPT, _PROMPT_TEXT = "mlflow.prompt.is_prompt", "mlflow.prompt.text"
_ADDRESSES = ("uri", "url", "path")  # what the source of a dataset calls its address
GONE = "registered versions whose files are elsewhere"


@frozen
class LoggedModel:
    """A model of MLflow 3."""

    id: str
    name: str
    experiment: str
    run: str  # that has made it; "" = none
    folder: Path | None  # None: its files are elsewhere
    about: Mapping[str, JSON] = field(factory=dict)  # params, tags, metrics

    def incoming(self, used: bool = False) -> IncomingArtifact | None:
        """As a version; of one that was only used nothing is told but what it holds."""
        files = files_in(self.folder)
        if not files:
            return None
        name = f"{self.experiment}-{(self.name or self.id).replace('/', '-')}"
        if used:
            return IncomingArtifact("model", name, files, role="used")
        known: dict[str, JSON] = {"mlflow_run": self.run, "mlflow_model": self.id}
        return IncomingArtifact("model", name, files, metadata=known | dict(self.about))


@frozen
class RegisteredVersion:
    """One version of a registered model, or of a prompt."""

    name: str
    number: int
    source: str  # as MLflow has it: an address, ``runs:/...`` or ``models:/...``
    run: str  # "" = none
    folder: Path | None  # None: its files are elsewhere
    stage: str = ""
    description: str = ""
    aliases: Sequence[str] = ()
    tags: Mapping[str, str] = field(factory=dict)  # of the version
    of_all: Mapping[str, str] = field(factory=dict)  # of the registered model
    model: str = ""  # the logged model that it is

    @property
    def told(self) -> JSON:
        """What changes when somebody does something with it."""
        return [self.name, self.number, self.stage, sorted(self.aliases), sorted(self.tags.items())]

    def incoming(self) -> IncomingArtifact | None:
        """None where nothing is known of its content."""
        known: dict[str, JSON] = {"mlflow_version": self.number}
        known |= {key: value for key, value in (("mlflow_run", self.run), ("mlflow_model", self.model)) if value}
        if self.of_all.get(_PROMPT, self.tags.get(_PROMPT)) == "true":
            kind, documents = "prompt", {"prompt.txt": self.tags.get(_PROMPT_TEXT, "").encode()}
        else:
            kind, documents = "model", {}
        files = {} if documents else files_in(self.folder)
        elsewhere = [redact_address(self.source)] if "://" in self.source and not files and not documents else []
        if not (files or documents or elsewhere):
            return None
        labels = {**self.of_all, **self.tags}
        return IncomingArtifact(
            kind,
            self.name,
            files,
            references=elsewhere,
            description=self.description,
            metadata=known,
            aliases=self.aliases,
            tags=[f"{k}={v}" if v else k for k, v in labels.items() if not k.startswith(("mlflow.", "_mlflow"))],
            documents=documents,
            number=self.number,
            stage=_STAGES.get(self.stage.lower(), ""),
        )


@frozen
class Dataset:
    """What a run was given to read. MLflow keeps a description of it, and where it came from."""

    name: str
    digest: str
    kind: str  # of the source
    source: str  # JSON
    schema: str = ""  # JSON
    profile: str = ""  # JSON
    context: str = ""  # training, evaluation, ...

    def incoming(self) -> IncomingArtifact:
        source = _open(_json(self.source), named=True)
        told: dict[str, JSON] = {"name": self.name, "digest": self.digest, "source_type": self.kind, "source": source}
        told |= {key: _open(_json(text)) for key, text in (("schema", self.schema), ("profile", self.profile)) if text}
        addresses = [source.get(name) for name in _ADDRESSES] if isinstance(source, Mapping) else []
        return IncomingArtifact(
            "dataset",
            self.name,
            references=[each for each in addresses if isinstance(each, str) and "://" in each],
            metadata={"mlflow_digest": self.digest, **({"context": self.context} if self.context else {})},
            role="used",
            documents={"dataset.json": dumps(told, indent=True)},
        )


_OfRun = TypeVar("_OfRun", LoggedModel, RegisteredVersion)


class Runless:
    """What belongs to no run that is imported: versions that were registered without one, and what is only counted."""

    def __init__(self, versions: Sequence[RegisteredVersion], counts: Mapping[str, int], *, artifacts: bool) -> None:
        self._versions, self._counts, self._artifacts = versions, counts, artifacts
        self.head = RunHead(source="registry", project="", id="", runless=True)

    def read(self, sink: RunSink) -> None:
        bring_versions(sink, self._versions, artifacts=self._artifacts)
        for what, count in self._counts.items():
            sink.left_out(what, count)


def by_run(what: Iterable[_OfRun]) -> dict[str, list[_OfRun]]:
    """Sorted once: a store has as many of them as it has runs."""
    found: dict[str, list[_OfRun]] = {}
    for each in what:
        found.setdefault(each.run, []).append(each)
    return found


def bring_versions(sink: RunSink, versions: Iterable[RegisteredVersion], *, artifacts: bool = True) -> None:
    for version in versions:
        artifact = version.incoming() if artifacts else None
        if artifact is None:
            sink.left_out(GONE if artifacts else "registered versions")
        else:
            sink.artifact(artifact)


def files_in(folder: Path | None) -> dict[str, Path]:
    return {path.relative_to(folder).as_posix(): path for path in files_below(folder)} if folder is not None else {}


def files_below(folder: Path | None) -> Iterator[Path]:
    if folder is not None and folder.is_dir():
        yield from sorted(path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())


def _open(value: JSON, *, named: bool = False) -> JSON:
    """Without secrets, however deep they are.

    :param named: also without what has the name of a secret, which a column of a data set may have.
    """
    if isinstance(value, str):
        return redact_address(value)
    if isinstance(value, list):
        return [_open(each, named=named) for each in value]
    if isinstance(value, dict):
        hidden = {key for key, held in value.items() if named and isinstance(held, str) and is_secret_name(key)}
        return {
            redact_address(key): HIDDEN if key in hidden else _open(each, named=named) for key, each in value.items()
        }
    return value


def _json(text: str) -> JSON:
    try:
        found: JSON = loads(text)
    except ValueError:
        return text
    return found
