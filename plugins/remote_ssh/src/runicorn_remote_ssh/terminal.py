"""Connecting from a terminal: what a host asks is asked there."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import click

from .errors import HostKeyUnknown

if TYPE_CHECKING:
    from .config import SSHConfig
    from .connection import SSHConnection
    from .pool import SSHConnectionPool


@asynccontextmanager
async def connected(config: SSHConfig) -> AsyncIterator[SSHConnection]:
    """A connection for as long as the context lasts.

    :raises RemoteError: there is none to be had, or the user did not want it.
    """
    from .pool import SSHConnectionPool

    pool = SSHConnectionPool()
    try:
        yield await connect(pool, config)
    finally:
        await pool.close_all()


async def connect(pool: SSHConnectionPool, config: SSHConfig) -> SSHConnection:
    """A connection of a pool; a key that was never seen is shown, and asked about.

    :raises RemoteError: there is none to be had, or the user did not want it.
    """
    from .prompts import NoPrompts, TerminalPrompts
    from .typing_in import confirmed

    answers = sys.stdin is not None and sys.stdin.isatty()  # a service may have none at all
    prompts = TerminalPrompts() if answers else NoPrompts()
    for _ in range(8):  # hosts on the way have keys of their own
        try:
            return await pool.connect(config, prompts=prompts)
        except HostKeyUnknown as unknown:
            if unknown.strict or not answers:
                raise
            click.echo(f"{unknown.host} port {unknown.port} shows a key that was never seen before:", err=True)
            click.echo(f"  {unknown.key_type} {unknown.fingerprint}", err=True)
            click.echo("Compare it with what the administrator of that machine says.", err=True)
            if not await confirmed("Is this the right one?"):
                raise
            pool.known_hosts.accept(unknown.host, unknown.port, unknown.fingerprint)
    return await pool.connect(config, prompts=prompts)
