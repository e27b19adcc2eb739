"""Loading one plugin: import, check of the API version, registration. Nothing that the plugin does leaves here."""

from __future__ import annotations

import os
import sys
from time import perf_counter
from typing import Any

import pluggy
from attrs import evolve

from .bounded import Bounded, Escaped
from .discovery import Installed
from .records import PluginInfo, State


class Loader:
    """Brings plugins into one pluggy manager, one try for each."""

    def __init__(self, pm: pluggy.PluginManager, api_version: int, *, strict: bool, limit_s: float) -> None:
        self._pm, self._api_version, self._strict, self._limit_s = pm, api_version, strict, limit_s

    def load(self, plugin: Installed, bounded: Bounded) -> PluginInfo:
        """Load one plugin.

        Its module is imported on a thread beside this one, within the limit.

        :raises Exception: whatever it raises, in strict mode only.
        """
        began, before = perf_counter(), _resident()
        info = unloaded(plugin, "broken")
        try:
            module = bounded.call(plugin.load, self._limit_s)
        except Exception as error:
            if self._strict or error is not bounded.failure:
                raise
            return self._measured(evolve(info, reason=where(error)), began, before)
        try:
            info = self._checked(info, module)
            if info.state == "active":
                hooks, warnings = self.register(plugin.name, module)
                info = evolve(info, hooks=hooks, warnings=warnings)
        except Exception as error:
            if self._strict:
                raise
            info = evolve(info, state="broken", reason=where(error))
        return self._measured(info, began, before)

    def _measured(self, info: PluginInfo, began: float, before: float | None) -> PluginInfo:
        after = _resident()
        grown = None if before is None or after is None else max(0.0, after - before)
        return evolve(info, load_ms=(perf_counter() - began) * 1000, load_mb=grown)

    def _checked(self, info: PluginInfo, module: Any) -> PluginInfo:
        info = evolve(info, file=str(getattr(module, "__file__", None) or ""))
        wanted = getattr(module, "RUNICORN_API", None)
        if wanted == self._api_version:
            return evolve(info, state="active")
        stated = "states no plugin API (RUNICORN_API)" if wanted is None else f"needs plugin API {wanted}"
        return evolve(info, state="incompatible", reason=f"{stated}, this Runicorn has {self._api_version}")

    def register(self, name: str, module: Any) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Make its hooks callable, all or none of them.

        :returns: the names of its hooks, and what it should no longer use.
        :raises Exception: it implements what it should not.
        """
        try:
            self._pm.register(module, name)
            callers = sorted(self._pm.get_hookcallers(module) or (), key=lambda caller: caller.name)
            self._check_known(callers)
        except BaseException as error:
            if self._pm.has_plugin(name):
                self._pm.unregister(name=name)
            if isinstance(error, pluggy.PluginValidationError):
                raise UnusableHook(" ".join(str(error).split())) from error
            raise
        return tuple(caller.name for caller in callers), tuple(_deprecations(callers, name))

    def _check_known(self, callers: list[pluggy.HookCaller]) -> None:
        for caller in callers:
            if caller.spec is None:
                raise UnknownHook(caller.name, [name for name, known in vars(self._pm.hook).items() if known.spec])


class UnknownHook(LookupError):
    """An implementation of a hook that does not exist."""

    def __init__(self, name: str, known: list[str]) -> None:
        import difflib

        close = difflib.get_close_matches(name, known, n=1)
        super().__init__(f"there is no hook {name}" + (f"; did you mean {close[0]}?" if close else ""))


class UnusableHook(TypeError):
    """An implementation that takes arguments which its hook does not give."""


def unloaded(plugin: Installed, state: State, reason: str = "") -> PluginInfo:
    """What is known of a plugin from its metadata."""
    return PluginInfo(plugin.name, plugin.distribution, plugin.version, plugin.value, state, reason)


def where(error: BaseException) -> str:
    """One line: the error, and where it was raised."""
    if isinstance(error, (UnknownHook, UnusableHook, TimeoutError)):
        return str(error)
    if isinstance(error, SyntaxError) and error.filename:
        return f"SyntaxError in {_short(error.filename)} line {error.lineno}"
    try:
        said = " ".join(str(error).split())[:300]
    except Exception:  # noqa: BLE001 (a broken __str__ must not hide what happened)
        said = ""
    text = said if isinstance(error, Escaped) else f"{type(error).__name__}: {said}" if said else type(error).__name__
    frame, place = error.__traceback__, ""
    while frame is not None:
        file = frame.tb_frame.f_code.co_filename
        if not file.startswith("<"):  # the machinery of import
            place = f" ({_short(file)} line {frame.tb_lineno})"
        frame = frame.tb_next
    return text + place


def _short(file: str) -> str:
    return "/".join(file.replace("\\", "/").split("/")[-2:])


def _deprecations(callers: list[pluggy.HookCaller], name: str) -> list[str]:
    """What pluggy has warned about when this plugin was registered."""
    found = []
    for caller in callers:
        assert caller.spec is not None
        if caller.spec.warn_on_impl is not None:
            found.append(str(caller.spec.warn_on_impl))
        taken = {argument for impl in caller.get_hookimpls() if impl.plugin_name == name for argument in impl.argnames}
        found += [str(w) for argument, w in (caller.spec.warn_on_impl_args or {}).items() if argument in taken]
    return found


def _resident() -> float | None:
    """Memory of this process that lies in RAM, in MB; None where the system does not tell quickly."""
    if sys.platform != "linux":
        return None
    try:
        with open("/proc/self/statm", "rb") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6
    except (OSError, ValueError, IndexError):
        return None
