"""Lines of a run's log, readable by people and by ``tail -f``."""

from __future__ import annotations

from time import gmtime, strftime


def log_lines(text: str, stream: str, ts: float) -> list[bytes]:
    """One prefixed line for each line of the text: ``2026-11-23T15:01:02.123Z text | ...``.

    :param stream: ``stdout``, ``stderr``, ``text`` or ``log/<level>``.
    """
    whole, part = divmod(int(ts * 1000), 1000)
    prefix = f"{strftime('%Y-%m-%dT%H:%M:%S', gmtime(whole))}.{part:03d}Z {stream} | "
    lines = text.removesuffix("\n").split("\n")
    return [f"{prefix}{line.removesuffix(chr(13))}\n".encode("utf-8", "backslashreplace") for line in lines]
