"""``/api/remote/environments`` and ``/api/remote/viewer/*``."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypedDict

from attrs import frozen
from runicorn.contracts.http import About, Call, Endpoint, NoBody, NoQuery
from runicorn.errors import Problem

from ..problems import described
from ..serving.service import RemoteService, service_of
from .session import State, ViewerSession

if TYPE_CHECKING:
    from runicorn.contracts import Viewer

    from .environments import Environment
    from .manager import Begun, RemoteViewerManager

START_S = 1200.0  # an installation over a slow line

ConnectionId = Annotated[str, About("Of POST /api/remote/connect.", max_length=100)]


@frozen
class EnvironmentsQuery:
    connection_id: ConnectionId
    root: Annotated[str, About("A storage root over there; environments beside it are found too.", max_length=4000)] = (
        ""
    )


class EnvironmentAnswer(TypedDict):
    """One Python over there."""

    kind: Annotated[str, About("private (made by an installation), conda, venv, uv, pipx, pyenv or system.")]
    name: str
    python: Annotated[str, About("Its path.")]
    version: str
    runicorn: str | None
    ready: Annotated[bool, About("Whether it can run the viewer.")]
    obstacle: Annotated[str | None, About("Why it cannot.")]
    obstacle_code: Annotated[str | None, About("The same as a name.")]
    can_host: Annotated[bool, About("Whether an environment for Runicorn can be made with it.")]


class EnvironmentsAnswer(TypedDict):
    environments: list[EnvironmentAnswer]
    free: Annotated[int | None, About("Bytes that are free in the user's folder over there.")]
    root: Annotated[str | None, About("The storage root that was asked about, in full.")]
    root_exists: bool


@frozen
class StartBody:
    connection_id: ConnectionId
    root: Annotated[str, About("The storage root over there; empty = as configured there.", max_length=4000)] = ""
    python: Annotated[
        str | None, About("Path of a Python over there; null = the best that is found.", max_length=4000)
    ] = None
    env: Annotated[str | None, About("Instead of it, the name of an environment.", max_length=400)] = None
    local_port: Annotated[int | None, About("Port of this machine; null = a free one.", minimum=1, maximum=65535)] = (
        None
    )
    install: Annotated[bool, About("Whether Runicorn may be installed over there, where it is missing.")] = False
    wait: Annotated[bool, About("false: answer at once; the session's state and steps tell the rest.")] = True


@frozen
class StopBody:
    session_id: Annotated[str, About("Of a session.", max_length=100)]


@frozen
class AgainBody:
    session_id: Annotated[str, About("Of a session that failed.", max_length=100)]
    install: Annotated[bool, About("Whether Runicorn may be installed over there this time.")] = False


class StepAnswer(TypedDict):
    name: Annotated[str, About("find, install, start or check.")]
    state: Literal["running", "done", "failed"]
    detail: str


class LineAnswer(TypedDict):
    time: float
    text: str
    event: Annotated[str, About("Names the sentence.")]
    values: Annotated[dict[str, Any], About("What fills it.")]


class SessionAnswer(TypedDict):
    """A viewer over there, at an address of this machine."""

    id: str
    connection_id: str
    host: str
    local_port: int | None
    remote_port: int | None
    root: str
    python: str
    version: Annotated[str | None, About("Of the viewer over there.")]
    pid: Annotated[int | None, About("Of its process over there.")]
    state: State
    error: Annotated[str, About("Why it is not up; empty while it is.")]
    problem: Annotated[dict[str, Any] | None, About("The same with `code` and parameters, as a problem has them.")]
    started_at: float
    url: Annotated[str | None, About("Where it is seen; the same for the session's life.")]
    steps: list[StepAnswer]
    log: list[LineAnswer]


class Stopped(TypedDict):
    stopped: str


def routes(viewer: Viewer) -> Iterable[Endpoint[Any, Any]]:
    service = service_of(viewer)
    made: list[RemoteViewerManager] = []

    def manager() -> RemoteViewerManager:
        """On the loop, when it is first needed: it imports what most viewers never do."""
        if not made:
            from .manager import RemoteViewerManager, configured

            made.append(RemoteViewerManager(configured(), viewer.admits))
            service.at_end.append(made[0].close)
        return made[0]

    async def ended(session_id: str) -> None:
        session = manager().session(session_id)
        await manager().stop(session_id)
        service.diary.note(session.line.host, "viewer-stopped", root=session.root)

    async def all_of_them() -> list[SessionAnswer]:
        return [shown(session) for session in manager().sessions]

    def environments(call: Call[EnvironmentsQuery, NoBody]) -> EnvironmentsAnswer:
        """Pythons on the other machine, and which of them can run the viewer."""
        return service.call(lambda: _environments(service, call.query))

    def start(call: Call[NoQuery, StartBody]) -> SessionAnswer:
        """Show the runs of a storage root on the other machine at an address of this one.

        A session that shows the same already is the answer. Where no Python over there fits, the answer is 409
        ``runicorn-missing``, with ``can_install``.
        """
        return service.call(lambda: _start(service, manager, call.body), START_S)

    def again(call: Call[NoQuery, AgainBody]) -> SessionAnswer:
        """Try a session that failed once more, asked for the same. Answers at once, with the session that is tried."""
        return service.call(lambda: _again(service, manager(), call.body), START_S)

    def stop(call: Call[NoQuery, StopBody]) -> Stopped:
        """End a session, and the viewer over there."""
        service.call(lambda: ended(call.body.session_id))
        return {"stopped": call.body.session_id}

    def sessions(_: Call[NoQuery, NoBody]) -> list[SessionAnswer]:
        """All sessions of this viewer; those that failed too, until they are stopped."""
        return service.call(all_of_them)

    refusals = {404: "no such connection, folder or Python", 409: "something is missing over there, or a port taken",
                502: "the other machine did something else than what it was asked", 503: "there is no line to it",
                504: "it did not answer in time", 507: "its disk is full"}  # fmt: skip
    yield Endpoint("GET", "/api/remote/environments", environments, EnvironmentsAnswer, EnvironmentsQuery,
                   statuses=refusals)  # fmt: skip
    yield Endpoint("POST", "/api/remote/viewer/start", start, SessionAnswer, body=StartBody, statuses=refusals)
    yield Endpoint("POST", "/api/remote/viewer/again", again, SessionAnswer, body=AgainBody, statuses=refusals)
    yield Endpoint("POST", "/api/remote/viewer/stop", stop, Stopped, body=StopBody,
                   statuses={404: "no such session", 504: "it did not end in time"})  # fmt: skip
    yield Endpoint("GET", "/api/remote/viewer/sessions", sessions, list[SessionAnswer])


async def _environments(service: RemoteService, query: EnvironmentsQuery) -> EnvironmentsAnswer:
    from .environments import look_around
    from .line import SSHLine

    around = await look_around(SSHLine(service.connection(query.connection_id)), query.root)
    return {
        "environments": [_environment(one) for one in around.environments],
        "free": around.free,
        "root": around.root,
        "root_exists": around.root_exists,
    }


def _environment(one: Environment) -> EnvironmentAnswer:
    return {
        "kind": one.kind,
        "name": one.name,
        "python": one.python,
        "version": one.version,
        "runicorn": one.runicorn,
        "ready": one.obstacle is None,
        "obstacle": one.obstacle,
        "obstacle_code": one.obstacle_code,
        "can_host": one.can_host,
    }


async def _start(service: RemoteService, manager: Callable[[], RemoteViewerManager], body: StartBody) -> SessionAnswer:
    from .line import SSHLine

    line = SSHLine(service.connection(body.connection_id))
    python = body.python if body.env is None else await _named(line, body)
    begun = await manager().prepare(line, body.root, python=python, local_port=body.local_port, install=body.install)
    _noted(service, begun, body.install)
    if body.wait:
        await begun.ready()
    return shown(begun.session)


async def _again(service: RemoteService, manager: RemoteViewerManager, body: AgainBody) -> SessionAnswer:
    begun = await manager.again(body.session_id, install=body.install)
    _noted(service, begun, body.install)
    return shown(begun.session)


def _noted(service: RemoteService, begun: Begun, install: bool) -> None:
    """What becomes of it stands in the diary of its host."""
    if begun.task is None:
        return
    session, diary = begun.session, service.diary
    diary.note(session.line.host, "viewer-installing" if install else "viewer-starting", root=session.root)

    def over(done: asyncio.Task[None]) -> None:
        if done.cancelled():
            return
        error = done.exception()
        if error is None:
            diary.note(session.line.host, "viewer-started", root=session.root, url=session.tunnel.url)
        else:
            diary.failed(session.line.host, error)

    begun.task.add_done_callback(over)


async def _named(line: Any, body: StartBody) -> str:
    from .environments import look_around

    if body.python is not None:
        raise Problem(400, "invalid-argument", "give python or env, not both")
    around = await look_around(line, body.root)
    found = [one for one in around.environments if body.env in (one.name, f"{one.kind}:{one.name}")]
    if len(found) != 1:
        what = "no environment" if not found else f"{len(found)} environments"
        detail = f"{line.host} has {what} named {body.env!r}; see GET /api/remote/environments"
        raise Problem(404, "no-such-environment", detail, host=line.host)
    return found[0].python


def shown(session: ViewerSession) -> SessionAnswer:
    viewer = session.viewer
    open_here = session.tunnel.listens
    return {
        "id": session.id,
        "connection_id": session.line.id,
        "host": session.line.host,
        "local_port": session.tunnel.port if open_here else None,
        "remote_port": viewer.port if viewer is not None else None,
        "root": session.root,
        "python": session.python,
        "version": viewer.version if viewer is not None else None,
        "pid": viewer.pid if viewer is not None else None,
        "state": session.state,
        "error": session.error,
        "problem": None if session.problem is None else described(session.problem),
        "started_at": session.started_at,
        "url": session.tunnel.url if open_here else None,
        "steps": [{"name": s.name, "state": s.state, "detail": s.detail} for s in session.progress.steps],
        "log": [
            {"time": entry.time, "text": entry.text, "event": entry.event, "values": dict(entry.values)}
            for entry in list(session.progress.log)
        ],
    }
