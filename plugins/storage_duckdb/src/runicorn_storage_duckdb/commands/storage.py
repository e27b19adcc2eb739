"""The group ``runicorn storage``; its commands are imported when they are asked for."""

from __future__ import annotations

from importlib import import_module

import click

_COMMANDS = {
    "info": "looking:info",
    "stats": "looking:stats",
    "seal": "sealing:seal",
    "unseal": "sealing:unseal",
    "compact": "sealing:compact",
    "verify": "verifying:verify",
    "rebuild": "rebuilding:rebuild",
    "migrate": "migrating:migrate",
}


class _Group(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 (click calls it so)
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        place = _COMMANDS.get(cmd_name)
        if place is None:
            return None
        module, _, name = place.partition(":")
        command: click.Command = getattr(import_module(f"{__package__}.{module}"), name)
        return command


@click.group(cls=_Group)
def storage() -> None:
    """Seal finished runs, bring them back, check and measure what is stored."""
