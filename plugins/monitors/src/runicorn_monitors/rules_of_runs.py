"""The rules of each run: those of the configuration, and those that training code adds."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary, ref

from attrs import frozen
from runicorn.config import load_config
from runicorn.errors import ConfigError
from runicorn.model.alert import Alert

from .monitor import MetricMonitor
from .rule import AlertRule
from .settings import MonitorsSection
from .stalled import Stalled
from .ticking import Ticker, Timed

if TYPE_CHECKING:
    from runicorn.config import Config
    from runicorn.contracts import RunView


@frozen
class RunRules:
    """What looks at one run by rules, and at the time that passes."""

    monitor: MetricMonitor
    stalled: Stalled | None
    ticker: Ticker


_lock = threading.Lock()
_known: WeakKeyDictionary[RunView, RunRules] = WeakKeyDictionary()  # what is kept for a run holds none


def rules_of(run: RunView, config: Config) -> RunRules:
    """The one set of a run; made by whoever asks first: training code, or the run's background thread.

    :raises ConfigError: the section cannot be read.
    """
    with _lock:
        found = _known.get(run)
        if found is None:
            section = config.section("monitors", MonitorsSection)
            here = ref(run)

            def stop(reason: str) -> None:
                alive = here()
                if alive is not None:
                    alive.request_stop(reason)

            monitor = MetricMonitor(map(AlertRule.parse, section.rules), window=0, stop=stop)
            stalled = Stalled(section.stalled) if section.stalled else None
            timed: list[Timed] = [monitor] if stalled is None else [monitor, stalled]
            ticker = Ticker(here, timed, lambda: monitor.shortest)
            found = _known[run] = RunRules(monitor, stalled, ticker)
        return found


def add_alert_rule(run: RunView, rule: AlertRule | str) -> None:
    """Raise alerts by one more rule from now on: ``run.add_alert_rule("val/loss gt 10 for 3")``. Never raises.

    :param rule: an :class:`AlertRule`, or its spelling (:meth:`AlertRule.parse`). One that cannot be read becomes an
        alert itself.
    """
    try:
        made = AlertRule.parse(rule) if isinstance(rule, str) else rule
        rules = rules_of(run, load_config())
        rules.monitor.add_rule(made)
    except (ValueError, ConfigError, AttributeError) as error:
        run.raise_alert(Alert("an alert rule cannot be used", str(error), "error", "add_alert_rule"))
        return
    if made.timed:
        rules.ticker.begin()
