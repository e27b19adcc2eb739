"""The contract of :class:`runicorn.contracts.AlertSink`, as tests."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

import pytest

from ..contracts import AlertSink
from ..model.alert import LEVELS, Alert


class AlertSinkContract:
    """Subclass it and give it a sink, and what has arrived where it carries alerts to::

    class TestPager(AlertSinkContract):
        @pytest.fixture
        def sink(self, run):
            return Pager(run)

        @pytest.fixture
        def received(self, pager_server):
            return lambda: pager_server.texts
    """

    @pytest.fixture
    def sink(self) -> AlertSink:
        raise NotImplementedError("give the contract a fixture named 'sink' that returns yours")

    @pytest.fixture
    def received(self) -> Callable[[], Sequence[str]]:
        raise NotImplementedError("give the contract a fixture named 'received': what returns the texts that arrived")

    def test_it_has_a_name_and_a_level(self, sink: AlertSink) -> None:
        assert sink.name
        assert sink.min_level in LEVELS

    def test_alerts_arrive_in_the_order_in_which_they_were_raised(
        self, sink: AlertSink, received: Callable[[], Sequence[str]]
    ) -> None:
        titles = [f"alert number {number}" for number in range(3)]
        for title in titles:
            sink.send(Alert(title, "with a text", "error", step=7))
        arrived = "\n".join(received())
        places = [arrived.find(title) for title in titles]
        assert -1 not in places, f"of {titles} arrived: {arrived!r}"
        assert places == sorted(places)

    @pytest.mark.parametrize("level", LEVELS)
    def test_an_alert_may_hold_any_text_and_lack_what_is_optional(
        self, sink: AlertSink, received: Callable[[], Sequence[str]], level: str
    ) -> None:
        sink.send(Alert("损失是 NaN", "two\nlines, \x1b[31m and a tab\t", level))  # type: ignore[arg-type]  # one of them
        sink.send(Alert("the last"))
        assert "the last" in "\n".join(received())

    def test_it_is_used_by_another_thread_than_the_one_that_made_it(
        self, sink: AlertSink, received: Callable[[], Sequence[str]]
    ) -> None:
        thread = threading.Thread(target=sink.send, args=(Alert("from a thread", level="error"),))
        thread.start()
        thread.join(60)
        assert "from a thread" in "\n".join(received())
