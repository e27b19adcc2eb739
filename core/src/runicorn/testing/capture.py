"""The contract of :class:`runicorn.contracts.Capture`, as tests."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator

import pytest

from ..contracts import Capture
from ..hooks import open_store
from ..sdk.start import init


class _Taker:
    """A run as far as a capture of this contract uses it: a real one, whose lines can be read."""

    def __init__(self) -> None:
        self.run = init("capture-contract", capture_console=False, capture_env=False, capture_system=False)

    def lines(self) -> list[str]:
        store = open_store()
        (record,) = store.find_runs(self.run.id)
        return [line.text for line in store.open_run(record.ref).logs().lines]


class CaptureContract:
    """Subclass it and give it a maker of captures, and something that makes the output that they take::

    class TestConsole(CaptureContract):
        @pytest.fixture
        def make(self):
            return ConsoleCapture

        @pytest.fixture
        def speak(self):
            return print

    Needs the isolated home of ``runicorn.testing.pytest_plugin``: runs are made.
    """

    @pytest.fixture
    def make(self) -> Callable[[], Capture]:
        raise NotImplementedError("give the contract a fixture named 'make' that returns what makes your capture")

    @pytest.fixture
    def speak(self) -> Callable[[str], object]:
        raise NotImplementedError("give the contract a fixture named 'speak': what makes a line of output")

    @pytest.fixture
    def reports(self) -> list[tuple[str, str]]:
        return []

    @pytest.fixture
    def taker(self, runicorn_home: object) -> Iterator[_Taker]:
        taker = _Taker()
        yield taker
        taker.run.finish()

    @pytest.fixture
    def captured(self, taker: _Taker, reports: list[tuple[str, str]]) -> object:
        """The run that the capture is given."""
        run = taker.run

        class Captured:
            def log_text(self, text: str, *, stream: str = "text") -> None:
                run.log_text(text, stream=stream)

            def report(self, what: str, reason: str, count: int = 1) -> None:
                reports.append((what, reason))

            def __getattr__(self, name: str) -> object:
                return getattr(run, name)

        return Captured()

    def test_it_has_a_name(self, make: Callable[[], Capture]) -> None:
        assert make().name

    def test_the_first_line_and_the_last_are_taken_and_nothing_after_the_end(
        self, make: Callable[[], Capture], speak: Callable[[str], object], taker: _Taker, captured: object
    ) -> None:
        capture = make()
        speak("before it begins")
        capture.start(captured)  # type: ignore[arg-type]  # what it is for a capture
        speak("the first line")
        speak("第二行")
        capture.stop()
        speak("after the end")
        taker.run.finish()
        lines = [
            line for line in taker.lines() if line in ("before it begins", "the first line", "第二行", "after the end")
        ]
        assert lines == ["the first line", "第二行"]

    def test_it_leaves_everything_as_it_was_found(
        self, make: Callable[[], Capture], speak: Callable[[str], object], captured: object
    ) -> None:
        before = (sys.stdout, sys.stderr, sys.excepthook, threading.excepthook)
        capture = make()
        capture.start(captured)  # type: ignore[arg-type]
        speak("something")
        capture.stop()
        assert (sys.stdout, sys.stderr, sys.excepthook, threading.excepthook) == before

    def test_stopping_twice_and_from_another_thread_is_fine(
        self, make: Callable[[], Capture], speak: Callable[[str], object], taker: _Taker, captured: object
    ) -> None:
        capture = make()
        capture.start(captured)  # type: ignore[arg-type]
        speak("said")
        thread = threading.Thread(target=capture.stop)
        thread.start()
        thread.join(60)
        capture.stop()
        taker.run.finish()
        assert taker.lines().count("said") == 1

    def test_one_after_the_other_takes_each_line_once(
        self, make: Callable[[], Capture], speak: Callable[[str], object], taker: _Taker, captured: object
    ) -> None:
        for word in ("one", "two"):
            capture = make()
            capture.start(captured)  # type: ignore[arg-type]
            speak(word)
            capture.stop()
        taker.run.finish()
        assert [line for line in taker.lines() if line in ("one", "two")] == ["one", "two"]
