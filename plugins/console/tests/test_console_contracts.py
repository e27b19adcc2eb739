"""This plugin keeps the promises of every plugin, and its capture those of every capture."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from runicorn.contracts import Capture
from runicorn.testing import CaptureContract, PluginContract
from runicorn_console.capture import ConsoleCapture
from runicorn_console.settings import ConsoleSection


class TestPlugin(PluginContract):
    name = "console"
    hooks = frozenset(["config_schema", "register_api", "register_captures"])


class TestConsole(CaptureContract):
    @pytest.fixture
    def make(self) -> Callable[[], Capture]:
        return lambda: ConsoleCapture(ConsoleSection())

    @pytest.fixture
    def speak(self) -> Callable[[str], object]:
        return lambda line: print(line, flush=True)
