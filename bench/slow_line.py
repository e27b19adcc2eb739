"""A TCP proxy that is as slow as a line: delay each way and bits per second, of each connection and direction."""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from contextlib import suppress

PIECE = 4096
WAITING = 512 * 1024  # bytes on their way; then the sender waits


class SlowLine:
    """Listens on a free port of 127.0.0.1, on a thread of its own, from the beginning to the end of the block."""

    def __init__(self, port: int, delay_s: float, bits_per_s: float) -> None:
        self._target, self._delay_s, self._bits_per_s = port, delay_s, bits_per_s
        self.port = 0
        self.carried = [0, 0]  # bytes there and back
        self._ready, self._loop = threading.Event(), asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> SlowLine:
        self._thread.start()
        self._ready.wait()
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    def _run(self) -> None:
        async def begin() -> None:
            server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
            self.port = server.sockets[0].getsockname()[1]
            self._ready.set()

        self._loop.run_until_complete(begin())
        self._loop.run_forever()
        for task in asyncio.all_tasks(self._loop):
            task.cancel()
        self._loop.run_until_complete(asyncio.sleep(0.1))
        self._loop.close()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there_reader, there_writer = await asyncio.open_connection("127.0.0.1", self._target)
        with suppress(asyncio.CancelledError):  # the line ends; asyncio would print that as an error
            await asyncio.gather(
                self._carry(reader, there_writer, 0), self._carry(there_reader, writer, 1), return_exceptions=True
            )

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, way: int) -> None:
        loop = asyncio.get_running_loop()
        on_its_way: deque[tuple[float, bytes]] = deque()
        something, room = asyncio.Event(), asyncio.Event()
        room.set()
        size, over = 0, False

        async def deliver() -> None:
            nonlocal size
            while on_its_way or not over:
                if not on_its_way:
                    something.clear()
                    await something.wait()
                    continue
                at, data = on_its_way.popleft()
                await asyncio.sleep(at - loop.time())
                writer.write(data)
                await writer.drain()
                size -= len(data)
                room.set()
            writer.close()

        delivering = asyncio.ensure_future(deliver())
        free_at = loop.time()
        while data := await reader.read(PIECE):
            self.carried[way] += len(data)
            free_at = max(free_at, loop.time()) + len(data) * 8 / self._bits_per_s
            on_its_way.append((free_at + self._delay_s, data))
            size += len(data)
            something.set()
            while size > WAITING:
                room.clear()
                await room.wait()
        over = True
        something.set()
        await delivering
