"""Loading plugins, one try for each, and keeping book of what became of them.

pluggy isolates nothing: one raising implementation aborts a call, one broken entry point stops its own
discovery. So entry points are loaded here, and :mod:`runicorn.hooks` calls implementations one by one.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from time import perf_counter
from types import ModuleType

import attrs
import pluggy

from .. import hookspecs
from .discovery import Installed, installed_plugins
from .records import PluginInfo, State
from .rules import Rules, current_rules

log = logging.getLogger("runicorn.plugins")


class Manager:
    """The plugins of one process. Loading is lazy and happens once; any thread may ask."""

    def __init__(self, installed: Iterable[Installed] | None = None, rules: Rules | None = None) -> None:
        """
        :param installed: what to load; None = what is installed in this environment.
        :param rules: which may run; None = what variables and configuration say.
        """
        self._installed = installed
        self._rules = rules
        self._infos: dict[str, PluginInfo] = {}
        self._lock = threading.RLock()
        self._loaded = False
        self._pm = pluggy.PluginManager("runicorn")
        self._pm.add_hookspecs(hookspecs)

    # --- Loading

    def load(self) -> None:
        """Load what may run. Called by everything else here; nothing that a plugin raises leaves it (unless strict)."""
        with self._lock:
            if self._loaded:
                return
            self._loaded = True
            if self._rules is None:
                self._rules = current_rules()
            installed = installed_plugins() if self._installed is None else list(self._installed)
            owners: dict[str, list[Installed]] = {}
            for plugin in installed:
                owners.setdefault(plugin.name, []).append(plugin)
            for name, candidates in owners.items():
                self._load_name(name, candidates, self._rules)

    def _load_name(self, name: str, candidates: Sequence[Installed], rules: Rules) -> None:
        chosen = candidates[0]
        against = rules.reason_against(name)
        if against:
            self._note(chosen, "disabled", against.removeprefix("disabled "))
            return
        if len(candidates) > 1:
            preferred = [c for c in candidates if c.distribution == rules.prefer.get(name)]
            if not preferred:
                both = " and ".join(c.distribution for c in candidates)
                self._note(chosen, "conflicting", f"{name!r} is declared by {both}; set plugins.prefer.{name}")
                return
            chosen = preferred[0]
        self._load_one(chosen, rules)

    def _load_one(self, plugin: Installed, rules: Rules) -> None:
        began = perf_counter()
        try:
            module = plugin.entry_point.load()
        except (Exception, SystemExit) as error:
            if rules.strict:
                raise
            self._note(plugin, "broken", _where(error), began)
            return
        wanted = getattr(module, "RUNICORN_API", None)
        if wanted != hookspecs.API_VERSION:
            stated = "states no plugin API" if wanted is None else f"needs plugin API {wanted}"
            self._note(plugin, "incompatible", f"{stated}, this Runicorn has {hookspecs.API_VERSION}", began)
            return
        self._register(plugin, module, rules, began)

    def _register(self, plugin: Installed, module: ModuleType, rules: Rules, began: float) -> None:
        try:
            self._pm.register(module, plugin.name)
        except Exception as error:
            if self._pm.has_plugin(plugin.name):
                self._pm.unregister(name=plugin.name)
            if rules.strict:
                raise
            self._note(plugin, "broken", _where(error), began)
            return
        hooks = tuple(sorted(caller.name for caller in self._pm.get_hookcallers(module) or ()))
        unknown = [name for name in hooks if not hasattr(hookspecs, name)]
        if unknown:
            self._pm.unregister(name=plugin.name)
            self._note(plugin, "broken", f"implements unknown hooks: {', '.join(unknown)}", began)
            return
        self._note(plugin, "active", "", began, hooks)

    def _note(
        self, plugin: Installed, state: State, reason: str, began: float | None = None, hooks: tuple[str, ...] = ()
    ) -> None:
        took = None if began is None else (perf_counter() - began) * 1000
        module = plugin.entry_point.value
        self._infos[plugin.name] = PluginInfo(
            plugin.name, plugin.distribution, plugin.version, module, state, reason, hooks, took
        )
        if state in ("broken", "incompatible", "conflicting"):
            log.warning("plugin %s is %s: %s (runicorn plugins list --check)", plugin.name, state, reason)

    def add(self, name: str, module: object) -> None:
        """Register an object as a plugin of this process (tests, notebooks)."""
        self.load()
        with self._lock:
            self._pm.register(module, name)
            hooks = tuple(sorted(caller.name for caller in self._pm.get_hookcallers(module) or ()))
            self._infos[name] = PluginInfo(name, "", "", type(module).__name__, "active", "", hooks, 0.0)

    # --- Asking

    @property
    def strict(self) -> bool:
        self.load()
        return self._rules is not None and self._rules.strict

    @property
    def prefer(self) -> Mapping[str, str]:
        self.load()
        return self._rules.prefer if self._rules is not None else {}

    def plugins(self) -> list[PluginInfo]:
        """Every installed plugin with its state, by name."""
        self.load()
        return sorted(self._infos.values(), key=lambda info: info.name)

    def implementations(self, hook: str) -> list[pluggy.HookImpl]:
        """The implementations of one hook, in the order of plugin names."""
        self.load()
        impls: list[pluggy.HookImpl] = getattr(self._pm.hook, hook).get_hookimpls()
        return sorted(impls, key=lambda impl: impl.plugin_name)

    def record_error(self, plugin: str, hook: str, error: BaseException) -> None:
        """Keep what a plugin raised; it stands in ``plugins list --check`` and on the plugins page."""
        with self._lock:
            info = self._infos.get(plugin)
            if info is not None and len(info.errors) < 20:
                self._infos[plugin] = attrs.evolve(info, errors=(*info.errors, f"{hook}: {_where(error)}"))
        log.warning("plugin %s raised in %s: %s", plugin, hook, _where(error))


def _where(error: BaseException) -> str:
    """One line: the error, and the last frame that is not ours."""
    if isinstance(error, SyntaxError) and error.filename:
        place = "/".join(error.filename.replace("\\", "/").split("/")[-2:])
        return f"SyntaxError in {place} line {error.lineno}"
    text = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    frame = error.__traceback__
    while frame is not None and frame.tb_next is not None:
        frame = frame.tb_next
    if frame is None or frame.tb_frame.f_code.co_filename == __file__:
        return text
    place = "/".join(frame.tb_frame.f_code.co_filename.replace("\\", "/").split("/")[-2:])
    return f"{text} ({place} line {frame.tb_lineno})"


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
