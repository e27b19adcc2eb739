"""``runicorn plugins``."""

from __future__ import annotations

import difflib
import sys
from collections.abc import Sequence
from pathlib import Path
from sysconfig import get_path
from typing import Any

import attrs
import click

from ..errors import PluginNotFound
from ..hooks import survey
from ..loader import UNWELL, PluginInfo, choose, current_rules, installed_plugins, switch_plugins, unloaded
from ..loader.state import Switch
from .output import pairs, print_json, print_table, short
from .scaffold import KINDS, write_plugin
from .stubs import write_stubs


@click.group()
def plugins() -> None:
    """See which plugins are installed, switch them, and start one of your own."""


@plugins.command("list")
@click.option("--check", is_flag=True, help="Load them, and exit with 1 when one does not work.")
@click.option("--json", "as_json", is_flag=True, help="Print an array of objects.")
def list_(check: bool, as_json: bool) -> None:
    """List the installed plugins. Without --check nothing is imported."""
    infos = survey() if check else _declared()
    if as_json:
        print_json([_facts(info) if check else _declared_facts(info) for info in infos])
    elif not infos:
        click.echo("no plugins are installed: runs are kept in the spool until a storage plugin is there", err=True)
    elif check:
        rows = [[*_head(info), ", ".join(info.adds), _figure(info.load_ms), _figure(info.load_mb)] for info in infos]
        print_table(["NAME", "VERSION", "STATE", "ADDS", "MS", "MB"], rows, right=["MS", "MB"])
    else:
        print_table(["NAME", "VERSION", "STATE"], [_head(info) for info in infos])
    if check and any(info.state in UNWELL for info in infos):
        sys.exit(1)


def _declared() -> list[PluginInfo]:
    """What metadata and state files say. What is not ruled out is ``active`` as soon as it is loaded."""
    choices = choose(installed_plugins(), current_rules())
    return [unloaded(choice.plugin, choice.state or "active", choice.reason) for choice in choices]


def _head(info: PluginInfo) -> list[str]:
    state = info.line()
    if info.state == "active" and info.load_ms is None:
        state = "enabled"
    elif info.state == "disabled":
        state = f"disabled {info.reason}"
    elif info.state == "broken":
        state += f" (runicorn plugins info {info.name})"
    return [info.name, info.version, state]


def _figure(value: float | None) -> str:
    return "–" if value is None else f"{value:.1f}"


def _declared_facts(info: PluginInfo) -> dict[str, object]:
    return {
        "name": info.name,
        "distribution": info.distribution,
        "version": info.version,
        "state": "enabled" if info.state == "active" else info.state,
        "reason": info.reason,
    }


def _facts(info: PluginInfo) -> dict[str, Any]:
    return {
        "name": info.name,
        "distribution": info.distribution,
        "version": info.version,
        "state": info.state,
        "reason": info.reason,
        "adds": list(info.adds),
        "hooks": list(info.hooks),
        "load_ms": None if info.load_ms is None else round(info.load_ms, 2),
        "load_mb": None if info.load_mb is None else round(info.load_mb, 2),
        "errors": list(info.errors),
        "warnings": list(info.warnings),
    }


@plugins.command()
@click.argument("name")
@click.option("--json", "as_json", is_flag=True, help="Print an array of objects.")
def info(name: str, as_json: bool) -> None:
    """Load the plugins and tell everything about one."""
    _known([name])
    found = [_details(one) for one in survey() if one.name == name]
    if as_json:
        print_json(found)
        return
    for details in found:
        click.echo(f"{name} {details['version']}  {details.pop('line')}")
        settings = details.pop("settings")
        shown = {key: ", ".join(v) if isinstance(v, list) else short(v) for key, v in details.items() if v}
        pairs("Plugin", shown)
        pairs(f"Settings [{name}]", settings)


def _details(info: PluginInfo) -> dict[str, Any]:
    from importlib.metadata import metadata, requires

    from ..config import load_config
    from ..hooks import config_schemas

    schema = config_schemas().get(info.name)
    prefix = info.name + "."
    settings = load_config().items({info.name: schema} if schema else {})
    secret = {f.name for f in attrs.fields(schema) if f.metadata.get("secret")} if schema else set()
    return {
        "line": info.line(),
        **_facts(info),
        "summary": metadata(info.distribution)["Summary"] or "",
        "module": info.module,
        "file": info.file,
        "requires": [line for line in requires(info.distribution) or [] if "extra ==" not in line],
        "settings": {
            (field := key.removeprefix(prefix)): "(secret)" if field in secret and value else value
            for key, value, _ in settings
            if key.startswith(prefix)
        },
    }


@plugins.command()
@click.argument("names", nargs=-1, required=True)
@click.option("--project", is_flag=True, help="Only for the project of this folder.")
def enable(names: tuple[str, ...], project: bool) -> None:
    """Let plugins run again, from the next start on."""
    _switch(names, "enable", project)


@plugins.command()
@click.argument("names", nargs=-1, required=True)
@click.option("--project", is_flag=True, help="Only for the project of this folder.")
def disable(names: tuple[str, ...], project: bool) -> None:
    """Keep plugins from running, from the next start on; they are not even imported."""
    _switch(names, "disable", project)


@plugins.command()
@click.argument("name")
@click.option("--kind", type=click.Choice(KINDS), required=True, help="What it adds.")
@click.option(
    "--into", type=click.Path(file_okay=False, path_type=Path), default=".", help="Folder to make it in; default: here."
)
def new(name: str, kind: str, into: Path) -> None:
    """Write a new plugin: a complete distribution whose tests pass."""
    for path in write_plugin(name, kind, into):
        click.echo(path)
    click.echo(f'next: cd {into / name} && pip install -e ".[test]" && pytest', err=True)


@plugins.command()
@click.option(
    "--into", type=click.Path(file_okay=False, path_type=Path), help="Folder to write into; default: site-packages."
)
def stubs(into: Path | None) -> None:
    """Tell type checkers and editors the names that plugins add, such as rn.Image and run.log_image."""
    click.echo(write_stubs(into or Path(get_path("purelib"))))


def _switch(names: Sequence[str], switch: Switch, project: bool) -> None:
    _known(names)
    path = switch_plugins(names, switch, project=project)
    rules = current_rules()
    for name in names:
        click.echo(f"{name} {switch}d in {path}; running programs keep what they have loaded")
        against = rules.reason_against(name)
        if switch == "enable" and against:
            click.echo(f"note: {name} is still {against}", err=True)


def _known(names: Sequence[str]) -> None:
    """:raises PluginNotFound: one of them is not installed; nothing is changed then."""
    installed = {plugin.name for plugin in installed_plugins()}
    for name in names:
        if name not in installed:
            raise PluginNotFound(name, next(iter(difflib.get_close_matches(name, installed, n=1)), ""))
