"""Every error that Runicorn raises, in one tree.

Each error carries its data as attributes, reads as one sentence, and survives pickling. Errors of
other libraries are mapped at the edge with ``raise ... from``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

_SHOWN = 200


class RunicornError(Exception):
    """Root of all errors of this package."""

    def __reduce__(self) -> tuple[Any, ...]:
        return (_rebuild, (type(self), self.args, self.__dict__))


def _rebuild(kind: type[RunicornError], args: tuple[Any, ...], state: dict[str, Any]) -> RunicornError:
    error = kind.__new__(kind)
    error.args = args
    error.__dict__.update(state)
    return error


def _shown(value: object) -> str:
    """As Python writes it, shortened in the middle: a message is read by people."""
    text = repr(value)
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN // 2]}...{text[-_SHOWN // 4 :]} ({len(text)} characters)"


# --- Names and paths ---------------------------------------------------------------------------------


class UnsafePath(RunicornError, ValueError):
    """A name that would leave the storage root, or that some supported system cannot store."""

    def __init__(self, what: str, value: str, reason: str) -> None:
        super().__init__(f"{what} {_shown(value)} {reason}")
        self.what, self.value, self.reason = what, value, reason


# --- Arguments and configuration ---------------------------------------------------------------------


class InvalidArgument(RunicornError, ValueError):
    """An argument of the public API that cannot be used."""

    def __init__(self, name: str, value: object, reason: str) -> None:
        super().__init__(f"{name}={_shown(value)} {reason}")
        self.name, self.value, self.reason = name, repr(value), reason


class NothingToUndo(InvalidArgument):
    """No change, or none of that id, can be undone.

    :param last: what the last change did, which cannot be undone; ``earlier``: the one that the next undo takes back.
    """

    def __init__(self, change: str | None, last: str = "", earlier: str | None = None) -> None:
        super().__init__("change", change, "names no change that can be undone")
        if last:
            more = f"; undo once more to take back the change before it: {earlier}" if earlier else ""
            self.args = (f"the last change, {last} for good, cannot be undone{more}",)
        elif change is None:
            self.args = ("there is nothing to undo: no run was changed lately, or all of it is undone",)


class FilterError(RunicornError, ValueError):
    """A filter, field or order that cannot be understood. ``position`` counts characters from 0."""

    def __init__(self, text: str, position: int, token: str, reason: str, suggestion: str = "") -> None:
        hint = f"; did you mean {suggestion}?" if suggestion else ""
        at = f" at position {position + 1}" if text else ""
        super().__init__(f"the filter{at} {reason}{hint}")
        self.text, self.position, self.token = text, position, token
        self.reason, self.suggestion = reason, suggestion


class ConfigError(RunicornError, ValueError):
    """A configuration value that is unknown or unusable. ``origin`` says where it was written."""

    def __init__(self, key: str, reason: str, origin: str = "") -> None:
        super().__init__(f"configuration {key!r} {reason}" + (f" ({origin})" if origin else ""))
        self.key, self.reason, self.origin = key, reason, origin


# --- Runs --------------------------------------------------------------------------------------------


class RunNotFound(RunicornError, LookupError):
    """No run carries this id."""

    def __init__(self, run_id: str, root: str) -> None:
        super().__init__(f"no run {run_id!r} below {root}; see: runicorn runs list")
        self.run_id, self.root = run_id, root


class RunElsewhere(RunicornError, LookupError):
    """The run to go on with is not where it is said to be: ``places`` are the ones that have it.

    ``wanted`` is empty where several fit what was said.
    """

    def __init__(self, run_id: str, wanted: str, places: Sequence[str]) -> None:
        there = " and ".join(places)
        reason = f"is in {there}, not in {wanted}" if wanted else f"is in {there}: which one is meant?"
        hint = f"pass path={places[0]!r} to go on with it" + ("" if not wanted else ", or take another run_id")
        super().__init__(f"run {run_id!r} {reason}; {hint}")
        self.run_id, self.wanted, self.places = run_id, wanted, tuple(places)


class AmbiguousRun(RunicornError, LookupError):
    """An id, a part of one, or a displayed name that fits several runs; ``matches`` are their folders.

    ``by_folder``: only these tell the runs apart.
    """

    def __init__(self, run_id: str, matches: Sequence[str], by_folder: bool = False) -> None:
        more = f" and {len(matches) - 3} more" if len(matches) > 3 else ""
        hint = f"Give the folder of one: {', '.join(matches[:3])}{more}" if by_folder else "Give more of the id"
        super().__init__(f"{run_id!r} matches {len(matches)} runs. {hint}")
        self.run_id, self.matches, self.by_folder = run_id, tuple(matches), by_folder


class RunExists(RunicornError, ValueError):
    """A run of this id exists already and ``resume`` does not allow to continue it."""

    def __init__(self, run_id: str, folder: str, remedy: str = "pass resume='allow' to continue it") -> None:
        super().__init__(f"run {run_id!r} exists already in {folder}; {remedy}")
        self.run_id, self.folder = run_id, folder


class NoActiveRun(RunicornError, RuntimeError):
    """A function of ``runicorn`` that needs a run was called before ``init()``."""

    def __init__(self, function: str) -> None:
        super().__init__(f"{function}() needs a run: call runicorn.init() first")
        self.function = function


# --- Storage -----------------------------------------------------------------------------------------


class StorageError(RunicornError, OSError):
    """The storage did not do what it was asked to."""

    def __init__(self, what: str, where: str, reason: str) -> None:
        super().__init__(f"{what} failed in {where}: {reason}")
        self.what, self.where, self.reason = what, where, reason


class StorageFull(StorageError):
    """No space left, or the quota is used up. What was being written is not on disk."""


class StorageGone(StorageError):
    """The run folder, or the storage root, has vanished."""


class StorageUnreachable(StorageError):
    """The place where the files are cannot be reached now. What was read before still holds."""


class StorageReadOnly(StorageError):
    """The storage may not be written."""


class ImportProblem(RunicornError, ValueError):
    """What is to be imported is damaged, or is not what it was taken for. Nothing of the run in question was made."""

    def __init__(self, where: str, reason: str) -> None:
        super().__init__(f"{where}: {reason}")
        self.where, self.reason = where, reason


class BackendNotFound(RunicornError, LookupError):
    """No active plugin provides the storage backend that was asked for."""

    def __init__(self, name: str, known: Sequence[str]) -> None:
        if known:
            super().__init__(f"no storage backend {name!r} (available: {', '.join(known)})")
        else:
            super().__init__("no storage plugin is active; see: runicorn plugins list --check")
        self.name, self.known = name, tuple(known)


class MissingDependency(RunicornError, ImportError):
    """A library that one feature needs is not installed."""

    def __init__(self, feature: str, install: str) -> None:
        super().__init__(f"{feature} needs a library that is not installed; run: pip install {install}")
        self.feature, self.install = feature, install


class Unavailable(RunicornError):
    """Something is not there to be measured or used on this machine, which is no failure of anybody.

    :param code: a name of the reason, which user interfaces translate.
    """

    def __init__(self, what: str, reason: str, code: str | None = None) -> None:
        super().__init__(f"{what}: {reason}")
        self.what, self.reason, self.code = what, reason, code


class Cancelled(RunicornError):
    """Somebody stopped what was being done; nothing of it remains."""

    def __init__(self, what: str) -> None:
        super().__init__(f"{what} was stopped; nothing of it remains")
        self.what = what


# --- HTTP --------------------------------------------------------------------------------------------


class Problem(RunicornError):
    """A request that is refused: answered as a problem document (RFC 9457).

    ``code`` and the parameters are what user interfaces translate.
    """

    def __init__(self, status: int, code: str, detail: str, **parameters: Any) -> None:
        super().__init__(detail)
        self.status, self.code, self.detail, self.parameters = status, code, detail, parameters


# --- Plugins -----------------------------------------------------------------------------------------


class PluginError(RunicornError):
    """A plugin failed in something that was asked for by name."""

    def __init__(self, plugin: str, doing: str, reason: str) -> None:
        super().__init__(f"plugin {plugin!r} failed in {doing}: {reason}")
        self.plugin, self.doing, self.reason = plugin, doing, reason


class PluginNotFound(RunicornError, LookupError):
    """No installed plugin has this name."""

    def __init__(self, name: str, suggestion: str = "") -> None:
        hint = f"; did you mean {suggestion!r}?" if suggestion else "; see: runicorn plugins list"
        super().__init__(f"no plugin {name!r} is installed{hint}")
        self.name, self.suggestion = name, suggestion


class PluginConflict(RunicornError):
    """Two plugins provide the same name."""

    def __init__(self, kind: str, name: str, plugins: Sequence[str]) -> None:
        both = " and ".join(plugins)
        super().__init__(
            f"{kind} {name!r} is provided by {both}; disable one, or set plugins.prefer in the configuration"
        )
        self.kind, self.name, self.plugins = kind, name, tuple(plugins)
