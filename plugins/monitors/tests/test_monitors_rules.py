"""Rules: what raises an alert, when again, and how they are spelled."""

from __future__ import annotations

import math
import re
import sys
from typing import Any

import pytest
import runicorn as rn
from hypothesis import given
from hypothesis import strategies as st
from runicorn.contracts import Batch
from runicorn.model.sample import Sample
from runicorn_monitors.monitor import MetricMonitor
from runicorn_monitors.patterns import matcher, words_of
from runicorn_monitors.rule import CONDITIONS, AlertRule
from runicorn_monitors.window import Sorted

NAN, INF = math.nan, math.inf


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def told(rule: AlertRule | str, *values: float, apart_s: float = 1.0) -> list[int]:
    """The steps at which values of ``loss`` raise an alert."""
    monitor = rn.MetricMonitor([AlertRule.parse(rule) if isinstance(rule, str) else rule])
    batch = [Sample("loss", value, step, 1e9 + step * apart_s) for step, value in enumerate(values, 1)]
    return [alert.step for alert in monitor.observe(batch)]


@pytest.mark.parametrize(
    ("rule", "values", "steps"),
    [
        ("loss gt 3", [1, 3, 4, 5, 2, 6], [3, 6]),
        ("loss > 3", [1, 4], [2]),
        ("loss lt 0", [1, -1, NAN, -1], [2, 4]),
        ("loss eq 0", [1, 0, 0, 1, 0], [2, 5]),
        ("loss ne 1", [1, 1, NAN], [3]),
        ("loss nan", [1, NAN, NAN, 1, NAN, INF], [2, 5]),
        ("loss inf", [1, INF, -INF, NAN], [2]),
        ("loss gt 3 for 3", [4, 4, 1, 4, 4, 4, 4], [6]),
        ("loss no-improvement 0.1 for 3", [5, 4, 3.95, 3.95, 3.95, 3.95, 3, 3, 3, NAN], [5, 10]),
        ("loss no-improvement 0 for 2 mode max", [1, 2, 1, 1, 3], [4]),
        ("LO* gt 3", [4], [1]),
        ("acc gt 3", [4], []),
        ("los[s-z] gt 3", [4], [1]),
    ],
)
def test_a_condition_holds_where_it_should(rule: str, values: list[float], steps: list[int]) -> None:
    assert told(rule, *values) == steps


def test_a_name_fits_itself_whatever_it_holds() -> None:
    monitor = rn.MetricMonitor([rn.AlertRule("acc[top1]", "lt", 0.5), rn.AlertRule("loss (a+b)", "gt", 1)])
    assert len(monitor.update({"acc[top1]": 0.1, "ACC[TOP1]": 0.1, "acct": 0.1, "loss (a+b)": 2.0})) == 4


def test_after_an_alert_the_next_one_waits_for_the_cooldown() -> None:
    assert told("loss gt 3 cooldown 10", *[4, 1] * 8) == [1, 11]
    assert told("loss gt 3 cooldown 10", 4, 1, *[4] * 10) == [1, 11]


def test_an_alert_says_what_where_and_by_which_rule() -> None:
    monitor = rn.MetricMonitor([AlertRule("val/*", "gt", 2.5, consecutive=2, level="error")])
    assert monitor.update({"val/loss": 3.0, "train/loss": 9.0}, step=1) == []
    (alert,) = monitor.update({"val/loss": 4.0}, step=2)
    assert (alert.title, alert.level, alert.step) == ("val/loss is 4, above 2.5, 2 times in a row", "error", 2)
    assert alert.rule == "val/* gt 2.5 for 2 level error"


def test_a_metric_that_stalls_is_told_once_until_it_goes_on() -> None:
    clock = Clock()
    monitor = rn.MetricMonitor([AlertRule("loss", "stalled", 60)], clock=clock)
    clock.now = 1000
    assert monitor.tick() == []  # it has never had a value
    monitor.update({"loss": 1.0})
    clock.now += 59
    assert monitor.tick() == []
    clock.now += 2
    assert [alert.title for alert in monitor.tick()] == ["loss has had no value for 61 s"]
    assert monitor.tick() == []
    monitor.update({"loss": 1.0})
    clock.now += 100
    assert len(monitor.tick()) == 1


def test_a_metric_that_never_comes_is_missing() -> None:
    clock = Clock()
    monitor = rn.MetricMonitor([AlertRule("val/*", "missing", 60), AlertRule("test/*", "missing", 60)], clock=clock)
    monitor.update({"val/acc": 1.0})
    clock.now = 61
    assert [alert.title for alert in monitor.tick()] == ["test/* has had no value in the first 61 s"]
    assert monitor.tick() == []


def test_a_rule_can_ask_the_training_to_stop() -> None:
    asked: list[str] = []
    monitor = rn.MetricMonitor([AlertRule("loss", "nan", stop=True), AlertRule("loss", "nan")], stop=asked.append)
    assert len(monitor.update({"loss": NAN})) == 2
    assert asked == ["loss is NaN"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("loss", "a metric and a condition are expected"),
        ("loss above 3", "'above' is none of gt, lt"),
        ("loss gt", "gt needs a threshold"),
        ("loss gt high", "'high' is no number"),
        ("loss gt nan", "found by the condition nan"),
        ("loss gt 3 for", "for needs a value"),
        ("loss gt 3 for 0", "consecutive 0 is no number from 1 on"),
        ("loss gt 3 often", "'often' is none of for, cooldown"),
        ("loss gt 3 level loud", "level 'loud' is none of info"),
        ("loss gt 3 cooldown -1", "cooldown -1.0 is no number from 0 on"),
        ("'loss gt 3", "No closing quotation"),
        ("'' gt 3", "'' is no name"),
        ("loss no-improvement 20", "needs how many values may pass without one: for 20"),
    ],
)
def test_what_is_no_rule_is_refused_in_one_sentence(text: str, said: str) -> None:
    with pytest.raises(ValueError, match="is no rule") as refused:
        AlertRule.parse(text)
    assert said in str(refused.value)


@given(
    st.builds(
        AlertRule,
        st.text(st.characters(categories=["L", "N"], include_characters="*?/_ -'\""), min_size=1)
        .map(str.strip)
        .filter(bool),
        st.sampled_from(CONDITIONS),
        st.integers(-1000, 1000).map(float) | st.floats(allow_nan=False),
        consecutive=st.integers(2, 1000),
        cooldown=st.integers(0, 1000).map(float),
        level=st.sampled_from(["info", "warning", "error"]),
        mode=st.sampled_from(["min", "max"]),
        stop=st.booleans(),
    )
)
def test_a_rule_is_read_back_as_it_is_spelled(rule: AlertRule) -> None:
    again = AlertRule.parse(str(rule))
    if rule.condition in ("nan", "inf"):
        assert again.threshold == 0
    else:
        assert again.threshold == rule.threshold
    for name in ("metric", "condition", "consecutive", "cooldown", "level", "mode", "stop"):
        assert getattr(again, name) == getattr(rule, name)


# --- Figures of the last values


def test_a_window_tells_figures_of_the_last_values() -> None:
    monitor = rn.MetricMonitor(window=5)
    for value in [100.0, 1.0, 2.0, NAN, 4.0, 5.0]:
        monitor.update({"loss": value})
    found = monitor.statistics("loss")
    assert (found.n, found.n_finite, found.last, found.min, found.max, found.median) == (5, 4, 5.0, 1.0, 5.0, 3.0)
    assert found.mean == 3.0
    assert found.slope == pytest.approx(1.0)
    assert found.std == pytest.approx(math.sqrt(2.5))
    nothing = monitor.statistics("absent")
    assert nothing.n == 0
    assert math.isnan(nothing.mean)


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1), st.integers(1, 7))
def test_a_running_median_is_the_median_of_the_last_values(values: list[float], size: int) -> None:
    window = Sorted(size)
    for place, value in enumerate(values):
        window.add(value)
        last = sorted(values[max(0, place + 1 - size) : place + 1])
        middle = len(last) // 2
        expected: Any = last[middle] if len(last) % 2 else (last[middle - 1] + last[middle]) / 2
        assert window.median == expected
        assert window.ends == (last[0], last[-1])


_NAMES = st.text(st.sampled_from("losLOS/*?[]!-.1\u00e9\u017f\u0131\u0130\u212ak"), min_size=1, max_size=8)


@given(patterns=st.lists(_NAMES, min_size=1, max_size=3), keys=st.lists(_NAMES, unique=True, max_size=4))
def test_a_batch_that_is_passed_over_held_no_metric_that_a_pattern_fits(patterns: list[str], keys: list[str]) -> None:
    matches = matcher(patterns)
    batch = Batch.of(Sample(key, 1.0, 1, 1.5, None) for key in keys)
    found = [sample.key for sample in batch.select(lambda key: matches(key) is not None, words_of(patterns))]
    assert found == [key for key in keys if matches(key)]


def test_every_sign_that_a_letter_fits_where_case_is_ignored_is_known() -> None:
    fitting = re.findall("[a-z]", "".join(map(chr, range(0x80, sys.maxunicode + 1))), re.IGNORECASE)
    for sign in fitting:
        found = list(Batch.of([Sample(f"x{sign}", 1.0, 1, 1.5, None)]).select(lambda _: True, ["zz"]))
        assert len(found) == 1, ascii(sign)


def test_rules_see_the_same_in_a_batch_as_in_its_samples() -> None:
    samples = [
        Sample(key, value, step, 1.5 + step, None)
        for step, value in enumerate([0.5, 11.0, 12.0, math.nan, 13.0])
        for key in ("Train/Loss", "acc", "grad_norm")
    ]
    rules = [AlertRule("*loss*", "gt", 10), AlertRule("GRAD*", "nan"), AlertRule("a?c", "eq", 0.5)]
    one, other = (MetricMonitor(rules, window=0) for _ in range(2))
    told = [(alert.title, alert.rule, alert.step) for alert in one.observe(Batch.of(samples))]
    assert told == [(alert.title, alert.rule, alert.step) for alert in other.observe(samples)]
    assert len(told) == 4
