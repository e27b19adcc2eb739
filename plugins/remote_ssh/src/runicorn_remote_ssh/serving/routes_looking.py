"""Looking at another machine over HTTP: folders, how it is doing, and the connections that are saved."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated, Any, TypedDict

from attrs import asdict, frozen
from runicorn.contracts.http import About, Call, Endpoint, NoBody, NoQuery
from runicorn.errors import Problem

from ..config import Auth, SSHConfig
from ..looking.folders import Folder, exists, list_folder
from ..looking.machine import MachineStatus, look
from . import saved
from .answers import SECRETS, secret_name
from .routes import REMOTE, ConnectionId, Host
from .service import service_of

if TYPE_CHECKING:
    from runicorn.contracts import Viewer

Path = Annotated[
    str, About("Absolute, or relative to the home folder over there; ~ is the home folder.", max_length=4096)
]


@frozen
class ConnectionQuery:
    connection_id: ConnectionId


@frozen
class PathQuery:
    connection_id: ConnectionId
    path: Path = "~"


@frozen
class SaveBody:
    name: Annotated[str, About("What the list shows.", min_length=1, max_length=200)]
    host: Host
    port: Annotated[int | None, About(minimum=1, maximum=65535)] = None
    username: str | None = None
    auth: Auth = "auto"
    key_path: str | None = None
    jump: list[str] | None = None
    root: Annotated[str, About("The storage root over there; empty: as configured there.", max_length=4096)] = ""
    python: Annotated[str, About("A Python over there; empty: the best that is found.", max_length=4096)] = ""


@frozen
class NameQuery:
    name: Annotated[str, About("The saved connection's name.", max_length=200)]


class SavedAnswer(TypedDict):
    """A saved connection; never a secret."""

    name: str
    host: str
    port: int | None
    username: str | None
    auth: str
    key_path: str | None
    jump: list[str] | None
    root: str
    python: str


class UnsavedAnswer(TypedDict):
    ok: bool
    secrets_left: Annotated[bool, About("The file of secrets is locked: what it may hold of this host stays there.")]


def routes(viewer: Viewer) -> Iterable[Endpoint[Any, Any]]:
    """Every endpoint that looks at a machine, or keeps a connection for later."""
    service = service_of(viewer)

    def listing(call: Call[PathQuery, NoBody]) -> dict[str, Any]:
        """What a folder over there holds."""
        query = call.query
        return asdict(service.call(lambda: list_folder(service.connection(query.connection_id), query.path)))

    def there(call: Call[PathQuery, NoBody]) -> dict[str, Any]:
        """Whether something stands there, and what."""
        query = call.query
        found = service.call(lambda: exists(service.connection(query.connection_id), query.path))
        return {
            "exists": found is not None,
            "kind": found.kind if found else None,
            "size": found.size if found else None,
        }

    def status(call: Call[ConnectionQuery, NoBody]) -> dict[str, Any]:
        """CPU, memory, disk, GPUs and load over there, now."""
        return asdict(service.call(lambda: look(service.connection(call.query.connection_id))))

    def listed(_: Call[NoQuery, NoBody]) -> list[dict[str, Any]]:
        """The saved connections, by name."""
        return [one.document() for one in saved.saved_connections()]

    def save(call: Call[NoQuery, SaveBody]) -> dict[str, bool]:
        """Save a connection, in the place of another of its name."""
        body = call.body
        config = SSHConfig(body.host, body.port, body.username, body.auth, body.key_path, jump=body.jump)
        saved.save(saved.Saved(body.name, config, body.root, body.python))
        return {"ok": True}

    def unsave(call: Call[NameQuery, NoBody]) -> UnsavedAnswer:
        """Remove a saved connection, and the secrets that are remembered for it."""
        locked = service.vault.kind == "locked"
        for one in saved.saved_connections():
            if one.name == call.query.name and not locked:
                for kind in SECRETS:
                    service.vault.forget(secret_name(one.config, kind))
        if not saved.remove(call.query.name):
            raise Problem(404, "not-saved", f"no saved connection is called {call.query.name!r}", name=call.query.name)
        return {"ok": True, "secrets_left": locked}

    ok = dict[str, bool]
    folders = {**REMOTE, 403: "it may not be read", 404: "`no-such-connection`, or no such folder"}
    yield Endpoint("GET", "/api/remote/fs/list", listing, Folder, query=PathQuery, statuses=folders)
    yield Endpoint("GET", "/api/remote/fs/exists", there, dict[str, Any], query=PathQuery, statuses=folders)
    yield Endpoint("GET", "/api/remote/status", status, MachineStatus, query=ConnectionQuery, statuses=REMOTE)
    yield Endpoint("GET", "/api/remote/connections", listed, list[SavedAnswer])
    yield Endpoint("POST", "/api/remote/connections", save, ok, body=SaveBody)
    yield Endpoint(
        "DELETE", "/api/remote/connections", unsave, UnsavedAnswer, query=NameQuery,
        statuses={404: "`not-saved`: none of this name is saved"},
    )  # fmt: skip
