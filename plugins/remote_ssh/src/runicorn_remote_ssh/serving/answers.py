"""A connection as it is answered, and what an attempt to connect has come to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal, TypedDict

from runicorn.contracts.http import About
from runicorn.errors import Problem

from .attempts import Questions
from .diary import trouble_of

if TYPE_CHECKING:
    from ..config import SSHConfig
    from ..connection import SSHConnection
    from .service import RemoteService

SECRETS = ("password", "passphrase")


class ConnectionAnswer(TypedDict):
    """One connection."""

    connection_id: str
    host: Annotated[str, About("As it was asked for.")]
    hostname: Annotated[str, About("What is connected to.")]
    port: int
    username: str
    jump: Annotated[list[str], About("Hosts on the way, the first one first: [user@]host[:port].")]
    state: Literal["connecting", "up", "degraded", "reconnecting", "needs-authentication", "stopped"]
    error: Annotated[str, About("Why it is not up; empty while it is.")]
    problem: Annotated[dict[str, Any] | None, About("The same with `code` and parameters, as a problem has them.")]
    connected_at: float | None
    retry_at: Annotated[float | None, About("While it is lost: when it is tried again.")]


def connection_answer(connection: SSHConnection) -> ConnectionAnswer:
    """A connection, as it is answered."""
    where = connection.resolved
    state: Any = str(connection.state)
    return {
        "connection_id": connection.id,
        "host": connection.config.host,
        "hostname": where.host,
        "port": where.port,
        "username": where.username,
        "jump": [hop_name(hop) for hop in where.jump],
        "state": state,
        "error": connection.error,
        "problem": trouble_of(connection),
        "connected_at": connection.connected_at,
        "retry_at": connection.retry_at,
    }


def hop_name(hop: SSHConfig) -> str:
    """``[user@]host[:port]``."""
    user = f"{hop.username}@" if hop.username else ""
    return f"{user}{hop.host}{f':{hop.port}' if hop.port else ''}"


def outcome_of(service: RemoteService, outcome: SSHConnection | Questions, remember: bool) -> ConnectionAnswer:
    """The connection; what let somebody in is remembered, where that was asked for.

    :raises Problem: 409 `answers-needed`: the host asks something first.
    """
    if isinstance(outcome, Questions):
        asking = outcome.asking
        questions = [{"text": one.text, "secret": one.secret} for one in asking.questions]
        raise Problem(
            409, "answers-needed", f"{asking.username}@{asking.host} asks: {asking.title or asking.kind}",
            attempt=outcome.attempt, kind=asking.kind, host=asking.host, username=asking.username,
            about=asking.title, again=asking.again, questions=questions,
        )  # fmt: skip
    if remember:
        for kind, secret in outcome.typed_secrets.items():
            service.vault.put(secret_name(outcome.config, kind), secret)
    return connection_answer(outcome)


def secret_name(config: SSHConfig, kind: str) -> str:
    """Whose secret it is, in the keyring."""
    if kind == "passphrase":
        return f"passphrase of {config.key_path}"
    return f"password of {config.username or ''}@{config.host}:{config.port or ''}"
