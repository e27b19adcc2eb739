"""A run that accepts everything and writes nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from . import active
from .run import Run
from .tree import Tags, Tree
from .values import key_text

if TYPE_CHECKING:
    from ..config import Config
    from ..model.alert import Alert
    from ..model.artifact import ArtifactLink
    from ..model.run import RunMeta
    from ..types import JSON
    from .artifacts import Role


class OffRun(Run):
    """What ``init()`` returns when recording is off. Params, tags, note and summary can be read back."""

    def __init__(
        self, meta: RunMeta, config: Config, params: Mapping[str, Any], tags: Iterable[str] | None, note: str | None
    ) -> None:
        self.id, self.project, self.name = meta.id, meta.project, meta.name
        self._dir = config.storage.folder / meta.project / meta.name / "runs" / meta.id
        self._viewer_url = config.run.viewer_url
        self._step = 0
        self.params = Tree("params", _nothing, _nothing, params)
        self.summary = Tree("summary", _nothing, _nothing, {})
        self._tags = Tags(_nothing, _nothing, [tags] if isinstance(tags, str) else tags or ())
        self.note = note

    def log(
        self, data: Mapping[Any, Any] | None = None, *, step: Any = None, stage: str | None = None, **metrics: Any
    ) -> None:
        """Nothing."""

    def log_text(self, text: str, *, stream: str = "text") -> None:
        """Nothing."""

    def log_media(self, key: str, value: object, *, step: Any = None, **fields: Any) -> None:
        """Nothing."""

    def raise_alert(self, alert: Alert) -> None:
        """Nothing."""

    @property
    def failure(self) -> None:
        """None."""
        return None

    @property
    def artifacts_used(self) -> list[ArtifactLink]:
        """None."""
        return []

    def record_artifact(self, role: Role, artifact: ArtifactLink) -> None:
        """Nothing."""

    def set_primary_metric(self, name: str, mode: str = "max") -> None:
        """Nothing."""

    def finish(self, status: str = "finished") -> None:  # noqa: ARG002 (as Run has it)
        """Nothing but that it is not the active run any more."""
        active.forget(self)

    def _end(self, status: str, end: dict[str, JSON] | None, timeout_s: float) -> None:  # noqa: ARG002 (as Run has it)
        self.finish()

    def _forked(self) -> None:
        """A child records nothing either."""

    @property
    def note(self) -> str:
        return self._note

    @note.setter
    def note(self, note: str | None) -> None:
        self._note = "" if note is None else key_text(note)

    @property
    def dir(self) -> Path:
        """Where the run folder would be."""
        return self._dir

    def __getattr__(self, name: str) -> Any:
        """Every method that a plugin may add does nothing, whether the plugin is there or not."""
        if name.startswith("_"):
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        return _nothing

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.finish()

    def __repr__(self) -> str:
        return f"<Run {self.project}/{self.name} off>"


def _nothing(*arguments: object, **more: object) -> None:
    """Nobody wants to know."""
