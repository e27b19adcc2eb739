"""The section ``viewer-http`` of the configuration."""

from __future__ import annotations

from attrs import field, frozen

DEFAULT_PORT = 23300


@frozen
class ViewerSection:
    """Where the viewer listens and who may use it."""

    host: str = "127.0.0.1"
    port: int = DEFAULT_PORT  # when it is taken, the next free one
    token: str | None = field(default=None, metadata={"secret": True}, repr=False)
    allowed_hosts: tuple[str, ...] = ()  # further names in the Host header, e.g. of a reverse proxy
    open_browser: bool = False
