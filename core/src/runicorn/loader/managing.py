"""The plugins of one process: loaded once, and what became of each.

pluggy isolates nothing: one raising implementation aborts a call, one broken entry point stops its own
discovery. So plugins are loaded one by one (:mod:`.loading`), and :mod:`runicorn.hooks` calls one implementation
after the other.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from types import ModuleType
from typing import TypeVar

import pluggy
from attrs import evolve

from .. import hookspecs
from ..errors import PluginConflict
from .bounded import Bounded, TookTooLong, inside
from .choice import choose
from .discovery import Installed, installed_plugins
from .loading import Loader, unloaded, where
from .records import UNWELL, PluginInfo
from .rules import Rules, current_rules

SLOW_MS = 1000.0  # a plugin that takes longer to load is named in the log
MOST_ERRORS = 20  # different errors kept for one plugin
Value = TypeVar("Value")


def _warn(message: str, *arguments: object) -> None:
    import logging  # 4 ms: only when there is something to say

    logging.getLogger("runicorn.loader").warning(message, *arguments)


class Manager:
    """The plugins of one process. Loading is lazy and happens once; any thread may ask."""

    def __init__(
        self,
        installed: Iterable[Installed] | None = None,
        rules: Rules | None = None,
        specs: ModuleType = hookspecs,
    ) -> None:
        """
        :param installed: what to load; None = what is installed in this environment.
        :param rules: which may run; None = what variables and configuration say.
        :param specs: the module that specifies the hooks.
        """
        self._installed = installed
        self._given_rules = rules
        self._infos: dict[tuple[str, str], PluginInfo] = {}  # (plugin, distribution)
        self._lock = threading.RLock()
        self._loaded = False
        self._pm = pluggy.PluginManager("runicorn")
        self._pm.add_hookspecs(specs)
        self._api_version: int = getattr(specs, "API_VERSION", hookspecs.API_VERSION)
        self._remembered: dict[str, object] = {}
        self._hung: set[str] = set()
        self._rules: Rules | None = rules

    # --- Loading

    def load(self) -> None:
        """Load what may run. Called by everything else here; nothing that a plugin raises leaves it (unless strict)."""
        if self._loaded or inside():  # a plugin that asks while it is being imported finds what is there already
            return
        with self._lock:
            if self._loaded:
                return
            installed = installed_plugins() if self._installed is None else list(self._installed)
            with Bounded("runicorn-loading") as bounded:
                for choice in choose(installed, self.rules):
                    if (choice.plugin.name, choice.plugin.distribution) in self._infos:
                        continue  # of a loading that was interrupted, by Ctrl-C in a notebook, say
                    if choice.state is None:
                        info = self._loader().load(choice.plugin, bounded)
                    else:
                        info = unloaded(choice.plugin, choice.state, choice.reason)
                    self._infos[info.name, info.distribution] = info
                    _tell(info)
            self._loaded = True

    def _loader(self) -> Loader:
        return Loader(self._pm, self._api_version, strict=self.rules.strict, limit_s=self.rules.load_limit_s)

    def add(self, name: str, module: object) -> None:
        """Register an object as a plugin of this process (tests, notebooks).

        :raises Exception: it implements what it should not.
        """
        self.load()
        with self._lock:
            hooks, warnings = self._loader().register(name, module)
            self._remembered.clear()
            self._infos[name, ""] = PluginInfo(
                name, "", "", type(module).__name__, "active", hooks=hooks, load_ms=0.0, warnings=warnings
            )

    # --- Asking

    @property
    def rules(self) -> Rules:
        """What switches and configuration said when they were first needed."""
        if self._rules is None:
            self._rules = current_rules()
        return self._rules

    @property
    def strict(self) -> bool:
        return self.rules.strict

    @property
    def prefer(self) -> Mapping[str, str]:
        return self.rules.prefer

    def plugins(self) -> list[PluginInfo]:
        """Every installed plugin with its state, by name. Two distributions that claim one name stand both in it."""
        self.load()
        return sorted(self._infos.values(), key=lambda info: (info.name, info.distribution))

    def implementations(self, hook: str) -> list[pluggy.HookImpl]:
        """The implementations of one hook, in the order of plugin names; none of a plugin that has hung."""
        self.load()
        impls: list[pluggy.HookImpl] = getattr(self._pm.hook, hook).get_hookimpls()
        return sorted((i for i in impls if i.plugin_name not in self._hung), key=lambda impl: impl.plugin_name)

    def once(self, key: str, make: Callable[[], Value]) -> Value:
        """What ``make`` returned the first time; forgotten when a plugin is added."""
        if key not in self._remembered:
            # Not under the lock: what is made here may ask on another thread.
            self._remembered.setdefault(key, make())
        return self._remembered[key]  # type: ignore[return-value]  # the key stands for the type

    # --- Keeping book

    def _change(self, plugin: str, change: Callable[[PluginInfo], PluginInfo]) -> None:
        with self._lock:
            for key, info in self._infos.items():
                if info.name == plugin and info.load_ms is not None:
                    self._infos[key] = change(info)

    def record_error(self, plugin: str, hook: str, error: BaseException, *, told: bool = False) -> None:
        """Keep what a plugin raised; it stands in ``plugins list --check`` and on the plugins page.

        One that took too long is broken from then on, and not called again: it costs one wait, not one for each hook.

        :param told: the user has been told of it already.
        """
        line = f"{hook}: {where(error)}"
        hung = isinstance(error, TookTooLong)
        if hung:
            self._hung.add(plugin)

        def change(info: PluginInfo) -> PluginInfo:
            if hung:
                info = evolve(info, state="broken", reason=f"{hook} {where(error)}; it is not called again")
            if line in info.errors or len(info.errors) >= MOST_ERRORS:
                return info
            if not told:
                _warn("plugin %s failed in %s (runicorn plugins info %s)", plugin, line, plugin)
            return evolve(info, errors=(*info.errors, line))

        self._change(plugin, change)

    def record_conflict(self, conflict: PluginConflict) -> None:
        """Two plugins provide one name: both are listed as conflicting. The rest of what they do goes on."""
        for plugin in conflict.plugins:
            self._change(plugin, lambda info: evolve(info, state="conflicting", reason=str(conflict)))
        _warn("%s (runicorn plugins list --check)", conflict)

    def record_offer(self, plugin: str, what: str) -> None:
        """Keep what a plugin adds, e.g. ``storage jsonl``."""
        self._change(
            plugin, lambda info: info if what in info.adds else evolve(info, adds=tuple(sorted((*info.adds, what))))
        )


def _tell(info: PluginInfo) -> None:
    if info.state in UNWELL:
        _warn("plugin %s is %s (runicorn plugins list --check)", info.name, info.line())
    elif info.load_ms is not None and info.load_ms > SLOW_MS:
        _warn("plugin %s took %.1f s to load (runicorn plugins list --check)", info.name, info.load_ms / 1000)


_current: Manager | None = None
_current_lock = threading.Lock()


def manager() -> Manager:
    """The manager of this process; made at the first call, loaded at its first use."""
    global _current
    with _current_lock:
        if _current is None:
            _current = Manager()
        return _current


@contextmanager
def use_manager(replacement: Manager) -> Iterator[Manager]:
    """Put another manager in place for a while (tests). Not for several threads at once."""
    global _current
    with _current_lock:
        before, _current = _current, replacement
    try:
        yield replacement
    finally:
        with _current_lock:
            _current = before
