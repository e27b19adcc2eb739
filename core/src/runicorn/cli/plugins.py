"""``runicorn plugins``."""

from __future__ import annotations

import difflib
import sys
from typing import Any

import click

from ..errors import PluginNotFound
from ..plugins import Installed, PluginInfo, current_rules, installed_plugins, manager, switch_plugins
from ..plugins.state import Switch
from .output import pairs, print_json, print_table, short


@click.group()
def plugins() -> None:
    """See which plugins are installed and what became of them."""


@plugins.command("list")
@click.option("--check", is_flag=True, help="Load them, and exit with 1 when one is broken.")
@click.option("--json", "as_json", is_flag=True, help="Print an array of objects.")
def list_(check: bool, as_json: bool) -> None:
    """List the installed plugins. Without --check nothing is imported."""
    rows = _checked() if check else _declared()
    if as_json:
        print_json(rows)
    elif not rows:
        click.echo("no plugins are installed: runs are kept in the spool until a storage plugin is there", err=True)
    else:
        columns = ["NAME", "VERSION", "STATE", "MS", "HOOKS"] if check else ["NAME", "VERSION", "STATE"]
        print_table(columns, [_cells(row, check) for row in rows], right=["MS"])
    if check and any(row["state"] in ("broken", "conflicting", "incompatible") for row in rows):
        sys.exit(1)


def _cells(row: dict[str, object], check: bool) -> list[str]:
    state = f"{row['state']}: {row['reason']}" if row["reason"] else str(row["state"])
    if row["state"] == "disabled":
        state = f"disabled {row['reason']}"
    cells = [str(row["name"]), str(row["version"]), state]
    if check:
        took = row["load_ms"]
        hooks = row["hooks"]
        assert isinstance(hooks, list)
        cells += [f"{took:.1f}" if isinstance(took, float) else "–", " ".join(hooks)]
    return cells


def _declared() -> list[dict[str, object]]:
    rules = current_rules()
    rows: list[dict[str, object]] = []
    for plugin in installed_plugins():
        against = rules.reason_against(plugin.name)
        rows.append(
            {
                "name": plugin.name,
                "distribution": plugin.distribution,
                "version": plugin.version,
                "state": "disabled" if against else "enabled",
                "reason": against.removeprefix("disabled "),
            }
        )
    return rows


def _checked() -> list[dict[str, object]]:
    return [
        {
            "name": info.name,
            "distribution": info.distribution,
            "version": info.version,
            "state": info.state,
            "reason": info.reason,
            "load_ms": None if info.load_ms is None else round(info.load_ms, 2),
            "hooks": list(info.hooks),
            "errors": list(info.errors),
        }
        for info in manager().plugins()
    ]


def _find(name: str) -> Installed:
    found = {plugin.name: plugin for plugin in installed_plugins()}
    if name not in found:
        raise PluginNotFound(name, next(iter(difflib.get_close_matches(name, found, n=1)), ""))
    return found[name]


@plugins.command()
@click.argument("name")
@click.option("--json", "as_json", is_flag=True, help="Print an array of objects.")
def info(name: str, as_json: bool) -> None:
    """Load one plugin and tell everything about it."""
    installed = _find(name)
    (loaded,) = [one for one in manager().plugins() if one.name == name]
    facts = _facts(installed, loaded)
    if as_json:
        print_json([facts])
        return
    click.echo(f"{name} {installed.version}  {loaded.line()}")
    settings = facts.pop("settings")
    pairs("Plugin", {key: ", ".join(v) if isinstance(v, list) else short(v) for key, v in facts.items() if v})
    pairs(f"Settings [{name}]", settings)


def _facts(installed: Installed, loaded: PluginInfo) -> dict[str, Any]:
    from importlib.metadata import metadata, requires

    from ..config import load_config
    from ..hooks import config_schemas

    schema = config_schemas().get(installed.name)
    prefix = installed.name + "."
    settings = load_config().items({installed.name: schema} if schema else {})
    return {
        "name": installed.name,
        "distribution": installed.distribution,
        "version": installed.version,
        "summary": metadata(installed.distribution)["Summary"] or "",
        "module": installed.entry_point.value,
        "requires": [line for line in requires(installed.distribution) or [] if "extra ==" not in line],
        "state": loaded.state,
        "reason": loaded.reason,
        "load_ms": loaded.load_ms,
        "hooks": list(loaded.hooks),
        "errors": list(loaded.errors),
        "settings": {key.removeprefix(prefix): value for key, value, _ in settings if key.startswith(prefix)},
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


def _switch(names: tuple[str, ...], switch: Switch, project: bool) -> None:
    for name in names:
        _find(name)
    path = switch_plugins(names, switch, project=project)
    rules = current_rules()
    for name in names:
        click.echo(f"{name} {switch}d in {path}; running programs keep what they have loaded")
        against = rules.reason_against(name)
        if switch == "enable" and against:
            click.echo(f"note: {name} is still {against}", err=True)
