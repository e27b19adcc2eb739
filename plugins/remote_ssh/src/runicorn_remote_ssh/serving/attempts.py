"""Signing in through a page: an attempt waits while the host's questions are on their way to somebody and back."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from runicorn.errors import InvalidArgument, Problem

if TYPE_CHECKING:
    from ..connection import SSHConnection
    from ..prompts import Asking, Prompts

Connect: TypeAlias = "Callable[[Prompts], Awaitable[SSHConnection]]"
ANSWER_S = 300.0  # that somebody has for one answer
_MOST = 50  # attempts at the same time


class Questions(NamedTuple):
    """What has to be answered before it goes on."""

    attempt: str
    asking: Asking


class Attempts:
    """Those that go on now. Belongs to one event loop; answers are handed on and not kept."""

    def __init__(self) -> None:
        self._all: dict[str, _Attempt] = {}

    async def begin(self, connect: Connect, what: object = None) -> SSHConnection | Questions:
        """Connect, as far as it goes without an answer.

        :param connect: does it, and asks whom it is given.
        :param what: is connected, if two can not be at the same time. One that waits for an answer is given up for this
            one: whoever was asked has left the page, say.
        :raises RemoteError: it failed.
        """
        self._all = {known.id: known for known in self._all.values() if not known.is_over}
        if len(self._all) >= _MOST:
            raise Problem(429, "too-many-attempts", "too many attempts to connect wait for answers; finish some first")
        for known in [one for one in self._all.values() if what is not None and one.what == what and one.asking]:
            self._all.pop(known.id, None)
            await known.cancel()
        attempt = _Attempt(connect, what)
        self._all[attempt.id] = attempt
        return await self._on(attempt)

    async def answer(self, attempt_id: str, answers: Sequence[str] | None) -> SSHConnection | Questions:
        """Go on with it.

        :param answers: one for each question; None = the user gives up.
        :raises RemoteError: it failed.
        :raises Problem: 404, it is over.
        """
        attempt = self._all.get(attempt_id)
        if attempt is None or attempt.asking is None:
            raise Problem(404, "no-such-attempt", "this attempt to connect is over; begin a new one")
        if answers is not None and len(answers) != len(attempt.asking.questions):
            raise InvalidArgument(
                "answers", len(answers), f"must be {len(attempt.asking.questions)}, one for each question"
            )
        attempt.reply(answers)
        return await self._on(attempt)

    async def close(self) -> None:
        for attempt in list(self._all.values()):
            await attempt.cancel()
        self._all.clear()

    async def _on(self, attempt: _Attempt) -> SSHConnection | Questions:
        try:
            connection = await attempt.until_something()
        except BaseException:
            self._all.pop(attempt.id, None)
            attempt.give_up()  # nobody knows of it any more: its question would never be answered
            raise
        if connection is not None:
            self._all.pop(attempt.id, None)
            return connection
        assert attempt.asking is not None
        return Questions(attempt.id, attempt.asking)


class _Attempt:
    """One connect in the background, and its question. It is its own prompts."""

    def __init__(self, connect: Connect, what: object = None) -> None:
        self.what = what
        self.id = secrets.token_urlsafe(16)  # who knows it may answer
        self.asking: Asking | None = None
        self._answers: asyncio.Future[Sequence[str] | None] | None = None
        self._changed = asyncio.Event()
        self._given_up = False
        self._task: asyncio.Future[SSHConnection] = asyncio.ensure_future(connect(self))
        self._task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Future[SSHConnection]) -> None:
        if not task.cancelled():
            task.exception()  # nobody may be there to hear of it
        self._changed.set()

    @property
    def is_over(self) -> bool:
        """Whether nothing more comes of it: nobody answered in time, say, and nobody asked again."""
        return self._task.done()

    async def ask(self, asking: Asking) -> Sequence[str] | None:
        if self._given_up:
            return None
        self._answers = asyncio.get_running_loop().create_future()
        self.asking = asking
        self._changed.set()
        try:
            async with asyncio.timeout(ANSWER_S):
                return await self._answers
        except TimeoutError:
            return None
        finally:
            self.asking = None

    def reply(self, answers: Sequence[str] | None) -> None:
        self.asking = None
        if self._answers is not None and not self._answers.done():
            self._changed.clear()
            self._answers.set_result(answers)

    async def until_something(self) -> SSHConnection | None:
        """The connection; None when there is a question.

        :raises RemoteError: it failed.
        """
        while not self._task.done() and self.asking is None:
            await self._changed.wait()
            self._changed.clear()
        return self._task.result() if self._task.done() else None

    def give_up(self) -> None:
        """End it. A thread may wait for an answer, which ends with the question alone."""
        self._given_up = True
        self.reply(None)
        self._task.cancel()

    async def cancel(self) -> None:
        self.give_up()
        with suppress(asyncio.CancelledError, Exception):
            await self._task
