"""Asking somebody at the terminal from a coroutine. Ctrl-C ends the question at once: no thread waits for an answer."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext

import click


async def typed(text: str, *, secret: bool = False) -> str | None:
    """One line that somebody types; None where the input ends.

    :param secret: what is typed is not shown.
    """
    if sys.platform == "win32":
        return await asyncio.to_thread(_prompted, text, secret)
    number = sys.stdin.fileno()
    loop = asyncio.get_running_loop()
    with _without_echo(number) if secret else nullcontext():
        click.echo(f"{text}: ", nl=False, err=True)
        ready = asyncio.Event()
        loop.add_reader(number, ready.set)  # a terminal is ready when a line has come to its end
        try:
            await ready.wait()
            line = os.read(number, 1 << 16)
        finally:
            loop.remove_reader(number)
            if secret:
                click.echo(err=True)
    return line.decode("utf-8", "replace").rstrip("\r\n") if line else None


async def confirmed(question: str) -> bool:
    """Whether somebody says yes; nothing is no."""
    while True:
        answer = await typed(f"{question} [y/N]")
        if answer is None or answer.strip().lower() in ("", "n", "no"):
            return False
        if answer.strip().lower() in ("y", "yes"):
            return True


def _prompted(text: str, secret: bool) -> str | None:
    try:
        said: str = click.prompt(text, hide_input=secret, default="", show_default=False, err=True)
    except click.Abort:
        return None
    return said


@contextmanager
def _without_echo(number: int) -> Iterator[None]:
    """What is typed meanwhile is not shown; afterwards the terminal is as it was, whatever happens."""
    import termios

    before = termios.tcgetattr(number)
    silent = [*before]
    silent[3] &= ~termios.ECHO
    termios.tcsetattr(number, termios.TCSADRAIN, silent)
    try:
        yield
    finally:
        termios.tcsetattr(number, termios.TCSADRAIN, before)
