"""Calling implementations one by one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

import pluggy

from ..errors import PluginConflict
from ..plugins import manager

Value = TypeVar("Value")


def bound(impl: pluggy.HookImpl, arguments: dict[str, Any]) -> Callable[[], Any]:
    """The implementation with those of the arguments that it takes."""
    wanted = {name: arguments[name] for name in impl.argnames}
    return lambda: impl.function(**wanted)


def each(hook: str, **arguments: Any) -> Iterator[tuple[str, Any]]:
    """(plugin name, result) of every implementation that returned; None results are left out."""
    current = manager()
    for impl in current.implementations(hook):
        try:
            result = bound(impl, arguments)()
            if isinstance(result, Iterable) and not isinstance(result, (str, bytes, dict, list, tuple)):
                result = list(result)  # a generator raises here, inside the guard
        except Exception as error:
            if current.strict:
                raise
            current.record_error(impl.plugin_name, hook, error)
            continue
        if result is not None:
            yield impl.plugin_name, result


def by_name(kind: str, offers: Iterable[tuple[str, str, Value]]) -> dict[str, Value]:
    """Names to values, where ``plugins.prefer`` decides between two providers of one name.

    :param offers: (plugin, name, value).
    :raises PluginConflict: two plugins offer one name and nothing is preferred.
    """
    chosen: dict[str, tuple[str, Value]] = {}
    prefer = manager().prefer
    for plugin, name, value in offers:
        if name not in chosen:
            chosen[name] = (plugin, value)
            continue
        rival = chosen[name][0]
        preferred = prefer.get(name)
        if preferred not in (plugin, rival):
            raise PluginConflict(kind, name, [rival, plugin])
        if preferred == plugin:
            chosen[name] = (plugin, value)
    return {name: value for name, (_, value) in chosen.items()}
