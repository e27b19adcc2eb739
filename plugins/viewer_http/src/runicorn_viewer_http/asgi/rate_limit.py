"""How many requests one client may send."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from runicorn.errors import InvalidArgument, Problem

from .refusing import refuse

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from limits import RateLimitItem
    from starlette.types import ASGIApp, Receive, Scope, Send

#: Beyond loopback, unless the configuration says otherwise: a page full of charts needs some hundred at once.
DEFAULT = "6000/minute"


def parse_limit(text: str) -> list[RateLimitItem]:
    """``600/minute``, or several: ``50/second; 6000/hour``.

    :raises ValueError: it is no limit.
    """
    from limits import parse_many

    try:
        return parse_many(text)
    except ValueError:
        raise ValueError(f"{text!r} is no limit; write it like '600/minute', or 'off'") from None


class RateLimit:
    """Counts the requests of each address as the socket sees it; what a proxy's headers say is anybody's to write.

    Whoever sends too many gets 429 and the seconds to wait. Files of the web interface are not counted.
    """

    def __init__(self, app: ASGIApp, limit: str) -> None:
        """:raises ValueError: the limit is none."""
        from limits.storage import MemoryStorage
        from limits.strategies import MovingWindowRateLimiter

        self._app, self._limits = app, parse_limit(limit)
        self._counter = MovingWindowRateLimiter(MemoryStorage())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket") or not scope["path"].startswith("/api/"):
            await self._app(scope, receive, send)
            return
        client = (scope.get("client") or ("",))[0]
        for limit in self._limits:
            if not self._counter.hit(limit, client):
                await self._refuse(limit, client, scope, receive, send)
                return
        await self._app(scope, receive, send)

    async def _refuse(self, limit: RateLimitItem, client: str, scope: Scope, receive: Receive, send: Send) -> None:
        reset = self._counter.get_window_stats(limit, client).reset_time
        wait = max(1, math.ceil(reset - time.time()))
        problem = Problem(429, "rate-limited", f"more than {limit}; try again in {wait} s", retry_after=wait)
        await refuse(problem, {"Retry-After": str(wait)}, scope, receive, send)


def rate_limit(setting: str, *, loopback: bool) -> Callable[[Any], Callable[..., Awaitable[None]]] | None:
    """The middleware that a setting asks for; None = no limit.

    :param setting: ``auto`` (none on loopback), ``off``, or a limit.
    :raises InvalidArgument: it is something else.
    """
    if setting == "off" or (setting == "auto" and loopback):
        return None
    limit = DEFAULT if setting == "auto" else setting
    try:
        parse_limit(limit)
    except ValueError as error:
        raise InvalidArgument("rate_limit", setting, f"cannot be used: {error}") from None
    return lambda app: RateLimit(app, limit)
