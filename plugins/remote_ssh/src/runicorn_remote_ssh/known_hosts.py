"""Which keys hosts may show: those of ``~/.ssh/known_hosts``, and those of our own file, which is accepted here.

A key is accepted in two steps: a connection meets an unknown key and is refused; the user compares the fingerprint and
accepts exactly that key. Where any other key of the host is on file, no key is accepted until the old one is removed.
"""

from __future__ import annotations

import base64
import copy
import hashlib
import hmac
import secrets
import shlex
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from runicorn.config import config_dir
from runicorn.errors import InvalidArgument
from runicorn.serialize import write_bytes

from .config import PORT, KeysOfHosts
from .errors import HostKeyChanged, HostKeyUnknown

if TYPE_CHECKING:
    import asyncssh

OWN = "known_hosts"


class KnownHosts:
    """The keys on file. Thread-safe.

    :param own: the file that is written; in the user's configuration folder by default.
    :param others: files that are only read.
    """

    def __init__(self, own: Path | None = None, others: Sequence[Path] | None = None) -> None:
        self.own = own or config_dir() / "remote" / OWN
        self._others = others
        self._lock = threading.Lock()
        self._told = KeysOfHosts()
        self._shown: dict[tuple[str, int, str], tuple[asyncssh.SSHKey, KnownHosts]] = {}  # refused, may be accepted

    def told(self, told: KeysOfHosts) -> KnownHosts:
        """The same with what OpenSSH's configuration says of a host: other files to read, and whether a new key may be
        accepted at all. What is accepted stands in our own file as ever."""
        if told == self._told:
            return self
        found = copy.copy(self)
        found._told = told
        if told.files is not None:
            found._others = [Path(file) for file in told.files]
        return found

    @property
    def files(self) -> list[Path]:
        home = Path("~/.ssh").expanduser()
        others = self._others if self._others is not None else (home / "known_hosts", home / "known_hosts2")
        system = () if self._others is not None else (Path("/etc/ssh/ssh_known_hosts"),)
        return [self.own, *others, *system]

    def matcher(self, host: str, port: int) -> Callable[[str, str, int | None], Sequence[Sequence[object]]]:
        """For ``known_hosts`` of ``asyncssh.connect``: what is on file under this name, whatever its address is."""

        def match(_host: str, _addr: str, _port: int | None) -> Sequence[Sequence[object]]:
            found: list[list[object]] = [[], [], [], [], [], [], []]
            for file in self.files:
                for kept, more in zip(found, _entries(file, host, port), strict=True):
                    kept.extend(more)
            return found

        return match

    def refused(self, host: str, port: int, key: asyncssh.SSHKey) -> HostKeyUnknown | HostKeyChanged:
        """What to say of a key that is not on file, which may be accepted afterwards if nothing else is."""
        kind, fingerprint = key.get_algorithm(), key.get_fingerprint()
        known, where = self._on_file(host, port)
        if known:
            return HostKeyChanged(host, port, kind, fingerprint, known, where, self.steps(host, port))
        if self._told.strict:
            return HostKeyUnknown(host, port, kind, fingerprint, strict=True)
        with self._lock:
            self._shown[host, port, fingerprint] = key, self
        return HostKeyUnknown(host, port, kind, fingerprint)

    def knows(self, host: str, port: int, key: asyncssh.SSHKey | None = None) -> bool:
        """Whether this key of a host is on file; without one, whether any is."""
        known, _ = self._on_file(host, port)
        return bool(known) if key is None else f"{key.get_algorithm()} {key.get_fingerprint()}" in known.split(", ")

    def accept(self, host: str, port: int, fingerprint: str) -> None:
        """Put exactly this key on file. Only one that a connection has met in this process can be accepted.

        :raises HostKeyChanged: another key of the host is on file.
        :raises InvalidArgument: no connection has met this key.
        """
        with self._lock:
            key, met = self._shown.get((host, port, fingerprint), (None, self))
            if key is None:
                raise InvalidArgument(
                    "fingerprint", fingerprint, f"is not what {host} port {port} has shown; try again"
                )
            known, where = met._on_file(host, port)
            if known and fingerprint not in known:
                steps = met.steps(host, port)
                raise HostKeyChanged(host, port, key.get_algorithm(), fingerprint, known, where, steps)
            if not known:
                name = _hashed(_pattern(host, port)) if met._told.hashed else _pattern(host, port)
                line = f"{name} {key.export_public_key('openssh').decode().strip()}\n"
                self._write(self._read() + line)
            del self._shown[host, port, fingerprint]

    def remove(self, host: str, port: int) -> int:
        """Forget the keys of a host that were accepted here.

        :returns: how many; those in files that are only read stay, and :meth:`elsewhere` names them.
        """
        with self._lock:
            kept, removed = [], 0
            for line in self._read().splitlines(keepends=True):
                if _names(line.partition(" ")[0], _pattern(host, port)):
                    removed += 1
                else:
                    kept.append(line)
            if removed:
                self._write("".join(kept))
            return removed

    def elsewhere(self, host: str, port: int) -> list[Path]:
        """Files of others that know the host."""
        return [file for file in self.files[1:] if _keys(file, host, port)]

    def revoking(self, host: str, port: int) -> str:
        """The files that revoke keys of a host; "" where none does."""
        return ", ".join(str(file) for file in self.files if _entries(file, host, port)[2])

    def steps(self, host: str, port: int) -> list[str]:
        """What somebody types to remove the keys of a host: those of files that are not ours, OpenSSH removes."""
        place = f"[{host}]" if ":" in host else host
        target = host if port == PORT else f"ssh://{place}:{port}"
        own = [shlex.join(["runicorn", "remote", "forget", target])] if _keys(self.own, host, port) else []
        name = _pattern(host, port)
        return own + [shlex.join(["ssh-keygen", "-R", name, "-f", str(file)]) for file in self.elsewhere(host, port)]

    def _on_file(self, host: str, port: int) -> tuple[str, str]:
        """(keys, files) on file for a host; "" where there is none."""
        keys: list[str] = []
        places: list[str] = []
        for file in self.files:
            found = _keys(file, host, port)
            if found:
                keys += [f"{key.get_algorithm()} {key.get_fingerprint()}" for key in found]
                places.append(str(file))
        return ", ".join(dict.fromkeys(keys)), ", ".join(places)

    def _read(self) -> str:
        try:
            return self.own.read_text(encoding="utf-8")
        except FileNotFoundError:
            return ""

    def _write(self, text: str) -> None:
        self.own.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_bytes(self.own, text.encode())
        self.own.chmod(0o600)


def _pattern(host: str, port: int) -> str:
    return host if port == PORT else f"[{host}]:{port}"


def _hashed(name: str) -> str:
    """As HashKnownHosts writes it: whoever reads the file does not learn where somebody goes."""
    salt = secrets.token_bytes(20)
    return "|1|" + "|".join(base64.b64encode(part).decode() for part in (salt, _digest(salt, name)))


def _digest(salt: bytes, name: str) -> bytes:
    return hmac.new(salt, name.encode(), hashlib.sha1).digest()


def _names(field: str, name: str) -> bool:
    """Whether the first field of a line means a host."""
    if not field.startswith("|1|"):
        return name in field.split(",")
    salt, _, digest = field[3:].partition("|")
    try:
        return hmac.compare_digest(_digest(base64.b64decode(salt), name), base64.b64decode(digest))
    except ValueError:
        return False


def _keys(file: Path, host: str, port: int) -> Sequence[asyncssh.SSHKey]:
    return _entries(file, host, port)[0]


def _entries(file: Path, host: str, port: int) -> Sequence[Sequence[Any]]:
    """Keys, keys of authorities, revoked keys, and four kinds of X.509. A line that cannot be read hides no other.

    Another port is another host, as for OpenSSH, but for authorities, which speak of names.
    """
    import asyncssh

    try:
        lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return ((), (), (), (), (), (), ())
    known = asyncssh.import_known_hosts("")
    for line in lines:
        try:
            known.load(line if line.isascii() else _without_comment(line))
        except ValueError:
            continue
    found = [list(kind) for kind in known.match(_pattern(host, port), "", None)]
    if port != PORT:
        _, authorities, revoked, *_ = known.match(host, "", None)
        found[1] += authorities
        found[2] += revoked
    return found


def _without_comment(line: str) -> str:
    """Comments may be in any language, which asyncssh does not read."""
    return " ".join(line.split()[: 4 if line.lstrip().startswith("@") else 3])
