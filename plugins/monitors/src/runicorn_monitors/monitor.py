"""Rules and window statistics over the values of one run. Used by itself in each run, and as ``rn.MetricMonitor``."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from time import monotonic, time
from typing import TYPE_CHECKING

from runicorn.contracts import Batch

from .patterns import matcher, words_of
from .rule import AlertRule
from .watch import Watch
from .window import Window, WindowStatistics

if TYPE_CHECKING:
    from runicorn.model.alert import Alert
    from runicorn.model.sample import Sample


class MetricMonitor:
    """Applies rules to metrics and keeps figures of their last values. Thread-safe.

    In a run it works by itself (``run.add_alert_rule``). Alone, it is given values::

        monitor = rn.MetricMonitor([rn.AlertRule("loss", "gt", 10)])
        for alert in monitor.update({"loss": 12.0}, step=3):
            print(alert.title)

    :param window: how many values of each metric the statistics are of; 0 keeps none.
    :param stop: called with the title of an alert whose rule says ``stop``.
    :param clock: seconds that only grow, for the conditions of time.
    """

    name = "rules"

    def __init__(
        self,
        rules: Iterable[AlertRule] = (),
        *,
        window: int = 100,
        stop: Callable[[str], None] | None = None,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._lock = threading.RLock()
        self._window, self._stop, self._clock = window, stop, clock
        self._began = clock()
        self._rules: list[tuple[AlertRule, Callable[[str], object], dict[str, Watch]]] = []
        self._absent: dict[AlertRule, Watch] = {}  # rules of kind missing that still wait for a value
        self._watches: dict[str, list[Watch]] = {}  # key -> what looks at it
        self._words: tuple[str, ...] = ()  # one of them stands in each key that a rule is about
        self._windows: dict[str, Window] = {}
        for rule in rules:
            self.add_rule(rule)

    @property
    def rules(self) -> list[AlertRule]:
        return [rule for rule, _, _ in self._rules]

    @property
    def timed(self) -> bool:
        """Whether :meth:`tick` may raise anything."""
        return any(rule.timed for rule, _, _ in self._rules)

    @property
    def shortest(self) -> float:
        """Seconds of the most impatient rule about time; infinite where there is none."""
        return min((rule.threshold for rule, _, _ in self._rules if rule.timed), default=math.inf)

    def add_rule(self, rule: AlertRule) -> None:
        """Apply one more rule from now on."""
        with self._lock:
            if any(known == rule for known, _, _ in self._rules):
                return
            self._rules.append((rule, matcher([rule.metric]), {}))
            if rule.condition == "missing":
                self._absent[rule] = Watch(rule, rule.metric, self._clock())
            self._watches = {}
            self._words = words_of(rule.metric for rule, _, _ in self._rules)

    # --- Values

    def update(self, values: Mapping[str, float], step: int | None = None) -> list[Alert]:
        """Look at the values of one step; the alerts that they raise."""
        now = time()
        with self._lock:
            return [alert for key, value in values.items() for alert in self._look(key, float(value), step, now)]

    def observe(self, batch: Iterable[Sample]) -> list[Alert]:
        """Look at samples; the alerts that they raise."""
        with self._lock:
            if not self._rules and not self._window:
                return []
            look = self._look
            if isinstance(batch, Batch) and not self._window:
                batch = batch.select(lambda key: bool(self._looking_at(key)), self._words)
            return [alert for sample in batch for alert in look(sample.key, sample.value, sample.step, sample.ts)]

    def finish(self) -> list[Alert]:
        """Nothing is said at the end."""
        return []

    def tick(self) -> list[Alert]:
        """Time has passed: what the conditions ``stalled`` and ``missing`` have to say."""
        now, ts = self._clock(), time()
        with self._lock:
            late = [
                watch for rule, _, watches in self._rules if rule.condition == "stalled" for watch in watches.values()
            ]
            found = [alert for watch in (*late, *self._absent.values()) if (alert := watch.late(now, ts)) is not None]
            self._ask_to_stop(found, [*late, *self._absent.values()])
        return found

    def statistics(self, key: str) -> WindowStatistics:
        """Figures of the last values of a metric."""
        with self._lock:
            return (self._windows.get(key) or Window(1)).statistics()

    def _look(self, key: str, value: float, step: int | None, ts: float) -> list[Alert]:
        watches = self._looking_at(key)
        if self._window:
            window = self._windows.get(key)
            if window is None:
                window = self._windows[key] = Window(self._window)
            window.add(value)
        if not watches:
            return []
        now = self._clock()
        found = [alert for watch in watches if (alert := watch.observe(value, step, ts, now)) is not None]
        if found:
            self._ask_to_stop(found, watches)
        return found

    def _looking_at(self, key: str) -> list[Watch]:
        watches = self._watches.get(key)
        if watches is None:
            watches = self._watches[key] = self._meet(key)
        return watches

    def _meet(self, key: str) -> list[Watch]:
        """What looks at a metric, which has a value now."""
        met = []
        for rule, matches, watches in self._rules:
            if matches(key):
                self._absent.pop(rule, None)
                if key not in watches:
                    watches[key] = Watch(rule, key, self._clock())
                met.append(watches[key])
        return met

    def _ask_to_stop(self, alerts: Sequence[Alert], watches: Sequence[Watch]) -> None:
        if self._stop is None:
            return
        stopping = {str(watch.rule) for watch in watches if watch.rule.stop}
        for alert in alerts:
            if alert.rule in stopping:
                self._stop(alert.title)
