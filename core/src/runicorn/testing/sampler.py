"""The contract of :class:`runicorn.contracts.Sampler`, as tests."""

from __future__ import annotations

import math
import re
import threading
from collections.abc import Callable

import pytest

from ..contracts import Sampler

_NAME = re.compile(r"[^/\s]+(/[^/\s]+)*")


class SamplerContract:
    """Subclass it and give it a maker of samplers (of something that can be measured where the test runs)::

    class TestCpu(SamplerContract):
        @pytest.fixture
        def make(self):
            return CpuSampler
    """

    @pytest.fixture
    def make(self) -> Callable[[], Sampler]:
        raise NotImplementedError("give the contract a fixture named 'make' that returns what makes your sampler")

    def test_it_has_a_name_and_an_interval(self, make: Callable[[], Sampler]) -> None:
        sampler = make()
        assert sampler.name
        assert sampler.interval_s >= 0.1

    def test_samples_are_names_and_numbers(self, make: Callable[[], Sampler]) -> None:
        sampler = make()
        sampler.open()
        samples = [sampler.sample(), sampler.sample()]
        sampler.close()
        assert samples[1]
        for sample in samples:
            for name, value in sample.items():
                assert _NAME.fullmatch(name), f"{name!r} is no name: segments with / between, without spaces"
                assert isinstance(value, (int, float)), f"{name} is a {type(value).__name__}"
                assert math.isfinite(value), f"{name} is {value}; what is not known is left out"

    def test_names_say_their_unit(self, make: Callable[[], Sampler]) -> None:
        sampler = make()
        sampler.open()
        names = {**sampler.sample(), **sampler.sample()}
        sampler.close()
        assert all("_" in name.rpartition("/")[2] for name in names), "end a name in its unit, e.g. power_w, io_count"

    def test_it_is_used_by_another_thread_than_the_one_that_made_it(self, make: Callable[[], Sampler]) -> None:
        sampler, samples = make(), []

        def work() -> None:
            sampler.open()
            samples.append(sampler.sample())
            sampler.close()

        thread = threading.Thread(target=work)
        thread.start()
        thread.join(60)
        assert len(samples) == 1

    def test_two_of_them_do_not_disturb_each_other(self, make: Callable[[], Sampler]) -> None:
        one, other = make(), make()
        one.open()
        other.open()
        one.sample()
        other.sample()
        one.close()
        assert other.sample()
        other.close()

    def test_closing_without_a_sample_is_fine(self, make: Callable[[], Sampler]) -> None:
        sampler = make()
        sampler.open()
        sampler.close()
