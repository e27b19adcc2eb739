"""Read, change, replace, for documents that several people may edit at once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from runicorn.serialize import dumps, write_bytes

if TYPE_CHECKING:
    from runicorn.types import JSON, JSONObject


def replace_compared(
    path: Path, read: Callable[[], dict[str, JSON]], change: Callable[[dict[str, JSON]], JSONObject]
) -> None:
    """Replace a document by what ``change`` makes of it; begin again when it was replaced meanwhile.

    Two replacements in the same instant remain possible: there are no locks. The last one wins, and none is torn.

    :param read: the document as ``change`` is to see it.
    :raises OSError: nothing was changed.
    """
    while True:
        before = _content(path)
        data = dumps(change(read()), indent=True)
        if _content(path) == before:
            if data != before:
                write_bytes(path, data)
            return


def _content(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
