"""What the points of each key add up to: in the manifest, or in a file of its own where there are thousands."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa

from .lines import read
from .manifest import KeyCount, Segment

#: Beyond this many, ``segments.json`` would be mostly them, and it is read by everybody who opens the run.
MANY_KEYS = 1000


def key_table(keys: Mapping[str, KeyCount]) -> Any:
    return pa.table(
        {
            "key": pa.array(keys, pa.string()),
            "numbers": pa.array((count.numbers for count in keys.values()), pa.int64()),
            "texts": pa.array((count.texts for count in keys.values()), pa.int64()),
            "crc32": pa.array((count.crc32 for count in keys.values()), pa.string()),
        }
    )


def keys_of(folder: Path, segment: Segment) -> Mapping[str, KeyCount]:
    """
    :raises StorageError: they stand in a file of their own, and it cannot be read.
    """
    path = segment.path("keys")
    if path is None:
        return segment.keys
    table = read(folder, path)
    columns = (table[name].to_pylist() for name in ("key", "numbers", "texts", "crc32"))
    return {key: KeyCount(numbers, texts, crc32) for key, numbers, texts, crc32 in zip(*columns, strict=True)}
