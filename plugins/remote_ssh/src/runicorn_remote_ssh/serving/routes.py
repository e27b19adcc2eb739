"""Connections over HTTP: connecting, signing in, keys of hosts, remembered secrets."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypedDict

from attrs import evolve, frozen
from runicorn.contracts.http import About, Call, Endpoint, NoBody, NoQuery
from runicorn.errors import InvalidArgument

from ..config import Auth, SSHConfig, host_aliases, resolve
from .answers import SECRETS, ConnectionAnswer, connection_answer, hop_name, outcome_of, secret_name
from .diary import Noting
from .service import service_of

if TYPE_CHECKING:
    from runicorn.contracts import Viewer

    from ..connection import SSHConnection
    from ..prompts import Prompts

Host = Annotated[str, About("A name, an address, or an alias of ~/.ssh/config.", min_length=1, max_length=300)]
Port = Annotated[int, About("The SSH server's port.", minimum=1, maximum=65535)]
Secret = Annotated[str | None, About("Never kept on disk unless `remember` says so, never answered.", max_length=4000)]
ConnectionId = Annotated[str, About("As POST /api/remote/connect answered.", max_length=100)]

Ignored = Annotated[Any, About("Of the problem; ignored.")]

#: What everything that goes over a connection may answer, too.
REMOTE = {
    404: "`no-such-connection`",
    502: "the host cannot be reached, or refuses",
    503: "the viewer is starting or stopping",
    504: "the host does not answer in time",
}

#: What signing in may answer, too.
REFUSED = {
    **REMOTE,
    403: "the host let nobody in",
    404: "`no-such-attempt`: it is over",
    409: "`host-key-` and `unknown`, `changed`, `revoked` or `strict`; `answers-needed`; `vault-locked`",
    429: "too many attempts wait for answers",
}


@frozen
class ConnectBody:
    host: Host
    port: Annotated[int | None, About("None: as ~/.ssh/config says.", minimum=1, maximum=65535)] = None
    username: Annotated[str | None, About("None: as ~/.ssh/config says.", max_length=200)] = None
    auth: Auth = "auto"
    key_path: Annotated[str | None, About("A private key file on this machine.", max_length=4096)] = None
    passphrase: Secret = None
    password: Secret = None
    jump: Annotated[list[str] | None, About("Hops, [user@]host[:port]; None: as ~/.ssh/config says.", max_items=8)] = (
        None
    )
    remember: Annotated[bool, About("Keep password or passphrase in the keyring, or in the unlocked file.")] = False


@frozen
class AnswerBody:
    attempt: Annotated[str, About("From the problem `answers-needed`.", max_length=100)]
    answers: Annotated[list[str] | None, About("One for each question; null gives up.", max_items=20)] = None
    remember: bool = False


@frozen
class ConnectionBody:
    connection_id: ConnectionId


@frozen
class AcceptBody:
    """The problem itself will do."""

    host: Host
    port: Port
    key_type: Annotated[str, About("As the problem `host-key-unknown` said.", max_length=100)]
    fingerprint: Annotated[str, About("As the problem `host-key-unknown` said.", max_length=200)]
    type: Ignored = None
    title: Ignored = None
    status: Ignored = None
    detail: Ignored = None
    code: Ignored = None
    known: Ignored = None
    where: Ignored = None
    steps: Ignored = None


@frozen
class HostBody:
    host: Host
    port: Port


@frozen
class UnlockBody:
    passphrase: Annotated[
        str, About("Of the encrypted file of secrets; begins one where there is none.", max_length=4000)
    ]


class AddressAnswer(TypedDict):
    """What the configuration says of an alias."""

    hostname: str
    port: int
    username: str
    jump: Annotated[list[str], About("Hosts on the way, the first one first: [user@]host[:port].")]


class HostsAnswer(TypedDict):
    """Hosts to choose from, and where secrets would be kept."""

    hosts: Annotated[list[str], About("The aliases of ~/.ssh/config.")]
    addresses: Annotated[dict[str, AddressAnswer], About("Of the aliases; those that can be resolved.")]
    secrets: Annotated[
        Literal["keyring", "file", "locked", "none"],
        About("The system's keyring; an encrypted file that is open, or locked; or no file yet."),
    ]


def routes(viewer: Viewer) -> Iterable[Endpoint[Any, Any]]:
    """Every endpoint of connections."""
    service = service_of(viewer)

    def connect(call: Call[NoQuery, ConnectBody]) -> ConnectionAnswer:
        """Connect to a host, or go on with the connection that these credentials have."""
        import asyncssh  # noqa: F401 (by this thread: on the loop it would keep everybody waiting)

        body = call.body
        config = SSHConfig(
            body.host, body.port, body.username, body.auth, body.key_path, body.passphrase, body.password, body.jump
        )
        given = remembered(config)
        if body.remember:
            service.vault.check_open()

        async def begin(prompts: Prompts) -> SSHConnection:
            service.diary.note(given.host, "connecting")
            return await service.pool.connect(given, prompts=Noting(prompts, service.diary, given.host))

        what = resolve(given).identity
        return outcome_of(service, service.call(lambda: service.attempts.begin(begin, what), 90), body.remember)

    def remembered(config: SSHConfig) -> SSHConfig:
        """With the secrets that were kept for it, where none are given."""
        password, passphrase = config.password, config.passphrase
        if password is None and config.auth in ("auto", "password"):
            password = service.vault.get(secret_name(config, "password"))
        if passphrase is None and config.key_path:
            passphrase = service.vault.get(secret_name(config, "passphrase"))
        return evolve(config, password=password, passphrase=passphrase)

    def answer(call: Call[NoQuery, AnswerBody]) -> ConnectionAnswer:
        """Answer what the host asked, and go on."""
        body = call.body
        outcome = service.call(lambda: service.attempts.answer(body.attempt, body.answers), 90)
        return outcome_of(service, outcome, body.remember)

    def disconnect(call: Call[NoQuery, ConnectionBody]) -> dict[str, bool]:
        """End a connection, and what goes over it."""
        connection_id = call.body.connection_id
        return {"ok": service.call(lambda: service.pool.close(service.connection(connection_id).id), 15)}

    def sessions(_: Call[NoQuery, NoBody]) -> list[ConnectionAnswer]:
        """Every connection of this viewer."""

        async def listed() -> Sequence[SSHConnection]:
            return service.pool.connections

        return [connection_answer(one) for one in service.call(listed)]

    def accept(call: Call[NoQuery, AcceptBody]) -> dict[str, bool]:
        """Put exactly this key of a host on file; one that a connection has met and that replaces no other."""
        body = call.body

        async def accepted() -> None:
            service.pool.known_hosts.accept(body.host, body.port, body.fingerprint)

        service.call(accepted)
        return {"ok": True}

    def remove(call: Call[NoQuery, HostBody]) -> dict[str, Any]:
        """Forget the keys of a host that were accepted here. Files of others are not changed; they are named, and
        the commands that remove the keys there."""
        body = call.body

        async def removed() -> dict[str, Any]:
            known = service.pool.known_hosts
            elsewhere = [str(file) for file in known.elsewhere(body.host, body.port)]
            count = known.remove(body.host, body.port)
            return {"removed": count, "elsewhere": elsewhere, "steps": known.steps(body.host, body.port)}

        return service.call(removed)

    def hosts(_: Call[NoQuery, NoBody]) -> HostsAnswer:
        """The aliases of ~/.ssh/config, and where secrets would be kept."""
        kind: Any = service.vault.kind
        aliases = host_aliases()
        addresses = {alias: found for alias in aliases if (found := _address(alias)) is not None}
        return {"hosts": aliases, "addresses": addresses, "secrets": kind}

    def unlock(call: Call[NoQuery, UnlockBody]) -> HostsAnswer:
        """Open the encrypted file of secrets until the viewer ends. Takes about 0.2 s, so that guessing is slow."""
        service.vault.unlock(call.body.passphrase)
        return hosts(Call(NoQuery(), NoBody(), {}))

    def forget(call: Call[NoQuery, ConnectBody]) -> dict[str, bool]:
        """Forget the secrets that are remembered for a host and user."""
        body = call.body
        config = SSHConfig(body.host, body.port, body.username, key_path=body.key_path)
        for kind in SECRETS:
            service.vault.forget(secret_name(config, kind))
        return {"ok": True}

    ok = dict[str, bool]
    yield Endpoint("POST", "/api/remote/connect", connect, ConnectionAnswer, body=ConnectBody, statuses=REFUSED)
    yield Endpoint("POST", "/api/remote/answers", answer, ConnectionAnswer, body=AnswerBody, statuses=REFUSED)
    yield Endpoint("POST", "/api/remote/disconnect", disconnect, ok, body=ConnectionBody, statuses=REMOTE)
    yield Endpoint("GET", "/api/remote/sessions", sessions, list[ConnectionAnswer], statuses=REMOTE)
    accepting = {**REMOTE, 409: "`host-key-changed`: another key of the host is on file"}
    yield Endpoint("POST", "/api/remote/known-hosts/accept", accept, ok, body=AcceptBody, statuses=accepting)
    yield Endpoint("POST", "/api/remote/known-hosts/remove", remove, dict[str, Any], body=HostBody, statuses=REMOTE)
    yield Endpoint("GET", "/api/remote/hosts", hosts, HostsAnswer)
    locked = {403: "`wrong-passphrase`", 409: "`vault-damaged`"}
    yield Endpoint("POST", "/api/remote/secrets/unlock", unlock, HostsAnswer, body=UnlockBody, statuses=locked)
    shut = {409: "`vault-locked`, `vault-damaged`"}
    yield Endpoint("POST", "/api/remote/secrets/forget", forget, ok, body=ConnectBody, statuses=shut)


def _address(alias: str) -> AddressAnswer | None:
    try:
        where = resolve(SSHConfig(alias))
    except InvalidArgument:  # the host's own page says so when it is connected to
        return None
    jump = [hop_name(hop) for hop in where.jump]
    return {"hostname": where.host, "port": where.port, "username": where.username, "jump": jump}
