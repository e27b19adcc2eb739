"""``runicorn remote environments``: what installations left on other machines, and taking it away."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click
from runicorn.errors import InvalidArgument

if TYPE_CHECKING:
    from ..config import SSHConfig
    from .line import Line
    from .private import PrivateEnvironment


@click.command("environments")
@click.argument("host")
@click.option("--remove", multiple=True, metavar="NAME", help="Remove this one; old: all but the newest. Repeatable.")
@click.option("--yes", is_flag=True, help="Remove without asking.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def environments_command(host: str, remove: tuple[str, ...], *, yes: bool, as_json: bool) -> None:
    """Environments that installing Runicorn from here has made on HOST. One that is in use is never removed."""
    from .command import parse

    asyncio.run(_environments(parse(host)[0], remove, yes=yes, as_json=as_json))


async def _environments(config: SSHConfig, remove: Sequence[str], *, yes: bool, as_json: bool) -> None:
    from attrs import asdict
    from runicorn.serialize import dumps

    from ..terminal import connected
    from .line import SSHLine
    from .private import private_environments

    async with connected(config) as connection:
        line = SSHLine(connection)
        found, _ = await private_environments(line)
        removed: tuple[str, ...] = ()
        names = [one.name for one in _chosen(found, remove)]
        if names and (yes or await _agreed(line, names)):
            found, removed = await private_environments(line, names)
    if as_json:
        click.echo(dumps({"environments": [asdict(one) for one in found], "removed": removed}, indent=True).decode())
        return
    for name in removed:
        click.echo(f"Removed {name}")
    for one in found:
        click.echo(row(one))
    if not found:
        click.echo(f"No environment of ours is on {line.host}.", err=True)


def _chosen(found: Sequence[PrivateEnvironment], remove: Sequence[str]) -> list[PrivateEnvironment]:
    from .private import outdated

    by_name = {one.name: one for one in found}
    chosen: dict[str, PrivateEnvironment] = {}
    for name in remove:
        if name == "old":
            chosen |= {one.name: one for one in outdated(found)}
        elif name not in by_name:
            raise InvalidArgument("remove", name, "is none of those that are there")
        elif by_name[name].in_use:
            raise InvalidArgument("remove", name, "is in use; end its viewer first: runicorn remote list")
        else:
            chosen[name] = by_name[name]
    return list(chosen.values())


async def _agreed(line: Line, names: Sequence[str]) -> bool:
    from ..typing_in import confirmed

    if not sys.stdin.isatty():
        raise InvalidArgument("remove", ", ".join(names), "needs --yes where nobody can be asked")
    return await confirmed(f"Remove {', '.join(names)} on {line.host}?")


async def offer_to_clean(line: Line) -> None:
    """After an installation: those that it replaces may go."""
    from ..typing_in import confirmed
    from .private import outdated, private_environments

    old = outdated((await private_environments(line))[0])
    if not old:
        return
    size = sum(one.bytes for one in old) / 2**20
    click.echo(f"{line.host} has {len(old)} older of ours, {size:.0f} MiB:", err=True)
    for one in old:
        click.echo(f"  {row(one)}", err=True)
    if not sys.stdin.isatty():
        click.echo(f"Remove them with: runicorn remote environments {line.host} --remove old", err=True)
    elif await confirmed("Remove them?"):
        await private_environments(line, [one.name for one in old])


def row(one: PrivateEnvironment) -> str:
    state = "in use" if one.in_use else "ready" if one.complete else "not finished"
    made = time.strftime("%Y-%m-%d %H:%M", time.localtime(one.made))
    return "\t".join((one.name, made, f"{one.bytes / 2**20:.0f} MiB", state, one.path))
