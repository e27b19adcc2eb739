"""One WebSocket connection: notices when the client has gone or the viewer stops."""

from __future__ import annotations

import asyncio
from types import TracebackType

from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

GOING_AWAY = 1001


class Connection:
    """Use as ``async with``: accepted at the beginning, closed at the end.

    :param said: where to put what the client says; without it that is ignored.
    """

    def __init__(self, websocket: WebSocket, stopping: asyncio.Event, said: asyncio.Queue[str] | None = None) -> None:
        self._websocket, self._stopping, self._said = websocket, stopping, said
        self._over = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Connection:
        await self._websocket.accept()
        self._tasks = [asyncio.ensure_future(self._listen()), asyncio.ensure_future(self._wait_for_stop())]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.close(GOING_AWAY if self._stopping.is_set() else 1000, "")
        return isinstance(error, WebSocketDisconnect)

    @property
    def gone(self) -> bool:
        """Whether there is nobody to send to any more, or no more time to do so."""
        return self._over.is_set()

    async def over(self) -> None:
        """Wait until the client has gone or the viewer stops."""
        await self._over.wait()

    async def send(self, message: bytes) -> None:
        """Send one text message; waits while the client does not read."""
        if not self.gone:
            await self._websocket.send_text(message.decode())

    async def pause(self, seconds: float) -> bool:
        """Wait; False at once when the client has gone or the viewer stops."""
        try:
            await asyncio.wait_for(self._over.wait(), seconds)
        except TimeoutError:
            return True
        return False

    async def close(self, code: int, reason: str) -> None:
        """Close the connection, if it is open. Codes above 4000 carry a problem's status."""
        self._over.set()
        if self._websocket.application_state is WebSocketState.CONNECTED:
            try:
                await self._websocket.close(code, reason)
            except (RuntimeError, WebSocketDisconnect):  # the client was faster
                return

    async def _listen(self) -> None:
        while (message := await self._websocket.receive())["type"] != "websocket.disconnect":
            if self._said is not None:
                await self._said.put(message.get("text") or "")
        self._over.set()

    async def _wait_for_stop(self) -> None:
        await self._stopping.wait()
        self._over.set()
