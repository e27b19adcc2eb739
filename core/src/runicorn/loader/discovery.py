"""Which plugins are installed: entry points of the group ``runicorn``. Nothing of a plugin is imported."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from importlib import import_module
from typing import Any

from attrs import frozen

from ..distributions import distributions

GROUP = "runicorn"
_ENTRY = re.compile(r"(?P<name>[^=#;]+?)\s*=\s*(?P<value>[\w.]+(?:\s*:\s*[\w.]+)?)\s*(?:\[.*\])?$")


@frozen
class Installed:
    """One entry point and the distribution that declares it."""

    name: str
    distribution: str
    version: str
    value: str  # "module" or "module:object"

    @property
    def package(self) -> str:
        """The importable package that it stands in, e.g. ``acme_watch``."""
        return self.value.partition(":")[0].strip().partition(".")[0]

    def load(self) -> Any:
        """Import what the entry point names. Raises whatever the plugin's module raises."""
        module, _, attribute = (part.strip() for part in self.value.partition(":"))
        found: Any = import_module(module)
        for name in filter(None, attribute.split(".")):
            found = getattr(found, name)
        return found


def installed_plugins() -> Sequence[Installed]:
    """Every declared plugin, by name; the same name of two distributions stands twice.

    Of a distribution that is found twice on ``sys.path`` the first one counts, as it does for import.
    """
    found: list[Installed] = []
    seen: set[str] = set()
    for distribution in distributions():
        declared = distribution.read("entry_points.txt")
        if f"[{GROUP}]" not in declared:
            continue
        name, version = (known or "unknown" for known in distribution.identity())
        key = re.sub(r"[-_.]+", "-", name).lower()
        if key not in seen:
            seen.add(key)
            found += [Installed(plugin, name, version, value) for plugin, value in entries(declared)]
    return sorted(found, key=lambda plugin: (plugin.name, plugin.distribution))


def entries(text: str) -> Iterator[tuple[str, str]]:
    """(name, value) of the group's entry points in the text of an ``entry_points.txt``."""
    inside = False
    for line in map(str.strip, text.splitlines()):
        if line.startswith("["):
            inside = line == f"[{GROUP}]"
        elif inside and (match := _ENTRY.match(line)):
            yield match["name"], match["value"]
