"""``register_samplers``: what measures the machine while a run happens, each sampler on a thread of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from time import monotonic
from typing import TYPE_CHECKING

from ..config import load_config
from ..errors import Unavailable
from ..loader import Once, contained, manager
from .calling import Report, each, named
from .watching import STRIKES, SwitchedOff

if TYPE_CHECKING:
    from ..contracts import RunView, Sampler

LATE_S = 10.0  # a call that takes longer is reported as hanging
_LEAST_S = 0.1  # between two samples
_MOST = 4096  # values of one sample


class RunSamplers:
    """The samplers of one run in this process. Nothing here raises, and nothing waits for a sampler."""

    def __init__(self, run: RunView, keep: Callable[[Mapping[str, float]], None], report: Report) -> None:
        """
        :param keep: takes each sample; called from the threads of the samplers.
        """
        self._run, self._keep, self._report = run, keep, report
        self._stop = Once()
        self._workers: list[_Worker] = []

    @staticmethod
    def wanted() -> bool:
        return bool(manager().implementations("register_samplers"))

    def start(self) -> None:
        """Ask for samplers and start their threads."""
        try:
            config = load_config()
        except Exception as error:  # noqa: BLE001 (it was readable at init(); without it there are no samplers)
            self._report("runicorn", "samplers", error)
            return
        asked = each("register_samplers", _checked, failed=self._report, run=self._run, config=config)
        for plugin, samplers in asked:
            for _, sampler in samplers:
                worker = _Worker(plugin, sampler, self._keep, self._report, self._stop)
                self._workers.append(worker)
                worker.start()

    def look(self) -> None:
        """Report the samplers that hang; called now and then."""
        for worker in self._workers:
            worker.look(monotonic())

    def stop(self) -> None:
        """Ask all to end. They end by themselves, and nothing is kept any more."""
        self._stop.set()


class _Worker:
    """One sampler on its thread."""

    def __init__(
        self,
        plugin: str,
        sampler: Sampler,
        keep: Callable[[Mapping[str, float]], None],
        report: Report,
        stop: Once,
    ) -> None:
        self._plugin, self._sampler, self._keep, self._stop = plugin, sampler, keep, stop
        self._tell = report
        self._what = f"sampler {sampler.name}"
        self._since: float | None = None  # when the call that is going on began
        self._hanging = False

    def start(self) -> None:
        name = f"runicorn-sampler-{self._sampler.name}"[:60]
        try:
            threading.Thread(target=self._run, name=name, daemon=True).start()
        except RuntimeError as error:  # the system has no more threads, or the interpreter is ending
            self._fail(self._what, error)

    def look(self, now: float) -> None:
        since = self._since
        if since is not None and now - since > LATE_S and not self._hanging:
            self._hanging = True
            self._fail(f"{self._what} hangs", TimeoutError(f"has not returned for {LATE_S:g} s"))

    def _run(self) -> None:
        try:
            self._call(self._sampler.open)
        except Unavailable:
            return
        except Exception as error:  # noqa: BLE001 (a plugin may raise anything)
            self._fail(f"opening {self._what}", error)
            return
        try:
            self._sample_until_end()
        finally:
            try:
                self._call(self._sampler.close)
            except Exception as error:  # noqa: BLE001
                self._fail(f"closing {self._what}", error)

    def _sample_until_end(self) -> None:
        strikes, pause = 0, _LEAST_S  # so that rates have a span at the first sample
        while not self._stop.wait(pause):
            began = monotonic()
            try:
                sample = self._call(lambda: checked(self._sampler.sample()))
                interval = max(_LEAST_S, float(self._sampler.interval_s))
            except Exception as error:  # noqa: BLE001 (a plugin may raise anything)
                strikes += 1
                self._fail(self._what, error)
                if strikes >= STRIKES:
                    reason = f"switched off after {STRIKES} failures in a row"
                    self._fail(f"{self._what} again", SwitchedOff(reason))
                    return
                pause = max(pause, _LEAST_S)
                continue
            strikes = 0
            if sample and not self._stop.is_set():
                self._keep(sample)
            took = monotonic() - began
            pause = max(_LEAST_S, interval - took)

    def _call(self, work: Callable[[], Mapping[str, float] | None]) -> Mapping[str, float]:
        self._since = monotonic()
        try:
            return contained(work) or {}
        finally:
            self._since = None
            self._hanging = False

    def _fail(self, what: str, error: BaseException) -> None:
        if not self._stop.is_set():  # at the end nobody is interested any more
            manager().record_error(self._plugin, what, error, told=True)
            self._tell(self._plugin, what, error)


def checked(sample: Mapping[str, float]) -> dict[str, float]:
    """The same sample as plain numbers.

    :raises TypeError: it is no mapping of names to numbers.
    :raises ValueError: it has too many values.
    """
    if not isinstance(sample, Mapping):
        raise TypeError(f"returned a {type(sample).__name__} instead of a mapping of names to numbers")
    if len(sample) > _MOST:
        raise ValueError(f"returned {len(sample)} values; at most {_MOST} are kept")
    for name, value in sample.items():
        if not isinstance(name, str) or not name or isinstance(value, str):
            raise TypeError(f"returned {name!r}: {value!r}; a name and a number are expected")
    return {name: value if type(value) is int else float(value) for name, value in sample.items()}


def _checked(result: Iterable[Sampler]) -> list[tuple[str, Sampler]]:
    return named(result, "interval_s", "open", "sample", "close")
