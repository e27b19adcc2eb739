"""``runicorn remote hosts | ls | forget``."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from ..config import SSHConfig


as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.command()
@as_json
def hosts(as_json: bool) -> None:
    """The hosts of ~/.ssh/config, and the connections that were saved in the viewer."""
    from runicorn.errors import InvalidArgument

    from ..config import SSHConfig, host_aliases, resolve
    from ..serving.saved import saved_connections

    rows: list[dict[str, Any]] = []
    for alias in host_aliases():
        try:
            where = resolve(SSHConfig(alias))
        except InvalidArgument as error:
            rows.append({"name": alias, "from": "ssh config", "error": str(error)})
            continue
        hops = [hop.host for hop in where.jump]
        rows.append(
            {
                "name": alias,
                "from": "ssh config",
                "address": f"{where.username}@{where.host}:{where.port}",
                "jump": hops,
            }
        )
    for one in saved_connections():
        address = f"{one.config.username + '@' if one.config.username else ''}{one.config.host}"
        rows.append(
            {
                "name": one.name,
                "from": "saved",
                "address": address,
                "jump": list(one.config.jump or ()),
                "root": one.root,
            }
        )
    if as_json:
        _print(rows)
    elif not rows:
        click.echo("~/.ssh/config names no host and none is saved; any HOST can be given directly")
    for row in [] if as_json else rows:
        through = f"  through {', '.join(row['jump'])}" if row.get("jump") else ""
        click.echo(f"{row['name']:<24}{row.get('address') or row.get('error'):<40}{row['from']}{through}")


@click.command()
@click.argument("host")
@click.argument("path", default="~")
@as_json
def ls(host: str, path: str, as_json: bool) -> None:
    """What a folder on HOST holds, read by SFTP."""
    from attrs import asdict

    from ..terminal import connected
    from .folders import list_folder

    config = parse_host(host)

    async def look_in() -> Any:
        async with connected(config) as connection:
            return await list_folder(connection, path)

    folder = asyncio.run(look_in())
    if as_json:
        _print(asdict(folder))
        return
    for entry in folder.entries:
        name = _printable(entry.name) if sys.stdout.isatty() else entry.name
        click.echo(f"{name}{'/' if entry.kind == 'folder' else ''}")
    if folder.more:
        click.echo("... and more", err=True)


@click.command()
@click.argument("host")
def forget(host: str) -> None:
    """Remove the key of HOST that was accepted here, because the host was set up anew."""
    from ..config import resolve
    from ..known_hosts import KnownHosts

    where = resolve(parse_host(host))
    known = KnownHosts().told(where.keys_of_hosts)
    name, port = where.on_file
    removed = known.remove(name, port)
    click.echo(f"{removed} {'key' if removed == 1 else 'keys'} of {name} port {port} removed from {known.own}")
    for step in known.steps(name, port):
        click.echo(f"A file of yours knows it too; to remove it there: {step}", err=True)


def parse_host(text: str) -> SSHConfig:
    """
    :raises InvalidArgument: it names no host.
    """
    from ..config import SSHConfig, hop

    return SSHConfig.from_uri(text)[0] if "://" in text else hop(text)


def _printable(name: str) -> str:
    """What may be shown on a terminal: a name of another machine is no command to it."""
    return "".join(c if c.isprintable() else "?" for c in name)


def _print(value: object) -> None:
    from runicorn.serialize import dumps

    click.echo(dumps(value, indent=True).decode(), nl=False)
