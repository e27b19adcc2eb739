"""The entry point: a capture of the console, and a handler for ``logging``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from runicorn.hookspecs import hookimpl

if TYPE_CHECKING:
    from runicorn.config import Config
    from runicorn.contracts import Capture

    from .settings import ConsoleSection

RUNICORN_API = 1


@hookimpl
def config_schema() -> type[ConsoleSection]:
    from .settings import ConsoleSection

    return ConsoleSection


@hookimpl
def register_api() -> Mapping[str, str]:
    return {"Run.get_logging_handler": "runicorn_console.handler:get_logging_handler"}


@hookimpl
def register_captures(config: Config) -> Iterator[Capture]:
    from .capture import ConsoleCapture
    from .settings import ConsoleSection

    yield ConsoleCapture(config.section("console", ConsoleSection))
