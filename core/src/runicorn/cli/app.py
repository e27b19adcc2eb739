"""The ``runicorn`` command: core's own commands, and those of plugins, each imported when it is run."""

from __future__ import annotations

import io
import os
import sys
from importlib import import_module
from typing import Any, NoReturn

import click

from .. import __version__
from ..errors import PluginError, RunicornError

#: Core's commands: name -> (place, one line for the overview), so that help imports none of them.
CORE = {
    "config": ("runicorn.cli.config:config", "Show and change the configuration."),
    "completion": ("runicorn.cli.completion:completion", "Print the completion script for a shell."),
    "doctor": ("runicorn.cli.doctor:doctor", "Check this installation and its storage."),
    "plugins": ("runicorn.cli.plugins:plugins", "See which plugins are installed and what became of them."),
    "runs": ("runicorn.cli.runs:runs", "List, show, compare, remove and recover runs."),
}


class Commands(click.Group):
    """A group whose members are found by name; plugins are loaded only for names that core does not know."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 (click calls it so)
        from ..hooks import commands

        return sorted({*CORE, *commands()})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name in CORE:
            return _load(CORE[cmd_name][0])
        from ..hooks import commands

        offered = commands()
        place = offered.get(cmd_name)
        if place is None:
            from ..hooks.installed import plugins

            idle = [info.name for info in plugins() if info.state != "active"]
            if idle and not ctx.resilient_parsing:
                hint = f"not active are the plugins {', '.join(idle)}; see: runicorn plugins list"
                raise click.UsageError(f"No such command {cmd_name!r}; {hint}")
            return None
        try:
            return _load(place)
        except Exception as error:
            doing = f"the command {cmd_name!r}"
            raise PluginError(offered.owner(cmd_name), doing, f"{type(error).__name__}: {error}") from error

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        rows = []
        for name in self.list_commands(ctx):
            if name in CORE:
                rows.append((name, CORE[name][1]))
            else:
                rows.append((name, self._short_help(ctx, name)))
        with formatter.section("Commands"):
            formatter.write_dl(rows)

    def _short_help(self, ctx: click.Context, name: str) -> str:
        """One line about a plugin's command; why it cannot be run, where it cannot."""
        try:
            command = self.get_command(ctx, name)
            return command.get_short_help_str(80) if command else ""
        except PluginError as error:
            return f"({error})"


def _load(place: str) -> click.Command:
    module, _, name = place.partition(":")
    command: click.Command = getattr(import_module(module), name)
    return command


@click.command(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="runicorn")
@click.option("--debug", is_flag=True, help="Show the whole traceback of an error.")
def cli(debug: bool) -> None:
    """Runicorn: a local-first experiment tracker. Start with: runicorn viewer"""


def main(arguments: list[str] | None = None) -> NoReturn:
    """Run the command line and end the process: 0 = done, 1 = the answer is no, 2 = wrong input."""
    arguments = sys.argv[1:] if arguments is None else arguments
    debug = "--debug" in arguments
    arguments = [argument for argument in arguments if argument != "--debug"]
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # what the terminal cannot show is no reason to show nothing
            stream.reconfigure(errors="backslashreplace")
    if sys.stdout is None:  # closed by whoever started this
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115 (it lives as long as the process)
    try:
        code = cli.main(arguments, prog_name="runicorn", standalone_mode=False)
        sys.stdout.flush()
    except click.exceptions.Abort:
        _leave("stopped", 130)
    except click.exceptions.NoArgsIsHelpError as error:
        _leave(error.format_message(), 2)
    except click.ClickException as error:
        if debug:
            raise
        _usage(error)
    except RunicornError as error:
        if debug:
            raise
        _leave(f"error: {error}", 2)
    except KeyboardInterrupt:
        _leave("stopped", 130)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # nothing may be flushed at exit
        sys.exit(141)
    except OSError as error:
        if debug:
            raise
        where = f" ({error.filename})" if error.filename else ""
        _leave(f"error: {error.strerror or error}{where} (runicorn --debug shows where)", 1)
    except Exception as error:
        if debug:
            raise
        _leave(f"error: {type(error).__name__}: {error} (runicorn --debug shows where)", 1)
    sys.exit(code if isinstance(code, int) else 0)


def _usage(error: click.ClickException) -> NoReturn:
    hint = ""
    context: Any = getattr(error, "ctx", None)
    sentence = " ".join(error.format_message().split()).rstrip(".")  # click lists choices on lines of their own
    sentence = sentence.replace("a valid integer range", "a valid integer")  # click's name for its own type
    if isinstance(error, click.UsageError) and context is not None and "see: " not in sentence:
        hint = f" (see: {context.command_path} --help)"
    _leave(f"error: {sentence}{hint}", 2 if isinstance(error, click.UsageError) else 1)


def _leave(sentence: str, code: int) -> NoReturn:
    click.echo(sentence, err=True)
    sys.exit(code)
