"""Plugins that decide on requests (``viewer_authorize``). Whatever goes wrong there is a no."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from runicorn.contracts.http import AccessRequest
from runicorn.errors import PluginError, Problem

from ..workers import Workers

LIMIT_S = 5.0

Decide = Callable[[AccessRequest], tuple[str, bool] | None]


class Authorizer:
    """Asks on threads of its own, so that a plugin that hangs keeps nothing else waiting."""

    def __init__(self, decide: Decide) -> None:
        self._decide = decide
        self._workers = Workers(4)

    async def allows(self, request: AccessRequest) -> bool:
        """Whether a plugin lets the request through; False leaves it to the viewer's token.

        :raises Problem: 403, a plugin refuses it; 503, one failed or did not answer in time.
        """
        try:
            verdict = await asyncio.wait_for(self._workers.run(lambda: self._decide(request)), LIMIT_S)
        except TimeoutError as error:
            raise Problem(503, "authorization-failed", f"no plugin decided within {LIMIT_S:g} s") from error
        except PluginError as error:
            raise Problem(503, "authorization-failed", str(error), plugin=error.plugin) from error
        if verdict is None:
            return False
        plugin, allowed = verdict
        if not allowed:
            raise Problem(403, "not-authorized", f"the plugin {plugin} does not allow this", plugin=plugin)
        return True
