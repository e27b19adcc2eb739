"""Where to connect, as whom, and with what: from the user's words and their ``~/.ssh/config``."""

from __future__ import annotations

import getpass
import hashlib
import hmac
import os
import re
import secrets
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, TypeAlias
from urllib.parse import unquote, urlsplit

from attrs import Attribute, evolve, field, frozen, validators
from runicorn.errors import InvalidArgument

Auth: TypeAlias = Literal["auto", "agent", "key", "password"]
AUTHS: tuple[Auth, ...] = ("auto", "agent", "key", "password")
PORT = 22

_MARK = secrets.token_bytes(32)  # so that a digest of a secret means nothing outside this process


def _name(_: object, attribute: Attribute[Any], value: str | None) -> None:
    if value is None:
        return
    if not value or value.startswith("-") or any(c.isspace() or c < " " for c in value):
        reason = "must be a name or an address, without spaces and not beginning with '-'"
        raise InvalidArgument(attribute.name, value, reason)


@frozen
class SSHConfig:
    """What was asked for. Secrets stay out of ``repr``.

    :ivar host: a name, an address, or an alias of ``~/.ssh/config``.
    :ivar auth: ``auto`` tries keys and the agent, then asks; the others use only what they say.
    :ivar jump: hops on the way, ``[user@]host[:port]``, first one first; None = as ``~/.ssh/config`` says.
    """

    host: str = field(validator=_name)
    port: int | None = field(default=None, validator=validators.optional(validators.instance_of(int)))
    username: str | None = field(default=None, validator=_name)
    auth: Auth = field(default="auto", validator=validators.in_(AUTHS))
    key_path: str | None = None
    passphrase: str | None = field(default=None, repr=False)
    password: str | None = field(default=None, repr=False)
    jump: Sequence[str] | None = None

    @classmethod
    def from_uri(cls, uri: str) -> tuple[SSHConfig, str]:
        """The host of ``ssh://[user@]host[:port]/path`` and the path; ``/~/x`` lies below the home folder there.

        :raises InvalidArgument: it is no such address, or holds a password.
        """
        try:
            parts = urlsplit(uri)
        except ValueError:  # a bracket without its other half, say
            raise InvalidArgument("address", uri.rpartition("@")[2], "holds no address of a host") from None
        if parts.scheme != "ssh" or not parts.hostname:
            raise InvalidArgument("address", uri, "must look like ssh://host/path or ssh://user@host:22/~/path")
        if parts.password is not None:
            shown = f"ssh://{parts.username}:***@{parts.hostname}"
            raise InvalidArgument("address", shown, "must not hold a password; it would be seen in lists of processes")
        try:
            port = parts.port
        except ValueError:
            port = 0
        if port == 0:
            raise InvalidArgument("address", uri, "has a port that is none")
        # ``hostname`` is in small letters, but aliases of the configuration may have others.
        host = parts.netloc.rpartition("@")[2]
        host = host[1:].partition("]")[0] if host.startswith("[") else host.partition(":")[0]
        path = unquote(parts.path)
        path = path[1:] if path.startswith("/~") else path
        username = unquote(parts.username) if parts.username else None
        return cls(host=unquote(host), port=port, username=username), path or "~"


_PLACE = re.compile(r"((?P<user>[^:/]+)@)?(?P<host>\[[^]/]+]|[^:/@[\]]+)(:(?P<path>.*))?", re.DOTALL)


def place_of(text: str) -> tuple[SSHConfig, str | None]:
    """Host and path of ``[user@]host[:path]``, as scp takes them: an IPv6 address stands in brackets.

    :raises InvalidArgument: it is no such text.
    """
    found = _PLACE.fullmatch(text)
    if found is None:
        raise InvalidArgument("place", text, "must look like [user@]host:path or ssh://[user@]host[:port]/path")
    return SSHConfig(host=found["host"].strip("[]"), username=found["user"]), found["path"]


@frozen
class KeysOfHosts:
    """What OpenSSH's configuration says about keys of hosts."""

    files: tuple[str, ...] | None = None  # UserKnownHostsFile, GlobalKnownHostsFile; None = the usual ones
    strict: bool = False  # StrictHostKeyChecking yes: nothing new is ever accepted
    hashed: bool = False  # HashKnownHosts: what is accepted is written without its name


@frozen
class Resolved:
    """The same with ``~/.ssh/config`` applied."""

    asked: SSHConfig
    host: str  # what is connected to
    port: int
    username: str
    jump: tuple[SSHConfig, ...] = ()
    alias: str | None = None  # HostKeyAlias: the name under which its key is on file
    keys: tuple[str, ...] = ()  # IdentityFile
    only_named: bool = False  # IdentitiesOnly: of an agent's keys only those
    keys_of_hosts: KeysOfHosts = KeysOfHosts()

    @property
    def on_file(self) -> tuple[str, int]:
        """Name and port under which its key is on file."""
        return (self.host, self.port) if self.alias is None else (self.alias, PORT)

    @property
    def identity(self) -> tuple[object, ...]:
        """Equal where host, port, user and credentials are; holds no secret."""
        asked = self.asked
        secret = hmac.new(_MARK, repr((asked.password, asked.passphrase)).encode(), hashlib.sha256).hexdigest()
        hops = tuple((hop.host, hop.port, hop.username) for hop in self.jump)
        return (self.on_file, self.host, self.port, self.username, asked.auth, asked.key_path, self.keys, secret, hops)


def config_files() -> list[str]:
    """The user's OpenSSH configuration, where there is one."""
    path = Path("~/.ssh/config").expanduser()
    return [str(path)] if path.is_file() and os.access(path, os.R_OK) else []


def resolve(config: SSHConfig, files: Sequence[str] | None = None) -> Resolved:
    """Apply the user's OpenSSH configuration. What was asked for explicitly goes before it.

    :raises InvalidArgument: that configuration cannot be read.
    """
    found, local = _found(config, files)
    host, port = _place(config, found)
    alias = found.get("HostKeyAlias")
    return Resolved(
        asked=config,
        host=host,
        port=port,
        username=config.username or str(found.get("User") or local),
        jump=_way(_hops(config, found), files, ((config.host.lower(), port),)),
        alias=str(alias) if alias else None,
        keys=tuple(map(str, found.get("IdentityFile") or ())),
        only_named=bool(found.get("IdentitiesOnly")),
        keys_of_hosts=_keys_of_hosts(
            found, {"h": host, "p": str(port), "n": config.host, "k": str(alias or host), "u": local}
        ),
    )


_USER, _GLOBAL = (
    ("~/.ssh/known_hosts", "~/.ssh/known_hosts2"),
    ("/etc/ssh/ssh_known_hosts", "/etc/ssh/ssh_known_hosts2"),
)


def _keys_of_hosts(found: Any, words: Mapping[str, str]) -> KeysOfHosts:
    """``no``, ``off`` and ``accept-new`` are not followed: a key that was never seen is always asked about."""
    named = [found.get("UserKnownHostsFile"), found.get("GlobalKnownHostsFile")]
    files = None
    if any(one is not None for one in named):
        given = [usual if one is None else one for one, usual in zip(named, (_USER, _GLOBAL), strict=True)]
        files = tuple(_expanded(str(file), words) for one in given for file in one if str(file).lower() != "none")
    strict = str(found.get("StrictHostKeyChecking") or "").lower() in ("yes", "true")
    return KeysOfHosts(files, strict, bool(found.get("HashKnownHosts")))


def _expanded(path: str, words: Mapping[str, str]) -> str:
    known = {**words, "d": str(Path.home()), "%": "%"}
    return str(Path(re.sub("%(.)", lambda found: known.get(found[1], found[0]), path)).expanduser())


def _found(config: SSHConfig, files: Sequence[str] | None) -> tuple[Any, str]:
    """What the configuration says of a host, and who runs this."""
    from asyncssh import ConfigParseError
    from asyncssh.config import SSHClientConfig

    class Client(SSHClientConfig):
        """Reads two lines more than asyncssh does."""

        _handlers = {  # noqa: RUF012 (as asyncssh has it)
            **SSHClientConfig._handlers,
            "stricthostkeychecking": ("StrictHostKeyChecking", SSHClientConfig._set_string),
            "hashknownhosts": ("HashKnownHosts", SSHClientConfig._set_bool),
        }

    local = getpass.getuser()
    paths: Sequence[str] = config_files() if files is None else files
    user, port = config.username or (), config.port or ()
    try:
        return Client.load(None, list(paths), True, False, False, local, user, config.host, port), local
    except (ConfigParseError, OSError, UnicodeError) as error:
        raise InvalidArgument("~/.ssh/config", "", f"cannot be read: {error}") from error


def _place(config: SSHConfig, found: Any) -> tuple[str, int]:
    return str(found.get("Hostname") or config.host), config.port or int(found.get("Port") or PORT)


def _hops(config: SSHConfig, found: Any) -> tuple[SSHConfig, ...]:
    jump = config.jump
    if jump is None:
        proxy = found.get("ProxyJump")
        jump = str(proxy).split(",") if proxy and str(proxy).lower() != "none" else ()
    return tuple(hop(one.strip()) for one in jump)


def _way(
    hops: tuple[SSHConfig, ...], files: Sequence[str] | None, behind: tuple[tuple[str, int], ...]
) -> tuple[SSHConfig, ...]:
    """All hops: the first one may have a ``ProxyJump`` of its own, and so on. Nothing is reached through itself."""
    if not hops:
        return ()
    found, _ = _found(hops[0], files)
    name = hops[0].host.lower(), _place(hops[0], found)[1]
    if name in behind:
        return ()
    return (*_way(_hops(hops[0], found), files, (*behind, name)), *hops)


def hop(text: str) -> SSHConfig:
    """``[user@]host[:port]``.

    :raises InvalidArgument: it is no such text.
    """
    if text.startswith("ssh://"):
        return SSHConfig.from_uri(text)[0]
    username, _, place = text.rpartition("@")
    host, _, port = place.rpartition(":") if place.count(":") == 1 else (place, "", "")
    if ":" in username:
        raise InvalidArgument("jump", f"{username.partition(':')[0]}:***@{place}", "must not hold a password")
    if port and not port.isdigit():
        raise InvalidArgument("jump", text, "must look like [user@]host[:port]")
    host = host.strip("[]")
    return SSHConfig(host=host, port=int(port) if port else None, username=username or None)


def with_secrets(config: SSHConfig, *, password: str | None, passphrase: str | None) -> SSHConfig:
    """The same with what was typed meanwhile."""
    return evolve(config, password=password or config.password, passphrase=passphrase or config.passphrase)


def host_aliases(files: Sequence[str] | None = None) -> list[str]:
    """The aliases that the user's OpenSSH configuration names, in its order; patterns are left out."""
    found: dict[str, None] = {}
    for file in config_files() if files is None else files:
        _aliases(Path(file), found, depth=0)
    return list(found)


def _aliases(file: Path, found: dict[str, None], depth: int) -> None:
    try:
        lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return
    for line in lines:
        word, _, rest = line.strip().replace("=", " ", 1).partition(" ")
        if word.lower() == "host":
            for name in rest.split():
                name = name.strip('"')
                if not any(c in name for c in "*?!"):
                    found[name] = None
        elif word.lower() == "include" and depth < 8:
            for pattern in rest.split():
                base = Path(pattern.strip('"')).expanduser()
                folder = base.parent if base.is_absolute() else Path("~/.ssh").expanduser() / base.parent
                for included in sorted(folder.glob(base.name)) if folder.is_dir() else ():
                    _aliases(included, found, depth + 1)
