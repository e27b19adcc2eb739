"""How a connection is, what an error means for it, and waiting on a machine that may fall asleep."""

from __future__ import annotations

import asyncio
from enum import StrEnum
from time import time
from typing import Any

from .errors import AuthenticationFailed, HostKeyChanged, HostKeyRevoked, HostKeyUnknown, RemoteError

SLEPT_S = 5.0  # a jump of the clock: this machine slept


class ConnectionState(StrEnum):
    CONNECTING = "connecting"
    UP = "up"
    DEGRADED = "degraded"  # it answers late
    RECONNECTING = "reconnecting"
    NEEDS_AUTHENTICATION = "needs-authentication"  # to come back, somebody must answer
    STOPPED = "stopped"


def state_after(error: BaseException) -> ConnectionState:
    """What to do after an attempt has failed: try again, or wait for somebody."""
    refused = (AuthenticationFailed, HostKeyChanged, HostKeyRevoked, HostKeyUnknown)
    asks = isinstance(error, refused) or not isinstance(error, RemoteError)
    return ConnectionState.NEEDS_AUTHENTICATION if asks else ConnectionState.RECONNECTING


async def rest(seconds: float, until: asyncio.Future[Any] | None = None) -> bool:
    """Wait; not any longer when this machine wakes up from sleep, which is what is returned.

    :param until: ends the wait, too.
    """
    clock = asyncio.get_running_loop().time
    end_at = clock() + seconds
    while (left := end_at - clock()) > 0 and not (until is not None and until.done()):
        before = time()
        if until is None:
            await asyncio.sleep(min(left, 1.0))
        else:
            await asyncio.wait({until}, timeout=min(left, 1.0))
        if time() - before > 1.0 + SLEPT_S:
            return True
    return False
