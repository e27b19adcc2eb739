"""``runicorn runs``."""

from __future__ import annotations

import click

from .runs_change import recover, restore, rm
from .runs_look import compare, list_, show, tail


@click.group()
def runs() -> None:
    """List, show, compare, remove and recover runs."""


for command in (compare, list_, recover, restore, rm, show, tail):
    runs.add_command(command)
