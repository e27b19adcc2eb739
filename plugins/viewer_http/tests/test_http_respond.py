"""Sending what is made while it is sent."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

from runicorn.contracts.http import Reply
from runicorn_viewer_http.asgi.respond import respond
from runicorn_viewer_http.workers import Workers
from starlette.types import Message


def test_nothing_more_is_made_for_a_client_that_has_gone() -> None:
    closed: list[bool] = []
    sent: list[Message] = []

    def endless() -> Iterator[bytes]:
        try:
            while True:
                yield b"x"
        finally:
            closed.append(True)

    async def receive() -> Message:
        while len(sent) < 5:
            await asyncio.sleep(0.001)
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        sent.append(message)

    async def main() -> None:
        workers = Workers(2)
        await asyncio.wait_for(respond(Reply(endless()), send, workers.run, receive=receive), 60)
        workers.close()

    asyncio.run(main())
    assert closed == [True]
    assert sent[-1]["body"] == b"x", "an answer that was cut off does not look complete"


def test_work_is_shared_by_a_bounded_number_of_threads_and_errors_reach_who_awaits() -> None:
    async def main() -> list[object]:
        workers = Workers(2)
        futures = [workers.run(lambda n=n: 1 // n) for n in range(50)]  # type: ignore[misc]
        results = await asyncio.gather(*futures, return_exceptions=True)
        workers.close()
        return list(results)

    results = asyncio.run(main())
    assert isinstance(results[0], ZeroDivisionError)
    assert results[1:] == [1] + [0] * 48
