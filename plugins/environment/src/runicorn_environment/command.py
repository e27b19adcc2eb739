"""``runicorn environment``: what a run ran on, what this machine is, and how two runs differ."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Mapping


@click.command()
@click.argument("run", nargs=-1)
@click.option("--patch", is_flag=True, help="Print what was not committed, for git apply.")
@click.option("--root", metavar="DIR", help="Storage root; by default the configured one.")
def environment(run: tuple[str, ...], patch: bool, root: str | None) -> None:
    """Tell what RUN ran on; of two runs, what differs; without a run, what this machine is."""
    from runicorn.serialize import dumps

    if len(run) > 2:
        raise click.UsageError("give no run, one run, or two to compare")
    if not run:
        from .capture import EnvironmentCapture

        found = EnvironmentCapture().capture()
        if not patch:
            click.echo(dumps(found, indent=True), nl=False)
            return
        described = [found]
    else:
        described = [_of_run(name, root) for name in run]
    if patch:
        if len(described) > 1:
            raise click.UsageError("--patch takes one run")
        git = described[0].get("git")
        click.echo((git.get("patch") if isinstance(git, dict) else None) or "", nl=False)
    elif len(described) == 1:
        click.echo(dumps(described[0], indent=True), nl=False)
    else:
        for name, (before, after) in sorted(differences(*described).items()):
            click.echo(f"{name}\t{_short(before)}\t{_short(after)}")


def _of_run(name: str, root: str | None) -> dict[str, Any]:
    from runicorn.hooks import find_run, open_store

    store = open_store(root)
    found = store.open_run(find_run(store, name).ref).read("environment").get("environment")
    return dict(found) if isinstance(found, dict) else {}


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    """Name with ``/`` between the levels -> (before, after), for all values that differ; None where there is none."""
    one, other = dict(_flat(before, "")), dict(_flat(after, ""))
    names = one.keys() | other.keys()
    return {name: (one.get(name), other.get(name)) for name in names if one.get(name) != other.get(name)}


def _flat(value: Mapping[str, Any], prefix: str) -> list[tuple[str, Any]]:
    found = []
    for name, inner in value.items():
        found += _flat(inner, f"{prefix}{name}/") if isinstance(inner, dict) else [(prefix + name, inner)]
    return found


def _short(value: object) -> str:
    from runicorn.serialize import dumps

    text = "–" if value is None else value if isinstance(value, str) else dumps(value).decode()
    return text if len(text) <= 200 else f"{text[:200]}…"
