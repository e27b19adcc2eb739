"""How far something is, for people at a terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def bar(title: str) -> Iterator[Callable[[int, int | None, str], object]]:
    """A bar on standard error where that is a terminal; nothing where nobody looks.

    Yields what is to be called with: done, total (None: not known), and what is said beside.
    """
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[said]}"), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task(title, total=None, said="")
        yield lambda done, total, said: progress.update(task, total=total, completed=done, said=said)
