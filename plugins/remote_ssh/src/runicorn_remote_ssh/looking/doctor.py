"""``runicorn remote doctor``: what connecting needs, step by step, and the first one that fails named."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable

import click
from runicorn.contracts import Check


@click.command()
@click.argument("host", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print an array of objects.")
def doctor(host: str | None, as_json: bool) -> None:
    """Check what connecting needs on this machine; with HOST, connect and check what is there.

    HOST: a name of your ~/.ssh/config, [user@]host, or ssh://[user@]host[:port]. Exits with 1 when something is wrong.
    """
    from runicorn.serialize import dumps

    from .checks_here import checks_here

    found: list[Check] = []

    def tell(check: Check) -> None:
        found.append(check)
        if not as_json:
            click.echo(f"{'ok  ' if check.ok else 'FAIL'}  {check.name:<16} {check.detail}")

    for check in checks_here():
        tell(check)
    if host is not None:
        asyncio.run(_look(host, tell))
    if as_json:
        shown = [{"name": c.name, "ok": c.ok, "detail": c.detail, "ms": round(c.ms, 1)} for c in found]
        click.echo(dumps(shown, indent=True), nl=False)
    sys.exit(0 if all(check.ok for check in found) else 1)


async def _look(host: str, tell: Callable[[Check], None]) -> None:
    from .checks_there import look

    await look(host, tell)
