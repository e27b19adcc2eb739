"""``runicorn config``."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from ..config import config_dir, load_config, set_user_value, unset_user_value
from ..config.layers import Config, project_file
from ..config.schema import SECTIONS
from ..config.values import plain, structure
from ..errors import ConfigError
from ..hooks import config_schemas
from .output import print_json, print_table, short

#: Names of fields that are secrets though a schema does not say so.
SECRETS = ("token", "password", "secret", "key")


@click.group()
def config() -> None:
    """Show and change the configuration.

    Order of precedence: arguments, RUNICORN_* variables, the project's runicorn.toml (or [tool.runicorn] in
    pyproject.toml), the user's config.toml, defaults.
    """


def _items(current: Config) -> list[tuple[str, Any, str]]:
    schemas = config_schemas()
    unknown = current.unknown_sections(set(schemas))
    if unknown:
        raise ConfigError(unknown[0], "is no section of core or of an active plugin")
    return [(key, _hidden(key, value, schemas), origin) for key, value, origin in current.items(schemas)]


def _hidden(key: str, value: Any, schemas: Mapping[str, type[Any]]) -> Any:
    """What is shown of a value: of a secret only that there is one."""
    import attrs

    section, _, name = key.partition(".")
    schema = schemas.get(section)
    declared = schema is not None and any(f.name == name and f.metadata.get("secret") for f in attrs.fields(schema))
    return "(set)" if value and (declared or name in SECRETS) else value


@config.command()
@click.option("--origin", is_flag=True, help="Say where each value comes from.")
@click.option("--json", "as_json", is_flag=True, help="Print an array of objects.")
def show(origin: bool, as_json: bool) -> None:
    """Show every value that holds here."""
    items = _items(load_config())
    if as_json:
        print_json([{"key": key, "value": value, "origin": at} for key, value, at in items])
        return
    columns = ["KEY", "VALUE", "ORIGIN"] if origin else ["KEY", "VALUE"]
    print_table(columns, [[key, short(value), at][: len(columns)] for key, value, at in items])


@config.command()
@click.argument("key")
def get(key: str) -> None:
    """Print one value, e.g. storage.root."""
    for known, value, _ in _items(load_config()):
        if known == key:
            click.echo(short(value))
            return
    raise ConfigError(key, "is unknown; see: runicorn config show")


@config.command("set")
@click.argument("key")
@click.argument("value")
def set_(key: str, value: str) -> None:
    """Write KEY = VALUE into the user's config.toml. Lists are written with commas."""
    section, _, name = key.partition(".")
    schemas: dict[str, type[Any]] = {**SECTIONS, **config_schemas()}
    if section not in schemas:
        raise ConfigError(section, f"is no section (known: {', '.join(schemas)})")
    made: Any = structure(section, schemas[section], {name: value}, {})
    path = set_user_value(key, plain(getattr(made, name)))
    click.echo(f"{key} = {short(_hidden(key, plain(getattr(made, name)), schemas))} in {path}")
    origin = load_config().origin(key)
    if origin not in (str(path), "default"):
        click.echo(f"note: {origin} still decides here", err=True)


@config.command()
@click.argument("key")
def unset(key: str) -> None:
    """Remove KEY from the user's config.toml."""
    if not unset_user_value(key):
        raise ConfigError(key, f"does not stand in {config_dir() / 'config.toml'}")
    click.echo(f"{key} removed")


@config.command()
def path() -> None:
    """Print the files that are read, the last one wins."""
    files: list[Path | None] = [config_dir() / "config.toml", project_file()]
    for file in files:
        if file is not None:
            click.echo(f"{file}{'' if file.is_file() else '  (does not exist)'}")
