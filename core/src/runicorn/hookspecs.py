"""Every hook of Runicorn, in one typed file.

A plugin implements the ones it needs with ``@hookimpl`` and may take a subset of the arguments. Families:
``register_*`` returns typed objects, ``run_*`` and ``values_logged`` observe, ``collect_*`` gathers,
``viewer_*`` extends the web app. Hooks are called through the functions of :mod:`runicorn.hooks`, which isolate
every implementation: what one raises never stops another. Where something is asked for, it is asked on a thread
beside the one that waits, for at most ``plugins.hook_timeout`` seconds.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import pluggy

if TYPE_CHECKING:
    from contextlib import AbstractAsyncContextManager

    from .config import Config
    from .contracts import (
        AlertSink,
        ArchivePart,
        ArtifactStore,
        Batch,
        Capture,
        Exporter,
        HealthCheck,
        Importer,
        MediaType,
        Monitor,
        RunView,
        Sampler,
        SqlView,
        StorageBackend,
        Transport,
        Viewer,
    )
    from .contracts.http import AccessRequest
    from .contracts.panels import Static
    from .contracts.viewer import Middleware, Topic
    from .model.alert import Alert
    from .model.artifact import ArtifactLink
    from .types import JSON

#: The version of this file. A plugin states the one it was written for as ``RUNICORN_API``.
API_VERSION = 1

hookspec = pluggy.HookspecMarker("runicorn")
hookimpl = pluggy.HookimplMarker("runicorn")

# --- Configuration -----------------------------------------------------------------------------------


@hookspec
def config_schema() -> type[Any]:
    """Describe the plugin's section of the configuration.

    Called once per process, before the section named after the plugin is read, beside the thread that reads it.

    :returns: an attrs class with a default for every field; field names are the keys of the section.
    If it raises: the plugin is listed as broken, and its section is not read.
    """


# --- Storage -----------------------------------------------------------------------------------------


@hookspec
def register_storage_backends() -> Iterable[StorageBackend]:
    """Offer storage backends.

    Called once per process, at the first use of any storage (``init()``, a command, the viewer), beside the thread
    that waits for it.

    :returns: backends with names of their own; two plugins with one name are a conflict.
    If it raises: this plugin's backends are missing, the error stands in ``runicorn plugins list --check``.
    """


# --- Files of other formats --------------------------------------------------------------------------


@hookspec
def register_exporters() -> Iterable[Exporter]:
    """Offer formats to export runs to.

    Called once per process, when an export is asked for or formats are listed, beside the thread that asks.

    :returns: exporters with names of their own; two plugins with one name are a conflict.
    If it raises: this plugin's formats are missing; who asks for one of them is told which there are.
    """


@hookspec
def register_importers() -> Iterable[Importer]:
    """Offer readers of runs that other tools have written.

    Called once per process, when something is to be imported or importers are listed, beside the thread that asks.

    :returns: importers with names of their own; two plugins with one name are a conflict.
    If it raises: this plugin's importers are missing; who asks for one of them is told which there are.
    """


@hookspec
def register_archive_parts() -> Iterable[ArchivePart]:
    """Offer what the plugin keeps about runs outside of their folders, to go with them into archives and back.

    Called once per process, when an archive is written or read, beside the thread that waits for it.

    :returns: parts with names of their own; two plugins with one name are a conflict.
    If it raises: archives are written without this plugin's parts, and those in archives are not brought in.
    """


@hookspec
def register_sql_views() -> Iterable[SqlView]:
    """Offer rows for SQL over the runs: a view of the plugin's own, or columns beside those of one that is there.

    Called once per process, at the first SQL statement, beside the thread that waits for it.

    :returns: views with names of their own; two plugins with one name are a conflict.
    If it raises: SQL answers without this plugin's views and columns.
    """


# --- Artifacts ---------------------------------------------------------------------------------------


@hookspec
def register_artifact_stores() -> Iterable[ArtifactStore]:
    """Offer places where artifacts are kept, by the scheme of their address.

    Called once per process, at the first use of an artifact, beside the thread that waits for it.

    :returns: kinds of stores; two plugins with one scheme are a conflict.
    If it raises: this plugin's schemes are missing; who asks for one of them is told which there are.
    """


# --- Other machines ----------------------------------------------------------------------------------


@hookspec
def register_remote_transports() -> Iterable[Transport]:
    """Offer ways to files that lie elsewhere, by the scheme of their address.

    Called once per process, when such an address is first opened, beside the thread that opens it.

    :returns: transports; two plugins with one scheme are a conflict.
    If it raises: this plugin's schemes are missing; who asks for one of them is told which there are.
    """


# --- The SDK -----------------------------------------------------------------------------------------


@hookspec
def register_api() -> Mapping[str, str]:
    """Add names to ``runicorn`` and methods to ``Run``.

    Called once per process, at the first use of a name that core does not know, beside the thread that waits for it.

    :returns: ``{"Image": "module:object"}`` for ``rn.Image``; ``{"Run.log_image": "module:function"}`` for a method,
        whose first parameter is the run. Nothing is imported before the name is used.
    If it raises: the names are missing, and the ``AttributeError`` that the user sees names the plugin.
    """


@hookspec
def register_media_types() -> Iterable[MediaType]:
    """Teach ``run.log`` to take values that are no numbers.

    Called once per process, at the first value of an unknown class, while the training thread waits: be quick.

    If it raises: values of these types are kept as text, with one warning.
    """


# --- A run, while it happens -------------------------------------------------------------------------


@hookspec
def register_captures(config: Config) -> Iterable[Capture]:
    """Offer captures: objects that take what a run's process says, such as its console.

    Called once per ``init()`` that captures (``capture_console``), on the thread that called it, before it returns:
    it must not take longer than 5 ms.

    :param config: the configuration; ``config.section(name, schema)`` is the plugin's own section.
    :returns: fresh objects for this run. They are started at once, on the same thread, and stopped first of all when
        the run ends.
    If it raises: the run goes without this plugin's captures, and its status says so.
    """


@hookspec
def collect_environment(run: RunView) -> Mapping[str, JSON]:
    """Describe the machine, the interpreter, the code: kept under the plugin's name in ``environment.json``.

    Called once per run (in the process that created it), on a background thread, with 5 seconds for each plugin.

    :returns: a JSON object, free of secrets.
    If it raises or takes longer: the key is missing and the run's status says why.
    """


@hookspec
def run_started(run: RunView) -> None:
    """Observe that a run has begun.

    Called once per process of a run, on the plugin's own thread of the run, after ``init()`` has returned.

    If it raises: the error is logged with the plugin's name and counted in the run's status.
    """


@hookspec
def register_samplers(run: RunView, config: Config) -> Iterable[Sampler]:
    """Offer samplers: objects that measure the machine, the process or a device at intervals.

    Called once per process that samples (one on each host of a run), one second after ``init()``, beside the run's
    sampling thread; a run that is shorter is not sampled.

    :param run: read-only view of the run.
    :param config: the configuration; ``config.section(name, schema)`` is the plugin's own section.
    :returns: fresh objects for this run; each is used by a thread of its own.
    If it raises: the run goes without this plugin's samplers, and its status says so.
    """


@hookspec
def register_monitors(run: RunView, config: Config) -> Iterable[Monitor]:
    """Offer monitors: objects that look at the values of one run and raise alerts.

    Called once per process of a run, when it has begun, on the plugin's own thread of the run.

    :param run: read-only view of the run.
    :param config: the configuration; ``config.section(name, schema)`` is the plugin's own section.
    :returns: fresh objects for this run.
    If it raises: the run goes without this plugin's monitors, and its status says so.
    """


@hookspec
def values_logged(run: RunView, batch: Batch) -> None:
    """Observe scalars after they are on disk.

    Called on the plugin's own thread of the run, about every 100 ms, with some 64 KiB of what was written at most;
    never from ``log()`` itself. May be slow: who falls far behind misses the oldest samples *for itself only*, and
    the run's status counts them.

    :param run: read-only view of the run.
    :param batch: a sequence of samples in the order in which they were logged; ``batch.select(...)`` gives those of
        some keys, without making the others.
    If it raises: the error is logged with the plugin's name; after three in a row this
    implementation is switched off for the run and the run's status says so.
    """


@hookspec
def alert_raised(run: RunView, alert: Alert) -> None:
    """Observe an alert after it is on disk.

    Called on the plugin's own thread of the run, in the order of alerts and values, once in the process that raised it.

    :param run: read-only view of the run.
    :param alert: what a monitor or ``run.alert()`` said.
    If it raises: the error is logged with the plugin's name and counted in the run's status.
    """


@hookspec
def artifact_committed(run: RunView, artifact: ArtifactLink) -> None:
    """Observe that a run has committed a version of an artifact, after it is stored.

    Called on the plugin's own thread of the run, in the order of commits, once for each ``run.log_artifact`` that gave
    a version (content equal to the latest gives that one again), in the process that committed it.

    :param run: read-only view of the run.
    :param artifact: type, name and number of the version, its size and how many files it has.
    If it raises: the error is logged with the plugin's name and counted in the run's status.
    """


@hookspec
def register_alert_sinks(run: RunView, config: Config) -> Iterable[AlertSink]:
    """Offer sinks: objects that carry alerts out of the run, to people.

    Called once per process of a run, at its first alert, beside a background thread.

    :param run: read-only view of the run.
    :param config: the configuration; ``config.section(name, schema)`` is the plugin's own section.
    :returns: fresh objects for this run; each is used by a thread of its own.
    If it raises: the run's alerts do not reach this plugin's sinks, and its status says so.
    """


@hookspec
def run_finished(run: RunView, status: str) -> None:
    """Observe that this process is done with a run.

    Called once per process, from ``finish()``, on the plugin's own thread of the run, after the last batch; ``status``
    is ``finished``, ``failed`` or ``interrupted``. Not called when the process is killed.

    If it raises: the error is logged with the plugin's name and counted in the run's status.
    """


# --- The command line --------------------------------------------------------------------------------


@hookspec
def register_commands() -> Mapping[str, str]:
    """Add commands to ``runicorn``.

    Called when the command line starts and the command is not one of core's, or help is asked for, beside its thread.

    :returns: ``{"viewer": "module:object"}``, where the object is a click command; imported when it is run.
    If it raises: the commands are missing and the error is shown with the plugin's name.
    """


@hookspec
def register_openers() -> Mapping[str, str]:
    """Show the runs of another place: ``runicorn viewer ADDRESS``, by the address's scheme.

    Called when the command line is given an address, beside its thread.

    :returns: ``{"ssh": "module:object"}``; the object is imported when it is needed, and called as
        ``show(address, *, port, browser)``: it prints where the runs are seen, opens a browser if it may, and returns
        when the user has had enough. ``port`` is one of this machine, or None for any.
    If it raises: the plugin's schemes are missing, and who gives one is told which there are.
    """


@hookspec
def health_checks() -> Iterable[HealthCheck]:
    """Offer checks for ``runicorn doctor`` and ``GET /api/health``.

    Called each time the checks are run, on a worker thread; each check has two seconds.

    If it raises: one failed check with the plugin's name stands for all of them.
    """


# --- The web viewer ----------------------------------------------------------------------------------


@hookspec
def viewer_routes(viewer: Viewer) -> Iterable[Any]:
    """Add HTTP and WebSocket routes to the viewer.

    Called once, when the app is built, beside the main thread.

    :returns: :class:`~runicorn.contracts.http.Endpoint` declarations (validated, documented in OpenAPI), or Starlette
        routes (sockets), whose paths start with ``/api/``; two plugins on one path and method are a conflict, which
        that path then answers.
    If it raises: none of this plugin's routes exist, and the plugins page says why.
    """


@hookspec
def viewer_panels(viewer: Viewer) -> Iterable[Static]:
    """Add panels and pages to the web interface.

    Called once, when the app is built, beside the main thread. Nothing runs in a browser before a panel or page of it
    is looked at; what fails there is shown in its place, with the plugin's name.

    :returns: folders of files, each with the panels and pages that its module draws. An id or an address that two
        plugins want is a conflict.
    If it raises: none of this plugin's panels and pages exist, and the plugins page says why.
    """


@hookspec
def viewer_middleware(viewer: Viewer) -> Iterable[Middleware]:
    """Stand around every request and socket that the access rules have let through.

    Called once, when the app is built, beside the main thread. The functions that it returns are called once, there,
    with an ASGI application, and return one; that one runs on the event loop and may never block.

    :returns: functions from application to application; plugins in the order of names, the first outermost.
    If it raises: the app is built without it. One that raises (or does not go on for 5 seconds) before it has passed
    the request on is passed by; after three times in a row it is switched off until the next start.
    """


@hookspec
def viewer_lifespan(viewer: Viewer) -> AbstractAsyncContextManager[Any]:
    """Do something from the viewer's start to its end.

    Called once, when the viewer starts, beside the main thread. What it returns is entered on the event loop before
    the first request is answered (the viewer waits for at most 5 seconds), and left in the same task when the viewer
    stops, within half a second.

    :returns: an asynchronous context manager.
    If it raises: the viewer goes on without it, and the plugins page says why.
    """


@hookspec
def viewer_topics(viewer: Viewer) -> Iterable[Topic]:
    """Offer something beside runs that pages follow while it changes, such as a list of versions.

    Called when the web app is built, in the viewer's process. A page hears of it by ``ctx.subscribe("topic:<name>",
    fn)`` and asks for what it shows; nothing but that there is news goes through the socket.

    :returns: topics with names that no other plugin has given.
    If it raises: pages of this plugin do not hear of changes, and the plugins page says why. What ``state`` raises, or
    where it takes longer than ``plugins.hook_timeout``, is no news, and stands there too.
    """


@hookspec
def viewer_authorize(viewer: Viewer, request: AccessRequest) -> bool | None:
    """Decide whether a request or socket may go on.

    Called for each of them, static files included, on a worker thread; names in ``Host`` and foreign sites have been
    checked before. The first plugin that does not return None decides; when none does, the viewer's token does.

    :returns: True lets it through (without a token), anything else but None refuses it (403).
    If it raises, or takes more than 5 seconds: the request is refused (503), and the plugins page says why.
    """
