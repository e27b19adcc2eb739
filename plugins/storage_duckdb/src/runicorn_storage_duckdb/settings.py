"""The section ``[storage-duckdb]`` of the configuration."""

from __future__ import annotations

import re

from attrs import field, frozen
from runicorn.config import about

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

    memory: str = field(
        default="128MB", validator=_size, metadata=about("that DuckDB may hold", zh="DuckDB 可以占用的内存")
    )
    threads: int = field(
        default=2, validator=_positive, metadata=about("that DuckDB may use", zh="DuckDB 可以使用的线程数")
    )
    sql_timeout: float = field(
        default=30.0,
        validator=_positive,
        metadata=about("seconds that one SQL statement may run", zh="一条 SQL 语句最多运行的秒数"),
    )
    sql_beyond_loopback: bool = field(
        default=False, metadata=about("a viewer that others can reach answers SQL", zh="可被他人访问的查看器也回答 SQL")
    )
