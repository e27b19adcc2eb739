"""``runicorn plugins``."""

from __future__ import annotations

import sys

import click

from ..plugins import current_rules, installed_plugins, manager
from .output import print_json, print_table


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
