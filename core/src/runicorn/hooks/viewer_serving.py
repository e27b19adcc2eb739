"""``viewer_middleware``, ``viewer_lifespan``, ``viewer_topics``, ``viewer_authorize``: what serves beside routes."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING, Any

from ..loader import Bounded, manager
from .calling import each, first

if TYPE_CHECKING:
    from ..contracts import Viewer
    from ..contracts.http import AccessRequest
    from ..contracts.viewer import Middleware, Topic


def viewer_middleware(viewer: Viewer) -> list[tuple[str, Middleware]]:
    """(plugin, middleware) of all plugins, the outermost first."""

    def read(result: Any) -> list[Middleware]:
        layers = list(result)
        for layer in layers:
            if not callable(layer):
                raise TypeError(f"returned a {type(layer).__name__}, which takes no application")
        return layers

    found = []
    for plugin, layers in each("viewer_middleware", read, viewer=viewer):
        manager().record_offer(plugin, "middleware")
        found += [(plugin, layer) for layer in layers]
    return found


def viewer_lifespan(viewer: Viewer) -> list[tuple[str, AbstractAsyncContextManager[Any]]]:
    """(plugin, context manager that has not been entered) of all plugins."""

    def read(result: Any) -> AbstractAsyncContextManager[Any]:
        if not isinstance(result, AbstractAsyncContextManager):
            raise TypeError(f"returned a {type(result).__name__}, which is no asynchronous context manager")
        return result

    return list(each("viewer_lifespan", read, viewer=viewer))


def viewer_topics(viewer: Viewer) -> dict[str, tuple[str, Topic]]:
    """Name -> (plugin, topic). Of several with one name the first counts, and the others are named as failures."""

    def read(result: Any) -> list[Topic]:
        topics = list(result)
        for topic in topics:
            if not callable(getattr(topic, "state", None)):
                raise TypeError(f"returned a {type(topic).__name__}, which is no topic")
        return topics

    found: dict[str, tuple[str, Topic]] = {}
    for plugin, topics in each("viewer_topics", read, viewer=viewer):
        for topic in topics:
            first_plugin, known = found.setdefault(topic.name, (plugin, topic))
            if known is not topic:
                note_failure(plugin, "viewer_topics", ValueError(f"{first_plugin} has a topic {topic.name!r} already"))
    return found


def viewer_authorize(viewer: Viewer) -> Callable[[AccessRequest], tuple[str, bool] | None] | None:
    """What decides on one request, or None when no plugin wants to.

    The answer is (plugin, whether the request may go on) of the first plugin that decides; None leaves it to the
    viewer. It may take its time: call it on a thread.

    :raises PluginError: one failed; a failure is never taken for a yes.
    """
    if not manager().implementations("viewer_authorize"):
        return None

    def decide(request: AccessRequest) -> tuple[str, bool] | None:
        found = first("viewer_authorize", viewer=viewer, request=request)
        return None if found is None else (found[0], found[1] is True)

    return decide


def note_failure(plugin: str, hook: str, error: BaseException) -> None:
    """Record what a plugin's object did later than its hook; it stands on the plugins page."""
    manager().record_error(plugin, hook, error)


def bounded_call(plugin: str, hook: str, work: Callable[[], Any]) -> Any:
    """Call something that a plugin has returned, within ``plugins.hook_timeout``; None when it fails.

    In strict mode what it raises is raised.
    """
    current = manager()
    with Bounded(f"runicorn-{hook}") as bounded:
        try:
            return bounded.call(work, current.rules.hook_limit_s)
        except Exception as error:
            if current.strict:
                raise
            current.record_error(plugin, hook, error)
            return None
