"""Copies share nothing with what was logged, nor with each other, and their memory is used again."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
import pytest
from runicorn_media.memory import KEPT, LARGEST, SMALLEST, Memory
from runicorn_media.snapshots import copied


@pytest.mark.parametrize("kind", ["u1", "<f4", ">f4", "f2", "?", "i8", "c8", "M8[s]"])
@pytest.mark.parametrize("order", ["C", "F"])
def test_a_copy_is_the_same_array_and_shares_nothing(kind: str, order: Any) -> None:
    numbers = np.random.default_rng(0).integers(0, 200, (400, 500))
    array = np.asarray(numbers.astype(kind), order=order)[::2, ::-1]
    copy = copied(array)
    assert copy.dtype == array.dtype
    assert np.array_equal(copy, array)
    assert not np.shares_memory(copy, array)
    array[:] = array[0, 0]
    assert np.array_equal(copy, numbers.astype(kind)[::2, ::-1])


def test_objects_are_copied_as_objects() -> None:
    array = np.full((400, 400), "text", dtype=object)
    assert Memory().copy(array).tolist() == array.tolist()


def test_memory_is_used_again_only_when_nothing_refers_to_the_copy() -> None:
    memory = Memory()
    array = np.ones((300, 300))
    first, second = memory.copy(array), memory.copy(array)
    assert not np.shares_memory(first, second)
    part = first[10:20].ravel()
    del first
    assert memory.kept == 0  # a part of it is still looked at
    place = part.__array_interface__["data"][0]
    del part
    assert memory.kept >= array.nbytes
    again = memory.copy(array * 2)
    assert again.__array_interface__["data"][0] <= place < again.__array_interface__["data"][0] + again.nbytes
    assert (memory.kept, again.max(), second.max()) == (0, 2, 1)


def test_what_is_kept_is_bounded_and_follows_what_is_logged_now() -> None:
    memory = Memory()
    for size in (SMALLEST, SMALLEST * 7, 1 << 20, LARGEST):
        array = np.zeros(size, np.uint8)
        copies = [memory.copy(array) for _ in range(2 * KEPT // size + 1)]
        copies.clear()
        assert size <= memory.kept <= KEPT
        assert memory.copy(array).nbytes == size
    memory.copy(np.zeros(LARGEST + 1, np.uint8))
    assert memory.kept <= KEPT


def test_threads_never_get_the_same_memory() -> None:
    memory = Memory()
    wrong: list[int] = []

    def copy(number: int) -> None:
        array = np.full(SMALLEST, number, np.uint8)
        for _ in range(300):
            copies = [memory.copy(array) for _ in range(3)]
            wrong.extend(number for one in copies if one.min() != number or one.max() != number)

    threads = [threading.Thread(target=copy, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
    assert memory.kept <= KEPT
