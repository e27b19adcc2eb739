"""What goes wrong on the way to another machine. No secret stands in any of them."""

from __future__ import annotations

from collections.abc import Sequence

from runicorn.errors import RunicornError


class RemoteError(RunicornError):
    """Root of the errors of this plugin."""


class HostUnreachable(RemoteError, ConnectionError):
    """Nothing answers there, or what answers is no SSH server."""

    def __init__(self, host: str, port: int, reason: str) -> None:
        super().__init__(f"{host} port {port} cannot be reached: {reason}")
        self.host, self.port, self.reason = host, port, reason


class HostKeyUnknown(RemoteError):
    """A host that was never seen before, whose key nobody has confirmed yet."""

    def __init__(self, host: str, port: int, key_type: str, fingerprint: str, *, strict: bool = False) -> None:
        what = (
            "your configuration of OpenSSH (StrictHostKeyChecking yes) accepts no new key; put it into your known_hosts"
            if strict
            else "compare it with what the host's administrator says before you accept it"
        )
        super().__init__(f"the key of {host} port {port} is not known: {key_type} {fingerprint}; {what}")
        self.host, self.port, self.key_type, self.fingerprint = host, port, key_type, fingerprint
        self.strict = strict  # nobody is asked


class HostKeyChanged(RemoteError):
    """A host that shows another key than the one on file: somebody may be in between.

    :ivar steps: the commands that remove the old key, for somebody who knows that the host was set up anew.
    """

    def __init__(
        self, host: str, port: int, key_type: str, fingerprint: str, known: str, where: str, steps: Sequence[str] = ()
    ) -> None:
        super().__init__(
            f"the key of {host} port {port} has CHANGED: it shows {key_type} {fingerprint}, on file is {known} "
            f"({where}); either the host was set up anew or somebody is in between. If you are sure, remove the old "
            f"key first{': ' if steps else ''}{'; '.join(steps)}"
        )
        self.host, self.port, self.key_type, self.fingerprint = host, port, key_type, fingerprint
        self.known, self.where, self.steps = known, where, tuple(steps)


class HostKeyRevoked(RemoteError):
    """A host that shows a key which is marked as one that nobody may trust any more."""

    def __init__(self, host: str, port: int, where: str) -> None:
        super().__init__(
            f"the key that {host} port {port} shows is REVOKED (@revoked in {where}): whoever has it may be somebody "
            "else, so that nothing was sent; ask the host's administrator for the new key"
        )
        self.host, self.port, self.where = host, port, where


class AuthenticationFailed(RemoteError, PermissionError):
    """The host let nobody in with what was offered."""

    def __init__(self, username: str, host: str, reason: str) -> None:
        super().__init__(f"{username}@{host} was not let in: {reason}")
        self.username, self.host, self.reason = username, host, reason


class NotConnected(RemoteError, ConnectionError):
    """The connection is down at this moment, or was closed."""

    def __init__(self, host: str, state: str) -> None:
        super().__init__(f"there is no connection to {host} now ({state})")
        self.host, self.state = host, state


class ConnectionLost(NotConnected):
    """The line was there and is no more."""

    def __init__(self, host: str) -> None:
        super().__init__(host, "the connection was lost")


class AnswersLate(NotConnected):
    """The line owes an answer."""

    def __init__(self, host: str) -> None:
        super().__init__(host, "it answers late")


class ForwardingForbidden(NotConnected):
    """The host lets nobody open connections of this kind from there."""

    def __init__(self, host: str) -> None:
        super().__init__(host, "its administrator has forbidden to forward connections")


class RemoteCommandFailed(RemoteError):
    """A program over there that could not be run, or did not end in time."""

    def __init__(self, host: str, program: str, reason: str) -> None:
        super().__init__(f"{program!r} on {host} {reason}")
        self.host, self.program, self.reason = host, program, reason
