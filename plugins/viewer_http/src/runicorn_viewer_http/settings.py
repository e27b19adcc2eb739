"""The section ``viewer-http`` of the configuration."""

from __future__ import annotations

from typing import Literal

from attrs import field, frozen
from runicorn.config import about

DEFAULT_PORT = 23300


def _limit(section: object, attribute: object, value: str) -> None:  # noqa: ARG001 (attrs calls it so)
    if value not in ("auto", "off"):
        from .asgi.rate_limit import parse_limit

        parse_limit(value)


@frozen
class ViewerSection:
    """Where the viewer listens and who may use it."""

    host: str = field(
        default="127.0.0.1",
        metadata=about(
            "the address to listen on; any other than a loopback address asks for a token",
            zh="监听的地址；非回环地址需要令牌",
        ),
    )
    port: int = field(
        default=DEFAULT_PORT, metadata=about("when it is taken, the next free one", zh="被占用时使用下一个空闲端口")
    )
    token: str | None = field(
        default=None,
        repr=False,
        metadata=about("who opens the page must have it", zh="打开页面的人必须持有的令牌", secret=True),
    )
    allowed_hosts: tuple[str, ...] = field(
        default=(),
        metadata=about(
            "further names by which the viewer may be addressed, such as that of a reverse proxy",
            zh="允许用来访问查看器的其他主机名，例如反向代理的名称",
        ),
    )
    open_browser: bool = field(
        default=False,
        metadata=about(
            "open a browser when the viewer starts, where there is a display", zh="启动查看器时打开浏览器（有显示器时）"
        ),
    )
    rate_limit: str = field(
        default="auto",
        validator=_limit,
        metadata=about(
            "requests of each address: auto (no limit on loopback), off, or such as 600/minute",
            zh="每个地址的请求频率：auto（回环地址不限）、off，或如 600/minute",
        ),
    )
    body_limit: int = field(default=1 << 30, metadata=about("bytes of one request at most", zh="单个请求的最大字节数"))
    compression: Literal["auto", "on", "off"] = field(
        default="auto",
        metadata=about(
            "of answers; auto: beyond loopback, and for a program that holds the viewer",
            zh="是否压缩响应；auto：回环地址之外，以及由程序启动查看器时",
        ),
    )
