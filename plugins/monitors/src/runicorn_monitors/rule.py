"""Alert rules: a metric, a condition, and how insistent an alert may be."""

from __future__ import annotations

import math
import shlex
from collections.abc import Callable
from typing import Any, Literal, TypeAlias, get_args

from attrs import field, frozen
from runicorn.model.alert import LEVELS, Level

Condition: TypeAlias = Literal["gt", "lt", "eq", "ne", "nan", "inf", "stalled", "no-improvement", "missing"]
CONDITIONS: tuple[Condition, ...] = get_args(Condition)
_SPELLED: dict[str, Condition] = {">": "gt", "<": "lt", "==": "eq", "=": "eq", "!=": "ne"}
_WITHOUT_THRESHOLD = ("nan", "inf")
_SAID = {"gt": "above", "lt": "below", "eq": "equal to", "ne": "not equal to"}


def _one_of(words: tuple[str, ...]) -> Callable[[object, Any, object], None]:
    def check(_: object, attribute: Any, value: object) -> None:
        if value not in words:
            raise ValueError(f"{attribute.name} {value!r} is none of {', '.join(words)}")

    return check


def _named(_: object, __: Any, value: Any) -> None:
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f"metric {value!r} is no name, and no pattern of names")


def _from(least: float) -> Callable[[object, Any, float], None]:
    def check(_: object, attribute: Any, value: float) -> None:
        if not math.isfinite(value) or value < least:
            raise ValueError(f"{attribute.name} {value!r} is no number from {least:g} on")

    return check


def _number_at_all(_: object, __: Any, value: float) -> None:
    if value != value:
        raise ValueError("nothing is above, below or equal to NaN; what is NaN is found by the condition nan")


@frozen
class AlertRule:
    """When to raise an alert. ``AlertRule("val/loss", "gt", 10)``.

    An alert is raised when the condition has held for ``consecutive`` values in a row, and again when it has stopped to
    hold and holds anew, at most once every ``cooldown`` seconds for each metric.

    :param metric: a name; ``*`` and ``?`` as in file names, upper and lower case are one.
    :param condition: ``gt, lt, eq, ne`` compare with the threshold; ``nan``, ``inf``; ``stalled``: no value for
        ``threshold`` seconds; ``missing``: no value at all in the first ``threshold`` seconds; ``no-improvement``: the
        best value has not improved by more than ``threshold`` for ``consecutive`` values, two or more of them.
    :param mode: what ``no-improvement`` takes for better.
    :param stop: ask the training to end, too (``run.should_stop``).
    :raises ValueError: an argument that cannot be used.
    """

    metric: str = field(validator=_named)
    condition: Condition = field(validator=_one_of(CONDITIONS))
    threshold: float = field(default=0.0, converter=float, validator=_number_at_all)
    consecutive: int = field(default=1, validator=_from(1))
    cooldown: float = field(default=0.0, validator=_from(0))
    level: Level = field(default="warning", validator=_one_of(LEVELS))
    mode: Literal["min", "max"] = field(default="min", validator=_one_of(("min", "max")))
    stop: bool = False

    def __attrs_post_init__(self) -> None:
        if self.condition == "no-improvement" and self.consecutive == 1:
            raise ValueError("no-improvement needs how many values may pass without one: for 20, or consecutive=20")

    @property
    def timed(self) -> bool:
        """Whether time passing alone may raise an alert."""
        return self.condition in ("stalled", "missing")

    @classmethod
    def parse(cls, text: str) -> AlertRule:
        """A rule as configuration spells it: ``val/acc lt 0.5 for 3 cooldown 600 level error stop``.

        ``METRIC CONDITION [THRESHOLD]``, then any of ``for N``, ``cooldown SECONDS``, ``level LEVEL``,
        ``mode min|max``, ``stop``. A name with spaces stands in quotes; ``>``, ``<``, ``==`` and ``!=`` may be
        written, too.

        :raises ValueError: it is none, in one sentence.
        """
        try:
            return cls._parsed(shlex.split(text))
        except ValueError as error:
            raise ValueError(f"{text!r} is no rule: {error}; e.g. 'val/loss gt 10 for 3'") from None

    @classmethod
    def _parsed(cls, words: list[str]) -> AlertRule:
        if len(words) < 2:
            raise ValueError("a metric and a condition are expected")
        metric, condition, *rest = words
        condition = _SPELLED.get(condition, condition)
        more: dict[str, Any] = {}
        if condition not in CONDITIONS:
            raise ValueError(f"{condition!r} is none of {', '.join(CONDITIONS)}")
        if condition not in _WITHOUT_THRESHOLD:
            if not rest:
                raise ValueError(f"{condition} needs a threshold")
            more["threshold"] = _number(float, rest.pop(0))
        while rest:
            word = rest.pop(0)
            if word == "stop":
                more["stop"] = True
                continue
            if word not in ("for", "cooldown", "level", "mode"):
                raise ValueError(f"{word!r} is none of for, cooldown, level, mode, stop")
            if not rest:
                raise ValueError(f"{word} needs a value")
            value = rest.pop(0)
            if word == "for":
                more["consecutive"] = _number(int, value)
            else:
                more[word] = _number(float, value) if word == "cooldown" else value
        return cls(metric, condition, **more)

    def __str__(self) -> str:
        """The rule as :meth:`parse` reads it."""
        threshold = "" if self.condition in _WITHOUT_THRESHOLD else f" {_shortest(self.threshold)}"
        plain = self.metric and not any(c.isspace() or c in "'\"\\" for c in self.metric)
        words = [f"{self.metric if plain else shlex.quote(self.metric)} {self.condition}{threshold}"]
        words += [f"for {self.consecutive}"] if self.consecutive != 1 else []
        words += [f"cooldown {self.cooldown:g}"] if self.cooldown else []
        words += [f"level {self.level}"] if self.level != "warning" else []
        words += [f"mode {self.mode}"] if self.mode != "min" else []
        return " ".join([*words, *(["stop"] if self.stop else [])])

    def title(self, key: str, value: float) -> str:
        """What an alert says.

        :param value: the one that raised it, or the seconds for conditions of time.
        """
        times = f", {self.consecutive} times in a row" if self.consecutive > 1 else ""
        match self.condition:
            case "nan":
                return f"{key} is NaN{times}"
            case "inf":
                return f"{key} is infinite{times}"
            case "stalled":
                return f"{key} has had no value for {value:.0f} s"
            case "missing":
                return f"{self.metric} has had no value in the first {value:.0f} s"
            case "no-improvement":
                return f"{key} has not improved for {self.consecutive} values"
        return f"{key} is {value:g}, {_SAID[self.condition]} {_shortest(self.threshold)}{times}"


def _shortest(number: float) -> str:
    short = f"{number:g}"
    return short if float(short) == number else repr(number)


def _number(kind: type[int] | type[float], text: str) -> float:
    try:
        return kind(text)
    except ValueError:
        raise ValueError(f"{text!r} is no number") from None
