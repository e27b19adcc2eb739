"""System metrics of a run, from whatever backend keeps them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..contracts import RunReader
    from ..model.system import SystemSeries


def system_metrics(reader: RunReader, keys: Sequence[str] | None = None) -> Sequence[SystemSeries]:
    """What samplers measured, sorted by (key, host); nothing where the backend keeps none.

    :param keys: None = all.
    """
    from ..contracts.storage import SystemReader

    return reader.system(keys) if isinstance(reader, SystemReader) else ()
