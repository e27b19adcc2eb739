"""Core's own sections. A plugin describes its section with the ``config_schema`` hook in the same way."""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite
from pathlib import Path
from typing import Literal, TypeAlias

from attrs import field, frozen

from .about import about
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

    root: Root = field(
        factory=lambda: data_dir() / "runs",
        metadata=about(
            "where runs are kept; an address (ssh://host/path) is only read",
            zh="运行的保存位置；地址（ssh://host/path）只读",
        ),
    )
    backend: str | None = field(
        default=None,
        metadata=about(
            "the name of a storage backend; empty: the one that fits the root best",
            zh="存储后端的名称；留空则选用最适合该位置的后端",
        ),
    )
    durability: Literal["process", "power"] = field(
        default="process",
        metadata=about(
            "process: on the disk within a second, whatever ends the process; power: log() waits for the disk",
            zh="process：数值不因进程结束而丢失，一秒内写入磁盘；power：每次 log() 都等待写入磁盘",
        ),
    )

    @property
    def folder(self) -> Path:
        """Where this machine writes: the root, or the default one where that is an address."""
        return self.root if isinstance(self.root, Path) else data_dir() / "runs"


@frozen
class RunSection:
    """What ``init()`` does unless its arguments say otherwise."""

    mode: Literal["on", "off"] = field(
        default="on",
        metadata=about("off: runs accept everything and write nothing", zh="off：运行接受所有调用，但什么也不写入"),
    )
    capture_env: bool = field(default=True, metadata=about("describe what a run runs on", zh="记录运行所处的环境"))
    capture_console: bool = field(
        default=False, metadata=about("keep what is printed in the log of the run", zh="把打印的内容保存到运行的日志中")
    )
    capture_system: bool = field(
        default=True, metadata=about("measure the machine while a run happens", zh="运行期间测量本机")
    )
    finish_timeout: float = field(
        default=30.0,
        validator=_duration,
        metadata=about("seconds that finish() waits for what is queued", zh="finish() 等待队列清空的秒数"),
    )
    alert_timeout: float = field(
        default=1.0,
        validator=_duration,
        metadata=about(
            "seconds that finish() waits for alerts that are still being sent", zh="finish() 等待仍在发送的告警的秒数"
        ),
    )
    viewer_url: str = field(
        default="http://127.0.0.1:23300", metadata=about("where run.url points", zh="run.url 指向的地址")
    )


@frozen
class PluginsSection:
    """Which plugins may run."""

    disable: tuple[str, ...] = field(default=(), metadata=about("plugins that are not loaded", zh="不加载的插件"))
    prefer: Mapping[str, str] = field(
        factory=dict,
        metadata=about(
            "for a name that two plugins provide: the plugin that wins", zh="两个插件提供同一名称时，采用哪个插件"
        ),
    )
    load_timeout: float = field(
        default=60.0,
        validator=_duration,
        metadata=about("seconds that the import of one plugin may take", zh="导入一个插件最多允许的秒数"),
    )
    hook_timeout: float = field(
        default=15.0,
        validator=_duration,
        metadata=about("seconds that a plugin may take to say what it offers", zh="插件说明自己提供什么最多允许的秒数"),
    )


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
