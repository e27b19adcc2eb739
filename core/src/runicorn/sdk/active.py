"""Which run the functions of ``runicorn`` mean, and those functions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from ..errors import NoActiveRun
from .trouble import warn

if TYPE_CHECKING:
    from .run import Run

_unfinished: list[Run] = []  # of this process, in the order of init()
_here: ContextVar[tuple[Run, ...]] = ContextVar("runicorn_runs", default=())
_ever = False
_warned = False


def remember(run: Run) -> None:
    """A run has begun here: it is the active one of this thread or task."""
    global _ever
    _ever = True
    _unfinished.append(run)
    _here.set((*_here.get(), run))


def forget(run: Run) -> None:
    """A run has ended: the one before it is active again."""
    if run in _unfinished:
        _unfinished.remove(run)
    _here.set(tuple(other for other in _here.get() if other is not run))


def unfinished() -> list[Run]:
    """The runs of this process that have not ended, oldest first."""
    return list(_unfinished)


def get_active_run() -> Run | None:
    """The run that the functions of ``runicorn`` mean, or None.

    It is the unfinished run that was started last in this thread or asyncio task; where none was, the one that was
    started last in this process.
    """
    for run in reversed(_here.get()):
        if run in _unfinished:
            return run
    return _unfinished[-1] if _unfinished else None


def _active(function: str) -> Run | None:
    global _warned
    run = get_active_run()
    if run is None:
        from .start import enabled

        if enabled() and not _ever:
            raise NoActiveRun(function)
        if not _warned and _ever:
            _warned = True
            warn(f"{function}() was called after the last run had ended; it is ignored")
    return run


def log(data: Mapping[Any, Any] | None = None, *, step: Any = None, stage: str | None = None, **metrics: Any) -> None:
    """:meth:`Run.log` of the active run.

    :raises NoActiveRun: ``init()`` was never called in this process. After the last run has ended: one warning.
    """
    run = _active("log")
    if run is not None:
        run.log(data, step=step, stage=stage, **metrics)


def log_text(text: str, *, stream: str = "text") -> None:
    """:meth:`Run.log_text` of the active run; raises as :func:`log`."""
    run = _active("log_text")
    if run is not None:
        run.log_text(text, stream=stream)


def summary(values: Mapping[str, Any] | None = None, /, **more: Any) -> None:
    """Add final values to the active run's summary; raises as :func:`log`."""
    run = _active("summary")
    if run is not None:
        run.summary(values, **more)


def set_primary_metric(name: str, mode: str = "max") -> None:
    """:meth:`Run.set_primary_metric` of the active run; raises as :func:`log`."""
    run = _active("set_primary_metric")
    if run is not None:
        run.set_primary_metric(name, mode)


def finish(status: str = "finished") -> None:
    """:meth:`Run.finish` of the active run; does nothing where there is none."""
    run = get_active_run()
    if run is not None:
        run.finish(status)


def on_active_run(name: str) -> Callable[..., Any]:
    """A function that calls a method of the active run which a plugin has added, e.g. ``log_image``."""

    def call(*args: Any, **kwargs: Any) -> Any:
        run = _active(name)
        return None if run is None else getattr(run, name)(*args, **kwargs)

    call.__name__ = call.__qualname__ = name
    return call
