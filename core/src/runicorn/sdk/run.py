"""A run, as training code holds it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from time import time
from types import MethodType, TracebackType
from typing import TYPE_CHECKING, Any

from .. import hooks
from ..model.run import FINAL_STATUSES
from .best import BestValue, is_best
from .documents import Documents, Merging, SummaryMerging, UserMerging
from .ending import how_it_ended
from .interrupting import from_signal_handler
from .life import Life
from .logtext import log_lines
from .media import MediaQueue
from .recorder import Recorder
from .tree import Tags, Tree
from .trouble import Troubles
from .values import key_text, short_repr
from .writing import Writing

if TYPE_CHECKING:
    from ..contracts.storage import Document, RunSession, Store
    from ..model.alert import Alert
    from ..model.artifact import ArtifactLink
    from ..types import JSON
    from .artifacts import Role, RunArtifacts
    from .earlier import EarlierBest
    from .life import Beginning
    from .writing import Change


class Run(Recorder):
    """A run that is being recorded. Made by :func:`runicorn.init`; thread-safe; survives ``fork``.

    Nothing in here raises into training: what goes wrong is warned about once, counted, and kept in the run's status.
    """

    id: str
    project: str
    name: str
    #: Hyper-parameters: a nested mapping, persisted within 0.1 s of a change.
    params: Tree
    #: Final values: a mapping; called with a dict, it takes the keys over.
    summary: Tree

    def __init__(self, beginning: Beginning) -> None:
        super().__init__()
        meta, session = beginning.meta, beginning.session
        self.id, self.project, self.name = meta.id, meta.project, meta.name
        self._dir = session.folder
        self._viewer_url = beginning.viewer_url
        self._finish_timeout = beginning.finish_timeout
        self._step = beginning.step
        self._crashed_in = beginning.store if beginning.crashed else None
        self._followed: dict[tuple[str, str], BestValue] = {}  # by metric and mode
        self._earlier: list[EarlierBest] = []
        self._troubles = Troubles(lambda: self._documents.touch("status"))
        self._writing = Writing(
            session,
            beginning.store,
            beginning.root,
            meta,
            self._lock,
            self._troubles,
            spooling=beginning.spooling,
            power=beginning.power,
        )
        self._media = MediaQueue(self)
        self._load_documents(session)
        self._life = Life(self, beginning)

    def _load_documents(self, session: RunSession) -> None:
        params, summary, user = session.read("params"), session.read("summary"), session.read("user")
        self._stored_best = summary.pop("best") if is_best(summary.get("best")) else None
        self.params = Tree("params", lambda: self._documents.touch("params"), self._refused, params)
        self.summary = Tree(
            "summary",
            lambda: self._documents.touch("summary"),
            self._refused,
            summary,
        )
        tags = user.get("tags")
        self._tags = Tags(lambda: self._documents.touch("user"), self._refused, tags if isinstance(tags, list) else ())
        self._note = str(user.get("note") or "")
        changes: dict[Document, Change] = {
            "params": Merging(self.params.plain, params),
            "user": UserMerging(lambda: {"tags": list(self._tags), "note": self._note}, user),
            "environment": lambda disk: {**disk, **self._life.environment},
            "artifacts": lambda disk: self._artifacts.merged(disk) if self._artifacts else disk,
            "summary": SummaryMerging(self._own_summary, lambda: self._best, self.summary.plain()),
            "status": lambda disk: self._life.status_document(disk),
        }
        self._documents = Documents(self._writing, changes, lambda: self._life.wake())

    def _own_summary(self) -> dict[str, Any]:
        """The user's summary; what they keep as ``best`` makes room where the best value stands there."""
        summary = self.summary.plain()
        if "best" in summary and (self._best is not None or self._stored_best is not None):
            if "best_" not in summary:
                self._troubles.report("runicorn", "summary", "'best' is the primary metric's; yours is kept as 'best_'")
            summary.setdefault("best_", summary.pop("best"))
        return summary

    def _refused(self, what: str, reason: str) -> None:
        self._troubles.report("runicorn", what, reason)

    # --- What it is

    @property
    def dir(self) -> Path:
        """The run folder on this machine."""
        return self._dir

    @property
    def url(self) -> str:
        """Where the viewer shows it, when one runs."""
        from urllib.parse import quote

        return f"{self._viewer_url.rstrip('/')}/runs/{quote(self.id, safe='')}"

    @property
    def tags(self) -> Tags:
        """The tags: a list of different strings, persisted as it changes."""
        return self._tags

    @tags.setter
    def tags(self, tags: Iterable[str] | None) -> None:
        self._tags[:] = tags

    @property
    def note(self) -> str:
        """A text for people, persisted as it changes."""
        return self._note

    @note.setter
    def note(self, note: str | None) -> None:
        self._note = "" if note is None else key_text(note)
        self._documents.touch("user")

    @property
    def step(self) -> int:
        """The last step that this process used; 0 before the first."""
        return self._step

    def __repr__(self) -> str:
        return f"<Run {self.project}/{self.name} {self.id} {self._life.status}>"

    def __getattr__(self, name: str) -> Any:
        """Methods that plugins add, such as ``log_image``.

        :raises AttributeError: no active plugin provides it.
        """
        if name.startswith("_"):
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        return MethodType(hooks.lookup_api(f"Run.{name}"), self)

    def __dir__(self) -> list[str]:
        added = [name.removeprefix("Run.") for name in hooks.api_names() if name.startswith("Run.")]
        return sorted({*super().__dir__(), *added})

    # --- Recording; log() stands in Recorder

    def log_text(self, text: str, *, stream: str = "text") -> None:
        """Append text to the run's log, each of its lines with time and stream. Never raises.

        When it has returned, the lines survive SIGKILL of this process.

        :param stream: ``text``, ``stdout``, ``stderr`` or ``log/<level>``, e.g. ``log/warning``.
        """
        try:
            self._keep("logs", *log_lines(key_text(text), key_text(stream), time()))
        except Exception as error:  # no error of ours reaches the training
            if from_signal_handler(error):
                raise
            self._troubles.report("runicorn", "log_text()", error)

    def log_media(self, key: str, value: object, *, step: Any = None, **fields: Any) -> None:
        """Record a value of a registered media type; what plugins build ``log_image`` and the like on. Never raises.

        The value is copied now and encoded in the background. When the encoder is 64 values behind, this waits.

        :param step: None = the present step; the step is not counted on.
        :param fields: kept in the record beside what the media type adds, e.g. ``caption``.
        """
        number = self._usable(step)
        self._media.put(key_text(key), value, self._step if number is None else number, fields)

    def raise_alert(self, alert: Alert) -> None:
        """Keep an alert in the run and tell the plugins that watch for alerts. Never raises.

        When it has returned, the alert survives SIGKILL of this process. Plugins raise alerts with it; in training code
        ``run.alert(title)`` is shorter.
        """
        try:
            from .alerts import MOST, alert_line

            with self._lock:
                self._alerts += 1
                if self._alerts > MOST:
                    self._troubles.report("runicorn", "alerts", f"are more than {MOST}; the rest is dropped")
                    return
                line = alert_line(alert, self._step)
                self._keep("events", line)
        except Exception as error:  # no error of ours reaches the training
            if from_signal_handler(error):
                raise
            self._troubles.report("runicorn", "raise_alert()", error)

    _alerts = 0
    _stop_reason: str | None = None

    @property
    def should_stop(self) -> bool:
        """Whether somebody asked this process to end its training: an alert rule, a plugin, :meth:`request_stop`.

        Nothing stops by itself: ``if run.should_stop: break``. Costs an attribute.
        """
        return self._stop_reason is not None

    @property
    def stop_reason(self) -> str | None:
        """Why, in the words of whoever asked first; None = nobody did."""
        return self._stop_reason

    @property
    def failure(self) -> str | None:
        """What ended the run in this process, once it ends as ``failed``; else None."""
        return self._life.failure

    def request_stop(self, reason: str = "") -> None:
        """Ask the training to end: :attr:`should_stop` becomes true in this process. Never raises.

        The first reason counts. It is kept in the run's log.
        """
        if self._stop_reason is None:
            self._stop_reason = key_text(reason)
            self.log_text(f"asked to stop: {self._stop_reason}" if reason else "asked to stop", stream="log/warning")

    @property
    def artifacts_used(self) -> list[ArtifactLink]:
        """The versions of artifacts that the run has used so far."""
        return self._noted_artifacts().used

    def record_artifact(self, role: Role, artifact: ArtifactLink) -> None:
        """Note that this run committed (``created``) or ``used`` a version of an artifact; what plugins that keep
        artifacts call. Never raises."""
        try:
            self._noted_artifacts().note(role, artifact)
            self._documents.touch("artifacts")
            if role == "created":
                self._life.committed(artifact)
        except Exception as error:  # no error of ours reaches the training
            if from_signal_handler(error):
                raise
            self._troubles.report("runicorn", "record_artifact()", error)

    def _noted_artifacts(self) -> RunArtifacts:
        if self._artifacts is None:
            from .artifacts import RunArtifacts

            self._artifacts = RunArtifacts(self._writing.session.read("artifacts"))
        return self._artifacts

    _artifacts: RunArtifacts | None = None

    def set_primary_metric(self, name: str, mode: str = "max") -> None:
        """Follow the best value of one metric from now on. Never raises.

        NaN and infinities never win. The best value is persisted about once a second while it improves; where a run
        goes on that was killed, what it had logged is looked through, in the background.

        :param mode: ``max`` or ``min``.
        """
        if mode not in ("max", "min"):
            self._troubles.report("runicorn", "set_primary_metric()", f"mode {mode!r} is neither 'max' nor 'min'")
            return
        metric = key_text(name)
        best = self._followed.get((metric, mode))
        if best is None:
            best = BestValue(metric, mode, lambda: self._documents.touch("summary"))
            best.offer_stored(self._stored_best)
            self._followed[(metric, mode)] = best
            if self._crashed_in is not None:
                self._look_back(best, self._crashed_in)
        with self._lock:
            self._best, self._best_key = best, metric

    def _look_back(self, best: BestValue, store: Store) -> None:
        from .earlier import EarlierBest

        try:
            self._earlier.append(EarlierBest(self, store, best))
        except RuntimeError as error:
            self._troubles.report("runicorn", "starting a thread", error)

    # --- The end

    def finish(self, status: str = "finished") -> None:
        """End the run: write what is queued, within ``run.finish_timeout`` seconds, and say what could not be.

        Calling it again does nothing. Never raises.

        :param status: ``finished``, ``failed`` or ``interrupted``.
        """
        if status not in FINAL_STATUSES:
            self._troubles.report("runicorn", "finish()", f"{short_repr(status)} is no status; taken as finished")
            status = "finished"
        self._end(status, None, self._finish_timeout)

    def __enter__(self) -> Run:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        status, end = how_it_ended(error)
        self._end(status, end, self._finish_timeout)

    def _end(self, status: str, end: dict[str, JSON] | None, timeout_s: float) -> None:
        """End the run, with what is known about the end of the process."""
        self._life.end(status, end, min(timeout_s, self._finish_timeout))

    def _forked(self) -> None:
        """This process is a forked child."""
        self._life.forked()
