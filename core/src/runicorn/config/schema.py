"""Core's own sections. A plugin describes its section with the ``config_schema`` hook in the same way."""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite
from pathlib import Path
from typing import Literal, TypeAlias

from attrs import field, frozen

from .address import Address
from .dirs import data_dir

#: A folder of this machine, or a place elsewhere that is read.
Root: TypeAlias = Path | Address


def _duration(section: object, attribute: object, value: float) -> None:  # noqa: ARG001 (attrs calls it so)
    if not isfinite(value) or value < 0:
        raise ValueError("a number of seconds from 0 on is expected")


@frozen
class StorageSection:
    """Where runs are kept."""

    root: Root = field(factory=lambda: data_dir() / "runs")  # an address (ssh://host/path) is only read
    backend: str | None = None  # None: the best fitting backend of the active plugins
    durability: Literal["process", "power"] = "process"  # power: fdatasync at each log()

    @property
    def folder(self) -> Path:
        """Where this machine writes: the root, or the default one where that is an address."""
        return self.root if isinstance(self.root, Path) else data_dir() / "runs"


@frozen
class RunSection:
    """What ``init()`` does unless its arguments say otherwise."""

    mode: Literal["on", "off"] = "on"
    capture_env: bool = True
    capture_console: bool = False
    capture_system: bool = True  # samplers measure the machine while a run happens
    finish_timeout: float = field(default=30.0, validator=_duration)  # seconds that finish() waits for what is queued
    alert_timeout: float = field(default=1.0, validator=_duration)  # ... and for alerts that are still being sent
    viewer_url: str = "http://127.0.0.1:23300"  # where run.url points


@frozen
class PluginsSection:
    """Which plugins may run."""

    disable: tuple[str, ...] = ()
    prefer: Mapping[str, str] = field(factory=dict)  # name that two plugins provide -> the plugin that wins
    load_timeout: float = field(default=60.0, validator=_duration)  # seconds that the import of one plugin may take
    hook_timeout: float = field(default=15.0, validator=_duration)  # seconds for saying what it offers


SECTIONS: Mapping[str, type[StorageSection] | type[RunSection] | type[PluginsSection]] = {
    "storage": StorageSection,
    "run": RunSection,
    "plugins": PluginsSection,
}

#: Short environment variables for values that people set all the time.
SHORT_VARIABLES: Mapping[str, str] = {
    "RUNICORN_DIR": "storage.root",
    "RUNICORN_MODE": "run.mode",
    "RUNICORN_BACKEND": "storage.backend",
}

#: Variables that start with RUNICORN_ and are no configuration values.
OTHER_VARIABLES = frozenset(
    [
        "RUNICORN_HOME",
        "RUNICORN_NO_PLUGINS",
        "RUNICORN_PLUGINS_ONLY",
        "RUNICORN_PLUGINS_DISABLE",
        "RUNICORN_PLUGINS_STRICT",
    ]
)
