"""What goes wrong, as HTTP says it: a code and its parameters, which pages put into the reader's words."""

from __future__ import annotations

from typing import Any

from runicorn.errors import Problem

from .errors import (
    AnswersLate,
    AuthenticationFailed,
    ConnectionLost,
    ForwardingForbidden,
    HostKeyChanged,
    HostKeyRevoked,
    HostKeyUnknown,
    HostUnreachable,
    NotConnected,
    RemoteCommandFailed,
)


def problem_of(error: BaseException) -> Problem:
    """What to answer; the sentence is the error's own."""
    said = str(error) or type(error).__name__
    match error:
        case Problem():
            return error
        case HostKeyChanged():
            return Problem(409, "host-key-changed", said, host=error.host, port=error.port, key_type=error.key_type,
                           fingerprint=error.fingerprint, known=error.known, where=error.where,
                           steps=list(error.steps))  # fmt: skip
        case HostKeyRevoked():
            return Problem(409, "host-key-revoked", said, host=error.host, port=error.port, where=error.where)
        case HostKeyUnknown():
            shown = {"key_type": error.key_type, "fingerprint": error.fingerprint}
            if error.strict:
                return Problem(409, "host-key-strict", said, host=error.host, port=error.port, **shown)
            return Problem(409, "host-key-unknown", said, host=error.host, port=error.port, **shown)
        case AuthenticationFailed():
            return Problem(
                403, "authentication-failed", said, host=error.host, username=error.username, reason=error.reason
            )
        case HostUnreachable():
            return Problem(502, "host-unreachable", said, host=error.host, port=error.port, reason=error.reason)
        case ConnectionLost():
            return Problem(502, "connection-lost", said, host=error.host)
        case AnswersLate():
            return Problem(502, "answers-late", said, host=error.host)
        case ForwardingForbidden():
            return Problem(409, "forwarding-forbidden", said, host=error.host)
        case NotConnected():
            return Problem(502, "not-connected", said, host=error.host, reason=error.state)
        case RemoteCommandFailed():
            return Problem(502, "command-failed", said, host=error.host, program=error.program, reason=error.reason)
        case _:
            return Problem(502, "remote-failed", said)


def described(problem: Problem) -> dict[str, Any]:
    """A problem inside an answer: why something is as it is."""
    return {**problem.parameters, "code": problem.code, "detail": problem.detail}
