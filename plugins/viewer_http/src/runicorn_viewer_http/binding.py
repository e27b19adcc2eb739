"""Listening: on a port, or on a socket in the file system that only this user can reach."""

from __future__ import annotations

import errno
import os
import socket
import stat
import sys
from contextlib import closing, suppress
from pathlib import Path

from runicorn.errors import InvalidArgument

from .settings import DEFAULT_PORT

_TRIES = 100
_LONGEST = 100  # bytes of a socket's path that every system takes
UNIX = "unix:"


def listen(place: str | Path, port: int | None) -> socket.socket:
    """A listening socket at an address, or at a path."""
    return bind_file(place) if isinstance(place, Path) else bind(place, port)


def let_go(place: str | Path) -> None:
    """Remove what listening left in the file system."""
    if isinstance(place, Path):
        with suppress(OSError):
            place.unlink()


def bind(host: str, port: int | None) -> socket.socket:
    """A listening socket.

    :param port: exactly this one; None = the default port, or the next free one.
    :raises InvalidArgument: the port is taken, or the host is no address of this machine.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    ports = [port] if port is not None else range(DEFAULT_PORT, DEFAULT_PORT + _TRIES)
    failed: OSError | None = None
    for candidate in ports:
        listening = socket.socket(family, socket.SOCK_STREAM)
        try:
            if sys.platform != "win32":  # there it would let two servers share one port
                listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            listening.bind((host, candidate))
            listening.listen(128)
            listening.setblocking(False)
        except OSError as error:
            listening.close()
            failed = error
            if not isinstance(error, PermissionError) and error.errno != errno.EADDRINUSE:
                break
            continue
        return listening
    reason = failed.strerror if failed is not None else "no port is free"
    if port is None:
        raise InvalidArgument("host", host, f"cannot be listened on: {reason}") from failed
    raise InvalidArgument("port", port, f"cannot be used on {host}: {reason}") from failed


def bind_file(path: Path) -> socket.socket:
    """A listening socket at a path. Its folder is made for this user alone; what a dead viewer left is replaced.

    :raises InvalidArgument: another process listens there, the path is too long, or the folder is open to others.
    """
    if not hasattr(socket, "AF_UNIX"):
        raise InvalidArgument("bind", f"{UNIX}{path}", "this system has no such sockets; give HOST:PORT")
    if len(os.fsencode(path)) > _LONGEST:
        raise InvalidArgument("bind", f"{UNIX}{path}", f"is longer than {_LONGEST} bytes; choose a shorter folder")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder = path.parent.stat()
        if folder.st_uid != os.geteuid() or folder.st_mode & 0o022:
            raise InvalidArgument("bind", f"{UNIX}{path}", "the folder must be yours, and writable by you alone")
        _clear(path)
        listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        before = os.umask(0o177)  # nobody else may connect, not even for a moment
        try:
            listening.bind(str(path))
            listening.listen(128)
            listening.setblocking(False)
        except OSError:
            listening.close()
            raise
        finally:
            os.umask(before)
    except OSError as error:
        raise InvalidArgument("bind", f"{UNIX}{path}", f"cannot be listened on: {error.strerror}") from error
    return listening


def _clear(path: Path) -> None:
    with suppress(FileNotFoundError):
        if not stat.S_ISSOCK(path.lstat().st_mode):
            raise InvalidArgument("bind", f"{UNIX}{path}", "there is a file of that name")
        with closing(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)) as asking:
            asking.settimeout(1)
            try:
                asking.connect(str(path))
            except ConnectionRefusedError:
                path.unlink()
                return
        raise InvalidArgument("bind", f"{UNIX}{path}", "another process listens there")


def address_of(text: str) -> tuple[str | Path, int | None]:
    """What ``--bind`` says: ``unix:PATH``, or host and port.

    :raises InvalidArgument: it is neither.
    """
    if text.startswith(UNIX):
        path = Path(text.removeprefix(UNIX)).expanduser()
        if not path.is_absolute():
            raise InvalidArgument("bind", text, "the path must be absolute")
        return path, None
    host, colon, port = text.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    if not colon or not host or not port.isascii() or not port.isdigit() or int(port) > 65535:
        raise InvalidArgument("bind", text, "must be unix:PATH or HOST:PORT")
    return host, int(port)
