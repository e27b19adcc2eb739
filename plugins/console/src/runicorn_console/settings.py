"""The section ``console`` of the configuration."""

from __future__ import annotations

from attrs import field, frozen
from runicorn.config import about


def _count(section: object, attribute: object, value: int) -> None:  # noqa: ARG001 (attrs calls it so)
    if value < 0:
        raise ValueError("a number from 0 on is expected")


@frozen
class ConsoleSection:
    """What is kept of what a process prints."""

    descriptors: bool = field(
        default=True,
        metadata=about("also what C libraries and child processes write", zh="也保存 C 库和子进程输出的内容"),
    )
    lines_per_second: int = field(
        default=1000,
        validator=_count,
        metadata=about(
            "lines that are kept in a second, in the long run; 0: all", zh="长期平均每秒保存的行数；0 表示全部"
        ),
    )
    redact: bool = field(
        default=True,
        metadata=about(
            "leave out tokens, and users and passwords of addresses", zh="略去令牌，以及地址中的用户名和密码"
        ),
    )
    unfinished_after: float = field(
        default=30.0,
        metadata=about(
            "seconds after which a line that has not ended, or a progress bar, is kept as it is",
            zh="未结束的行或进度条，多少秒后按现状保存",
        ),
    )
