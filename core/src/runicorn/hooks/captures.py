"""``register_captures``: what takes a run's output, from before ``init()`` returns until the run ends."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeAlias

from ..loader import contained, manager
from .calling import bound, named, tell

if TYPE_CHECKING:
    from ..config import Config
    from ..contracts import Capture, RunView
    from ..model.alert import Alert
    from ..types import JSON

#: (plugin, what, error or reason, count)
Complain: TypeAlias = Callable[[str, str, "BaseException | str", int], None]


class LogText(Protocol):
    """What takes lines of text for the run."""

    def __call__(self, text: str, *, stream: str = "text") -> None: ...


class RunCaptures:
    """The captures of one run. None of the methods raises (in strict mode ``start`` does); all of them call plugins on
    the thread that calls them."""

    def __init__(self, run: RunView, log_text: LogText, complain: Complain) -> None:
        """
        :param log_text: the run's own.
        """
        self._run, self._log_text, self._complain = run, log_text, complain
        self._started: list[tuple[str, Capture]] = []

    def start(self, config: Config) -> bool:
        """Ask for captures and start them; False when there are none."""
        for impl in manager().implementations("register_captures"):
            plugin = impl.plugin_name
            try:
                found = contained(bound(impl, {"config": config}))
                for _, capture in named(found or (), "start", "stop", "forked"):
                    contained(partial(capture.start, _Captured(self, plugin)))
                    self._started.append((plugin, capture))
            except Exception as error:
                if manager().strict:
                    raise
                manager().record_error(plugin, "register_captures", error, told=True)
                self._complain(plugin, "register_captures", error, 1)
        return bool(self._started)

    def forked(self) -> None:
        """This process is a forked child."""
        for plugin, capture in self._started:
            tell(plugin, "capture in a forked process", self._report, capture.forked)

    def stop(self) -> None:
        """Nothing is captured any more. The captures that were started last end first."""
        while self._started:
            plugin, capture = self._started.pop()
            tell(plugin, "end of capture", self._report, capture.stop)

    def _report(self, plugin: str, what: str, error: BaseException) -> None:
        self._complain(plugin, what, error, 1)


class _Captured:
    """The run, as one plugin's captures see it."""

    def __init__(self, captures: RunCaptures, plugin: str) -> None:
        self._run, self._plugin = captures._run, plugin
        self.log_text = captures._log_text  # not one call more for each line
        self._complain = captures._complain

    @property
    def id(self) -> str:
        return self._run.id

    @property
    def project(self) -> str:
        return self._run.project

    @property
    def name(self) -> str:
        return self._run.name

    @property
    def dir(self) -> Path:
        return self._run.dir

    @property
    def params(self) -> Mapping[str, JSON]:
        return self._run.params

    @property
    def failure(self) -> str | None:
        return self._run.failure

    def raise_alert(self, alert: Alert) -> None:
        self._run.raise_alert(alert)

    def report(self, what: str, reason: str, count: int = 1) -> None:
        self._complain(self._plugin, what, reason, count)
