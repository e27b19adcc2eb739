"""The entry point: ways to another machine's runs. Light to import."""

from __future__ import annotations

from collections.abc import Mapping

from runicorn.hookspecs import hookimpl

RUNICORN_API = 1


@hookimpl
def register_api() -> Mapping[str, str]:
    return {
        "SSHConfig": "runicorn_remote_ssh.config:SSHConfig",
        "SSHConnection": "runicorn_remote_ssh.connection:SSHConnection",
        "SSHConnectionPool": "runicorn_remote_ssh.pool:SSHConnectionPool",
    }
