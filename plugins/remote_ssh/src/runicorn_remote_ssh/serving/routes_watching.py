"""What happens to connections, and acting on it: their log, signing in again, not waiting for the next try."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated, Any, TypedDict

from attrs import asdict, frozen
from runicorn.contracts.http import About, Call, Endpoint, NoBody, NoQuery

from .answers import ConnectionAnswer, outcome_of
from .diary import Noting
from .routes import REFUSED, REMOTE, ConnectionBody, ConnectionId, Host
from .service import service_of

if TYPE_CHECKING:
    from runicorn.contracts import Viewer

    from ..connection import SSHConnection
    from ..prompts import Prompts


@frozen
class LogQuery:
    host: Host


@frozen
class SignInBody:
    connection_id: ConnectionId
    remember: Annotated[bool, About("Keep password or passphrase in the keyring, or in the unlocked file.")] = False


class EntryAnswer(TypedDict):
    """Something that happened."""

    time: float
    event: Annotated[str, About("connecting, asked, connected, state, problem, viewer-started, ...: names a sentence.")]
    values: Annotated[dict[str, Any], About("What fills it; `problem` has a `code` and its parameters.")]
    bad: bool


def routes(viewer: Viewer) -> Iterable[Endpoint[Any, Any]]:
    service = service_of(viewer)

    def log(call: Call[LogQuery, NoBody]) -> list[EntryAnswer]:
        """What has happened with a host since the viewer began, the oldest first; the last 200 entries."""
        entries: list[Any] = [asdict(entry) for entry in service.diary.of(call.query.host)]
        return entries

    def sign_in(call: Call[NoQuery, SignInBody]) -> ConnectionAnswer:
        """Bring back a connection that needs somebody to sign in, with the credentials that it has."""
        body = call.body
        if body.remember:
            service.vault.check_open()
        known = service.connection(body.connection_id)
        host, what = known.config.host, known.resolved.identity

        async def again(prompts: Prompts) -> SSHConnection:
            service.diary.note(host, "connecting")
            found = await service.pool.sign_in_again(body.connection_id, prompts=Noting(prompts, service.diary, host))
            return found if found is not None else service.connection(body.connection_id)

        return outcome_of(service, service.call(lambda: service.attempts.begin(again, what), 90), body.remember)

    def retry(call: Call[NoQuery, ConnectionBody]) -> dict[str, bool]:
        """A connection that is lost is tried now, and not when its rest is over."""

        async def hurried() -> None:
            service.connection(call.body.connection_id).retry_now()

        service.call(hurried)
        return {"ok": True}

    yield Endpoint("GET", "/api/remote/log", log, list[EntryAnswer], query=LogQuery)
    yield Endpoint("POST", "/api/remote/sign-in", sign_in, ConnectionAnswer, body=SignInBody, statuses=REFUSED)
    yield Endpoint("POST", "/api/remote/retry", retry, dict[str, bool], body=ConnectionBody, statuses=REMOTE)
