"""``runicorn remote``: other machines."""

from __future__ import annotations

from importlib import import_module

import click

#: name -> (place, one line for the overview), so that help imports none of them.
COMMANDS = {
    "doctor": ("runicorn_remote_ssh.looking.doctor:doctor", "Try every step on the way to a host."),
    "forget": ("runicorn_remote_ssh.looking.command:forget", "Remove the key of a host that was accepted here."),
    "hosts": ("runicorn_remote_ssh.looking.command:hosts", "The hosts of ~/.ssh/config, and saved connections."),
    "ls": ("runicorn_remote_ssh.looking.command:ls", "What a folder on a host holds."),
    "mirror": ("runicorn_remote_ssh.files.mirror_command:mirror", "Copy the runs of another machine into a folder."),
    "connect": ("runicorn_remote_ssh.viewer.command:connect_command", "Connect once and say what is there."),
    "list": ("runicorn_remote_ssh.viewer.command:list_command", "Viewers on other machines that are open now."),
    "environments": (
        "runicorn_remote_ssh.viewer.private_command:environments_command",
        "What installing Runicorn from here left on a host, and removing it.",
    ),
    "open": ("runicorn_remote_ssh.viewer.command:open_command", "Look at the runs of another machine."),
    "stop": ("runicorn_remote_ssh.viewer.command:stop_command", "End a viewer on another machine."),
}


class RemoteCommands(click.Group):
    """Members are imported when they are run."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 (click calls it so)
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 (click calls it so)
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name][0].partition(":")
        command: click.Command = getattr(import_module(module), name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, COMMANDS[name][1]) for name in self.list_commands(ctx)])


@click.command(cls=RemoteCommands)
def remote() -> None:
    """See the runs of other machines through SSH."""
