"""What happens once, and what a signal handler does that comes while it is set or waited for."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from types import FrameType
from typing import Any

import pytest
from runicorn.loader import Once


def interrupted_at(number: int, work: Callable[[], object], handler: Callable[[], object]) -> bool:
    """Do the work, and what the handler does before its so manyth instruction; False when it has fewer."""
    left = [number]

    def trace(frame: FrameType, event: str, _: Any) -> Any:
        frame.f_trace_opcodes = True
        if event == "opcode":
            left[0] -= 1
            if left[0] == 0:
                handler()
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        work()
    finally:
        sys.settrace(before)
    return left[0] <= 0


@pytest.mark.parametrize("work", ["set", "wait"])
def test_it_can_be_set_and_waited_for_below_itself_at_any_moment(work: str) -> None:
    waited: list[bool] = []
    number = 0

    def every_moment() -> None:
        nonlocal number
        came = True
        while came:
            number += 1
            once = Once()

            def handler(once: Once = once) -> None:
                once.set()
                waited.append(once.wait(60))

            def outer(once: Once = once) -> None:
                once.set() if work == "set" else waited.append(once.wait(0.01) or True)

            came = interrupted_at(number, outer, handler)
            assert not came or once.is_set()

    thread = threading.Thread(target=every_moment, daemon=True)
    thread.start()
    thread.join(200)
    assert not thread.is_alive()
    assert number > 20
    assert all(waited)


def test_all_that_wait_are_told() -> None:
    once, told = Once(), []
    threads = [threading.Thread(target=lambda: told.append(once.wait(60))) for _ in range(8)]
    for thread in threads:
        thread.start()
    once.set()
    for thread in threads:
        thread.join(60)
    assert told == [True] * 8
    assert once.wait(0)


def test_what_does_not_happen_is_waited_for_no_longer_than_asked() -> None:
    once = Once()
    assert not once.wait(0.01)
    assert not once.wait(-1.0)
    assert not once.is_set()
