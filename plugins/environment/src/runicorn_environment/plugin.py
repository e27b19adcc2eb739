"""The entry point: describes interpreter, packages, code and machine at a run's start, and measures the machine."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from runicorn.hookspecs import hookimpl

if TYPE_CHECKING:
    from runicorn.config import Config
    from runicorn.contracts import MediaType, RunView, Sampler, Viewer
    from runicorn.contracts.panels import Static
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

    section = plugin_section("environment", EnvironmentSection)
    return EnvironmentCapture(section.variables, patch_bytes=section.patch_bytes).capture()


@hookimpl
def run_started(run: RunView) -> None:
    from runicorn.hooks import plugin_section

    from .settings import EnvironmentSection

    if plugin_section("environment", EnvironmentSection).snapshot_code:
        from .snapshot import snapshot_code

        snapshot_code(run)


@hookimpl
def register_media_types() -> Iterator[MediaType]:
    from .snapshot import CodeType

    yield CodeType()


@hookimpl
def register_commands() -> Mapping[str, str]:
    return {"environment": "runicorn_environment.command:environment"}


@hookimpl
def register_api() -> Mapping[str, str]:
    return {
        "EnvironmentCapture": "runicorn_environment.capture:EnvironmentCapture",
        "Run.snapshot_code": "runicorn_environment.snapshot:snapshot_code",
    }


@hookimpl
def register_samplers(run: RunView, config: Config) -> Iterator[Sampler]:
    from .disk_sampler import DiskSampler
    from .gpu_sampler import GpuSampler
    from .machine_sampler import MachineSampler
    from .process_sampler import ProcessSampler
    from .settings import EnvironmentSection

    section = config.section("environment", EnvironmentSection)
    yield MachineSampler(section.interval, per_core=section.per_core)
    yield ProcessSampler(section.interval)
    yield DiskSampler(section.interval, run.dir)
    yield GpuSampler(section.interval)


@hookimpl
def viewer_routes(viewer: Viewer) -> Iterable[Any]:
    from .endpoints import endpoints

    return endpoints(viewer.store.root)


@hookimpl
def viewer_panels() -> Iterator[Static]:
    from .panels import panels

    yield panels()
