"""The three ways to call a hook. All of them call one implementation after the other, in the order of plugin names.

- :func:`each` and :func:`offers` ask for something: on a thread beside the caller's, with a time limit for each.
- :func:`tell` tells something: on the caller's thread, which is a background thread.
- :func:`first` asks for a decision: what raises there is raised, so that a failure is never taken for a yes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from typing import Any, Generic, TypeAlias, TypeVar

import pluggy

from ..errors import PluginConflict, PluginError
from ..loader import Bounded, contained, manager

#: Told of everything that went wrong: (plugin, what, error).
Report: TypeAlias = Callable[[str, str, BaseException], None]
Value = TypeVar("Value")
Item = TypeVar("Item")


def bound(impl: pluggy.HookImpl, arguments: Mapping[str, Any]) -> Callable[[], Any]:
    """The implementation with those of the arguments that it takes."""
    wanted = {name: arguments[name] for name in impl.argnames}
    return lambda: impl.function(**wanted)


def each(
    hook: str, read: Callable[[Any], Value], *, failed: Report | None = None, **arguments: Any
) -> Iterator[tuple[str, Value]]:
    """(plugin name, what was read from its result) of every implementation that returned something.

    :param read: makes what the caller needs of a result. Called where the implementation is called, so that a result
        of the wrong type, or a generator that raises, counts against the plugin too.
    :param failed: told of what went wrong, too; strict mode then raises nothing.

    What one raises, or that it takes longer than ``plugins.hook_timeout``, is recorded against its plugin and stops
    nobody else; in strict mode it is raised.
    """
    current = manager()
    implementations = current.implementations(hook)
    if not implementations:
        return

    def ask(impl: pluggy.HookImpl) -> list[Value]:
        result = bound(impl, arguments)()
        return [] if result is None else [read(result)]

    with Bounded(f"runicorn-{hook}") as bounded:
        for impl in implementations:
            try:
                values = bounded.call(partial(ask, impl), current.rules.hook_limit_s)
            except Exception as error:
                if (current.strict and failed is None) or error is not bounded.failure:
                    raise
                current.record_error(impl.plugin_name, hook, error, told=failed is not None)
                if failed is not None:
                    failed(impl.plugin_name, hook, error)
                continue
            for value in values:
                yield impl.plugin_name, value


def tell(plugin: str, what: str, report: Report, work: Callable[[], object]) -> bool:
    """Let one plugin know something, on this thread; False when it raised, and ``report`` has been told."""
    try:
        contained(work)
    except Exception as error:  # noqa: BLE001 (a plugin may raise anything)
        manager().record_error(plugin, what, error, told=True)
        report(plugin, what, error)
        return False
    return True


def first(hook: str, **arguments: Any) -> tuple[str, Any] | None:
    """(plugin name, result) of the first implementation that does not return None; None when all do.

    :raises PluginError: one raised before any had decided.
    """
    current = manager()
    for impl in current.implementations(hook):
        try:
            result = contained(bound(impl, arguments))
        except Exception as error:
            current.record_error(impl.plugin_name, hook, error)
            raise PluginError(impl.plugin_name, hook, f"{type(error).__name__}: {error}") from error
        if result is not None:
            return impl.plugin_name, result
    return None


class Offers(Mapping[str, Value], Generic[Value]):
    """What plugins offer, by name.

    A name that several offer belongs to the one that ``plugins.prefer`` names. Where it names none of them the name is
    left out, and whoever asks for it is told:

    :raises PluginConflict: by ``[name]`` and ``get(name)``.
    """

    def __init__(self, kind: str, offered: Iterable[tuple[str, str, Value]], prefer: Mapping[str, str]) -> None:
        """
        :param kind: as errors say it: ``storage backend``.
        :param offered: (plugin, name, value).
        """
        self._chosen: dict[str, tuple[str, Value]] = {}
        self.conflicts: dict[str, PluginConflict] = {}
        rivals: dict[str, dict[str, Value]] = {}
        for plugin, name, value in offered:
            rivals.setdefault(name, {})[plugin] = value
        for name, values in rivals.items():
            winner = next(iter(values)) if len(values) == 1 else prefer.get(name)
            if winner in values:
                self._chosen[name] = (winner, values[winner])
            else:
                self.conflicts[name] = PluginConflict(kind, name, list(values))

    def __getitem__(self, name: str) -> Value:
        if name in self.conflicts:
            raise self.conflicts[name]
        return self._chosen[name][1]

    def __contains__(self, name: object) -> bool:
        return name in self._chosen

    def __iter__(self) -> Iterator[str]:
        return iter(self._chosen)

    def __len__(self) -> int:
        return len(self._chosen)

    def owner(self, name: str) -> str:
        """The plugin behind a name."""
        return self._chosen[name][0]


def offers(
    hook: str,
    kind: str,
    read: Callable[[Any], Iterable[tuple[str, Value]]],
    shown: Callable[[str, Value], str],
    **arguments: Any,
) -> Offers[Value]:
    """Ask for named things, once per process.

    :param kind: what they are, as errors say it.
    :param read: result -> (name, value) pairs.
    :param shown: (name, value) -> how ``plugins list`` shows it, e.g. ``storage jsonl``.
    """

    def ask() -> Offers[Value]:
        current = manager()
        found = [
            (plugin, name, value)
            for plugin, pairs in each(hook, lambda result: list(read(result)), **arguments)
            for name, value in pairs
        ]
        known = Offers(kind, found, current.prefer)
        for name in known:
            current.record_offer(known.owner(name), shown(name, known[name]))
        for conflict in known.conflicts.values():
            current.record_conflict(conflict)
            if current.strict:
                raise conflict
        return known

    return manager().once(hook, ask)


def text_pairs(result: Mapping[str, str]) -> list[tuple[str, str]]:
    """The pairs of a mapping of texts.

    :raises TypeError: it is something else.
    """
    if not isinstance(result, Mapping):
        raise TypeError(f"returned a {type(result).__name__} instead of a mapping")
    for name, value in result.items():
        if not isinstance(name, str) or not isinstance(value, str):
            raise TypeError(f"returned {name!r}: {value!r}; both must be texts")
    return list(result.items())


def named(result: Iterable[Item], *members: str) -> list[tuple[str, Item]]:
    """(``name``, object) for every object of a result.

    :param members: what each must have beside its name.
    :raises TypeError: one lacks a member, or its name is no text.
    """
    pairs = []
    for item in result:
        name = getattr(item, "name", None)
        if not isinstance(name, str) or not name:
            raise TypeError(f"returned a {type(item).__name__} without a name")
        for member in members:
            if not hasattr(item, member):
                raise TypeError(f"returned {name!r}, a {type(item).__name__} without {member}")
        pairs.append((name, item))
    return pairs
