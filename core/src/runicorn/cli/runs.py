"""``runicorn runs``."""

from __future__ import annotations

import click

from .runs_change import empty, recover, restore, rm
from .runs_look import compare, list_, show, tail
from .runs_manage import archive, cleanup, group, move, note, pin, rename, tag, undo, usage


@click.group()
def runs() -> None:
    """List, show, compare, change, remove and recover runs."""


_LOOKING = (compare, list_, show, tail)
_CHANGING = (archive, cleanup, empty, group, move, note, pin, recover, rename, restore, rm, tag, undo, usage)

for command in (*_LOOKING, *_CHANGING):
    runs.add_command(command)
