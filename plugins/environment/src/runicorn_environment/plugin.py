"""The entry point: describes interpreter, packages, code and machine at a run's start."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from runicorn.hookspecs import hookimpl

if TYPE_CHECKING:
    from runicorn.types import JSON

    from .settings import EnvironmentSection

RUNICORN_API = 1


@hookimpl
def config_schema() -> type[EnvironmentSection]:
    from .settings import EnvironmentSection

    return EnvironmentSection


@hookimpl
def collect_environment() -> Mapping[str, JSON]:
    from runicorn.hooks import plugin_section

    from .capture import EnvironmentCapture
    from .settings import EnvironmentSection

    return EnvironmentCapture(plugin_section("environment", EnvironmentSection).variables).capture()


@hookimpl
def register_api() -> Mapping[str, str]:
    return {"EnvironmentCapture": "runicorn_environment.capture:EnvironmentCapture"}
