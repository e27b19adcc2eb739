"""What plugins let pages follow beside runs (``viewer_topics``)."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping

from attrs import define
from runicorn.contracts.viewer import Topic
from runicorn.hooks import bounded_call

#: Of the time that a state may take; but it is looked at this often (seconds) in any case: it may be the machine that
#: is slow.
_SHARE, _AT_LEAST = 0.02, 10.0


@define
class _Known:
    state: object
    look_at: float


class Following:
    """What each topic was at the last look. One thread at a time."""

    def __init__(
        self, topics: Mapping[str, tuple[str, Topic]] | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._topics, self._clock = topics or {}, clock
        self._known: dict[str, _Known] = {}

    def __contains__(self, name: str) -> bool:
        return name in self._topics

    def look(self, wanted: Iterable[str]) -> list[str]:
        """Those of the wanted ones that are another than they were. The first look at one is no news."""
        news = []
        for name in sorted(set(wanted)):
            known, began = self._known.get(name), self._clock()
            if known is not None and began < known.look_at:
                continue
            plugin, topic = self._topics[name]
            state = bounded_call(plugin, "viewer_topics", topic.state)
            now = self._clock()
            look_at = now + max(topic.every_s, min(_AT_LEAST, (now - began) / _SHARE))
            if state is None:  # it failed
                state = known.state if known is not None else None
            if known is not None and state != known.state:
                news.append(name)
            self._known[name] = _Known(state, look_at)
        return news
