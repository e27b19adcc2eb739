"""What plugins let pages follow beside runs (``viewer_topics``)."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping

from attrs import define, field
from runicorn.contracts.viewer import Topic
from runicorn.hooks import bounded_call

#: Of the time that a state may take; but it is looked at this often (seconds) in any case: it may be the machine that
#: is slow.
_SHARE, _AT_LEAST = 0.02, 10.0


@define
class _Followed:
    plugin: str
    topic: Topic
    looking: threading.Lock = field(factory=threading.Lock)
    known: bool = False
    state: object = None
    look_at: float = 0.0


class Following:
    """What each topic was at the last look. Thread-safe; nobody waits for a slow one but who asks for it."""

    def __init__(
        self, topics: Mapping[str, tuple[str, Topic]] | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._topics = {name: _Followed(*found) for name, found in (topics or {}).items()}
        self._clock = clock

    def __contains__(self, name: str) -> bool:
        return name in self._topics

    def look(self, name: str) -> bool:
        """Whether a topic is another than it was, within ``plugins.hook_timeout``.

        The first look at one is no news, and everybody waits for it: what changes later must differ from something.
        Later ones are made by one thread at a time, which tells; for the others there is no news.
        """
        one = self._topics[name]
        if not one.looking.acquire(blocking=not one.known):
            return False
        try:
            began = self._clock()
            if one.known and began < one.look_at:
                return False
            state = bounded_call(one.plugin, "viewer_topics", one.topic.state)
            now = self._clock()
            one.look_at = now + max(one.topic.every_s, min(_AT_LEAST, (now - began) / _SHARE))
            if state is None:  # it failed
                state = one.state
            news = one.known and state != one.state
            one.known, one.state = True, state
            return news
        finally:
            one.looking.release()
