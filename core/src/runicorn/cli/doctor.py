"""``runicorn doctor``."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import click

from ..config import config_dir, load_config, state_dir
from ..contracts import Check
from ..errors import BackendNotFound, RunicornError
from ..hooks import config_schemas, open_store, run_health_checks
from ..loader import manager
from .output import print_json


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print an array of objects.")
def doctor(as_json: bool) -> None:
    """Check this installation and its storage; exit with 1 when something is wrong."""
    checks = [_guarded(name, check) for name, check in _OWN.items()] + run_health_checks()
    if as_json:
        print_json([{"name": c.name, "ok": c.ok, "detail": c.detail, "ms": round(c.ms, 1)} for c in checks])
    else:
        for check in checks:
            click.echo(f"{'ok  ' if check.ok else 'FAIL'}  {check.name:<16} {check.detail}")
    sys.exit(0 if all(check.ok for check in checks) else 1)


def _guarded(name: str, check: Callable[[], str]) -> Check:
    try:
        return Check(name, True, check())
    except (RunicornError, OSError) as error:
        return Check(name, False, str(error))


def _configuration() -> str:
    from ..errors import ConfigError

    current = load_config()
    schemas = config_schemas()
    unknown = current.unknown_sections(set(schemas))
    if unknown:
        raise ConfigError(unknown[0], "is no section of core or of an active plugin")
    for _ in current.items(schemas):
        pass  # each section is checked as it is made
    return f"read from {config_dir() / 'config.toml'} and the project"


def _plugins() -> str:
    from ..errors import PluginError

    infos = manager().plugins()
    for info in infos:
        if info.state in ("broken", "incompatible", "conflicting"):
            raise PluginError(info.name, "loading", info.line())
    active = sum(info.state == "active" for info in infos)
    return f"{active} active of {len(infos)} installed"


def _storage() -> str:
    root = folder = load_config().storage.folder
    while not folder.exists():
        folder = folder.parent
    if not os.access(folder, os.W_OK):
        raise PermissionError(f"{folder} may not be written; set storage.root")
    try:
        open_store(root).close()
    except BackendNotFound as error:
        raise PermissionError(f"{error}; until then runs go to the spool") from error
    free = shutil.disk_usage(folder).free
    if free < 1 << 30:
        raise OSError(f"only {free / 2**20:.0f} MB are free below {folder}")
    return f"{root} ({free / 2**30:.0f} GB free)"


def _spool() -> str:
    waiting = list(Path(state_dir()).glob("spool-*.jsonl"))
    if waiting:
        raise OSError(f"{len(waiting)} spools wait below {state_dir()}; run: runicorn runs recover")
    return "nothing waits to be recovered"


_OWN: dict[str, Callable[[], str]] = {
    "configuration": _configuration,
    "plugins": _plugins,
    "storage": _storage,
    "spool": _spool,
}
