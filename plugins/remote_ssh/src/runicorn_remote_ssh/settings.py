"""The section ``remote-ssh`` of the configuration."""

from __future__ import annotations

from typing import Literal

from attrs import field, frozen, validators
from runicorn.config import about


@frozen
class RemoteSection:
    """How viewers on other machines are kept."""

    compression: Literal["auto", "on", "off"] = field(
        default="auto",
        metadata=about(
            "of answers; auto: where the way there takes more than 4 ms", zh="是否压缩响应；auto：往返超过 4 毫秒时"
        ),
    )
    grace: float = field(
        default=3.0,
        validator=validators.ge(0),
        metadata=about(
            "seconds that a viewer there waits for us on a broken line", zh="线路中断时，对方的查看器等待的秒数"
        ),
    )
    idle: float = field(
        default=120.0,
        validator=validators.ge(15),
        metadata=about("seconds of silence after which it ends", zh="多少秒没有请求后它自行结束"),
    )
