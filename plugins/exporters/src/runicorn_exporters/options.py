"""Options of formats on the command line: ``--option NAME=VALUE``, and how ``--list`` shows them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import click


def parsed(texts: Sequence[str]) -> dict[str, str]:
    """:raises BadParameter: one is no ``name=value``."""
    return dict(_option(text) for text in texts)


def listed(options: type[Any]) -> str:
    """Every option with its default."""
    import attrs

    return " ".join(f"{field.name}={_default(field.default)}" for field in attrs.fields(options))


def _option(text: str) -> tuple[str, str]:
    name, parted, value = text.partition("=")
    if not parted:
        raise click.BadParameter(f"{text!r} must look like name=value", param_hint="--option")
    return name, value


def _default(value: object) -> object:
    return ",".join(value) if isinstance(value, tuple) else value
