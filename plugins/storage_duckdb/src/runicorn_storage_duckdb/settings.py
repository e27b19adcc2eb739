"""The section ``[storage-duckdb]`` of the configuration."""

from __future__ import annotations

import re

from attrs import field, frozen

_SIZE = re.compile(r"\d+(\.\d+)? ?(KB|MB|GB|TB|KiB|MiB|GiB|TiB)")


def _size(section: object, attribute: object, value: str) -> None:  # noqa: ARG001 (attrs calls it so)
    if not _SIZE.fullmatch(value):
        raise ValueError("a size such as '256MB' is expected")


def _positive(section: object, attribute: object, value: float) -> None:  # noqa: ARG001
    if not value > 0:
        raise ValueError("a number above 0 is expected")


@frozen
class StorageDuckdbSection:
    """What the index may take from a machine that trains."""

    memory: str = field(default="128MB", validator=_size)  # that DuckDB may hold
    threads: int = field(default=2, validator=_positive)
    sql_timeout: float = field(default=30.0, validator=_positive)  # seconds that one SQL statement may run
    sql_beyond_loopback: bool = False  # whether a viewer that others can reach answers SQL
