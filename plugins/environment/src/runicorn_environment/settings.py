"""The section ``[environment]`` of the configuration."""

from __future__ import annotations

from math import isfinite

from attrs import field, frozen
from runicorn.config import about


def _interval(section: object, attribute: object, value: float) -> None:  # noqa: ARG001 (attrs calls it so)
    if not isfinite(value) or value < 0.1:
        raise ValueError("a number of seconds from 0.1 on is expected")


def _count(section: object, attribute: object, value: int) -> None:  # noqa: ARG001 (attrs calls it so)
    if value < 0:
        raise ValueError("a number of bytes from 0 on is expected")


@frozen
class EnvironmentSection:
    """What is kept about the machine that a run runs on."""

    variables: tuple[str, ...] = field(
        default=(),
        metadata=about(
            "further environment variables to keep; * stands for any text", zh="另外保存的环境变量；* 代表任意文本"
        ),
    )
    patch_bytes: int = field(
        default=200_000,
        validator=_count,
        metadata=about(
            "bytes of uncommitted changes that are kept at most; 0: none",
            zh="最多保存多少字节的未提交更改；0 表示不保存",
        ),
    )
    snapshot_code: bool = field(default=False, metadata=about("keep the code of each run", zh="保存每个运行的代码"))
    interval: float = field(
        default=5.0,
        validator=_interval,
        metadata=about("seconds from one sample of the machine to the next", zh="两次测量本机之间的秒数"),
    )
    per_core: bool = field(
        default=True, metadata=about("each core of the processor by itself, too", zh="也单独测量处理器的每个核")
    )
    live_interval: float = field(
        default=1.0,
        validator=_interval,
        metadata=about("the same in the viewer, while somebody looks", zh="查看器中有人查看时的测量间隔（秒）"),
    )
