"""Which plugins are installed: entry points of the group ``runicorn``. Nothing is imported."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import EntryPoint, distributions

from attrs import frozen

GROUP = "runicorn"


@frozen
class Installed:
    """One entry point and the distribution that declares it."""

    name: str
    distribution: str
    version: str
    entry_point: EntryPoint


def installed_plugins() -> Sequence[Installed]:
    """Every declared plugin, by name; the same name of two distributions stands twice.

    Of a distribution that is found twice on ``sys.path`` the first one counts, as it does for import.
    """
    found: list[Installed] = []
    seen: set[str] = set()
    for distribution in distributions():
        text = distribution.read_text("entry_points.txt")
        if text is None or f"[{GROUP}]" not in text:
            continue
        metadata = distribution.metadata
        name = metadata["Name"] or "unknown"
        if name in seen:
            continue
        seen.add(name)
        version = metadata["Version"] or "unknown"
        found += [Installed(e.name, name, version, e) for e in distribution.entry_points if e.group == GROUP]
    return sorted(found, key=lambda plugin: (plugin.name, plugin.distribution))
