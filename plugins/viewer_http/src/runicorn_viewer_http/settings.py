"""The section ``viewer-http`` of the configuration."""

from __future__ import annotations

from typing import Literal

from attrs import field, frozen

DEFAULT_PORT = 23300


def _limit(section: object, attribute: object, value: str) -> None:  # noqa: ARG001 (attrs calls it so)
    if value not in ("auto", "off"):
        from .asgi.rate_limit import parse_limit

        parse_limit(value)


@frozen
class ViewerSection:
    """Where the viewer listens and who may use it."""

    host: str = "127.0.0.1"
    port: int = DEFAULT_PORT  # when it is taken, the next free one
    token: str | None = field(default=None, metadata={"secret": True}, repr=False)
    allowed_hosts: tuple[str, ...] = ()  # further names in the Host header, e.g. of a reverse proxy
    open_browser: bool = False
    rate_limit: str = field(
        default="auto", validator=_limit
    )  # of each address: auto (none on loopback), off, 600/minute
    body_limit: int = 1 << 30  # bytes of one request; declared endpoints take 4 MiB
    compression: Literal["auto", "on", "off"] = "auto"  # auto: beyond loopback, and for a program that holds the viewer
