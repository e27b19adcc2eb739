"""Questions that a host asks on the way in, and who answers them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, Protocol

from attrs import frozen


@frozen
class Question:
    """One line to answer."""

    text: str  # as the host words it; of no more than 500 characters, without control characters
    secret: bool = True  # what is typed is not shown


@frozen
class Asking:
    """Questions that belong together."""

    kind: Literal["password", "passphrase", "interactive"]
    host: str
    username: str
    title: str  # what for: the key's file, or what the host calls it
    questions: tuple[Question, ...]
    again: bool = False  # it was answered before, and not rightly


class Prompts(Protocol):
    """Whoever answers: a terminal, a page in a browser, nobody."""

    async def ask(self, asking: Asking) -> Sequence[str] | None:
        """One answer for each question, in order; None = the user gives up."""


class NoPrompts:
    """Nobody is there: what needs an answer fails, and the connection says that it needs one."""

    def __init__(self) -> None:
        self.asked: Asking | None = None

    async def ask(self, asking: Asking) -> Sequence[str] | None:
        self.asked = asking
        return None


class TerminalPrompts:
    """Asks at the terminal, without echo where the host says so."""

    async def ask(self, asking: Asking) -> Sequence[str] | None:
        import click

        from .typing_in import typed

        who = f"{asking.username}@{asking.host}"
        said = ". ".join(filter(None, (asking.title, "wrong, once more" if asking.again else "")))
        if said:
            click.echo(f"{who}: {said}", err=True)
        answers: list[str] = []
        for question in asking.questions:
            text = question.text.rstrip(": ") or "answer"
            # on a way of several hosts, whose password it is must be seen
            answer = await typed(text if asking.kind == "passphrase" else f"({who}) {text}", secret=question.secret)
            if answer is None:
                return None
            answers.append(answer)
        return answers


def clean(text: str) -> str:
    """What a host says, fit to be shown: no control characters, no more than 500 characters."""
    return "".join(c for c in text if c.isprintable() or c == " ")[:500]
