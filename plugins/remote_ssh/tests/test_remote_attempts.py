"""Attempts to connect that nobody goes on with."""

from __future__ import annotations

import asyncio

import pytest
from runicorn.errors import Problem
from runicorn_remote_ssh.connection import SSHConnection
from runicorn_remote_ssh.errors import AuthenticationFailed
from runicorn_remote_ssh.prompts import Asking, Prompts, Question
from runicorn_remote_ssh.serving import attempts
from runicorn_remote_ssh.serving.attempts import Attempts, Questions


async def asks(prompts: Prompts) -> SSHConnection:
    """A host that asks for a password and never gets one."""
    await prompts.ask(Asking("password", "box", "ada", "", (Question("Password"),)))
    raise AuthenticationFailed("ada", "box", "nobody answered")


def test_questions_that_nobody_answered_do_not_keep_anybody_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attempts, "ANSWER_S", 0.05)

    async def check() -> None:
        going_on = Attempts()
        for _ in range(3):
            for _ in range(50):
                assert isinstance(await going_on.begin(asks), Questions)
            while any(not one.is_over for one in going_on._all.values()):
                await asyncio.sleep(0.01)
        await going_on.close()

    asyncio.run(asyncio.wait_for(check(), 60))


def test_whoever_comes_back_to_a_question_that_was_left_is_asked_again() -> None:
    async def check() -> None:
        going_on, lock = Attempts(), asyncio.Lock()  # as the pool has one for what is connected
        ended: list[bool] = []

        async def one_at_a_time(prompts: Prompts) -> SSHConnection:
            async with lock:
                try:
                    return await asks(prompts)
                finally:
                    ended.append(True)

        left = await going_on.begin(one_at_a_time, "ada@box")
        assert isinstance(left, Questions)
        again = await going_on.begin(one_at_a_time, "ada@box")
        assert isinstance(again, Questions)
        assert ended == [True]
        with pytest.raises(Problem, match="is over"):
            await going_on.answer(left.attempt, ["late"])
        with pytest.raises(AuthenticationFailed):
            await going_on.answer(again.attempt, ["x"])
        await going_on.close()

    asyncio.run(asyncio.wait_for(check(), 60))


def test_an_attempt_that_nobody_waits_for_asks_nobody() -> None:
    async def check() -> None:
        going_on, slow = Attempts(), asyncio.Event()

        async def slowly(prompts: Prompts) -> SSHConnection:
            await slow.wait()
            return await asks(prompts)

        waiting = asyncio.ensure_future(going_on.begin(slowly))
        await asyncio.sleep(0)
        (attempt,) = going_on._all.values()
        waiting.cancel()  # as when a request takes too long
        with pytest.raises(asyncio.CancelledError):
            await waiting
        slow.set()
        await asyncio.wait({attempt._task}, timeout=60)
        assert attempt.is_over

    asyncio.run(asyncio.wait_for(check(), 100))
