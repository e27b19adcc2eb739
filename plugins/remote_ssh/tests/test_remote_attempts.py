"""Attempts to connect that nobody goes on with."""

from __future__ import annotations

import asyncio

import pytest
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
