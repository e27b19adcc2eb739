"""Looking into folders over there, by SFTP: no shell sees a path."""

from __future__ import annotations

import asyncio
import posixpath
import stat
from collections.abc import Sequence
from contextlib import aclosing, suppress
from typing import TYPE_CHECKING, Any

from attrs import frozen
from runicorn.errors import InvalidArgument, Problem

if TYPE_CHECKING:
    import asyncssh

    from ..connection import SSHConnection

_PROJECTS, _NAMES, _LOOK_S = 16, 16, 3.0  # how far a root is looked for
_MOST = 5000  # entries of one answer


@frozen
class Entry:
    name: str
    kind: str  # file, folder or other
    size: int  # bytes
    modified_at: float  # Unix seconds


@frozen
class Folder:
    path: str  # absolute, as the host says it
    parent: str | None
    entries: tuple[Entry, ...]  # folders first, then by name
    more: bool  # there are more than are told
    is_root: bool  # it looks like a storage root of Runicorn


async def list_folder(connection: SSHConnection, path: str) -> Folder:
    """
    :param path: absolute, or relative to the home folder; ``~`` is the home folder.
    :raises Problem: 404, there is none; 403, it may not be read.
    """
    import asyncssh

    async with connection.sftp() as sftp:
        try:
            real = _text(await sftp.realpath(_path(path)))
            found = await sftp.readdir(real)
        except asyncssh.SFTPError as error:
            raise _problem(error, path) from None
        entries = [_entry(one) for one in found if _text(one.filename) not in (".", "..")]
        entries.sort(key=lambda one: (one.kind != "folder", one.name.lower(), one.name))
        is_root = await _is_root(sftp, real, entries)
    parent = None if real == "/" else real.rsplit("/", 1)[0] or "/"
    return Folder(real, parent, tuple(entries[:_MOST]), len(entries) > _MOST, is_root)


async def _is_root(sftp: asyncssh.SFTPClient, path: str, entries: Sequence[Entry]) -> bool:
    """Whether it looks like one: ``runs`` of an older root, or ``project/name/runs`` in one of the newest folders."""
    if {".runicorn", ".experiments_metadata.json", "runs"} & {one.name for one in entries}:
        return True
    folders = [one for one in entries if one.kind == "folder" and not one.name.startswith(".")]
    newest = sorted(folders, key=lambda one: -one.modified_at)[:_PROJECTS]
    try:
        async with asyncio.timeout(_LOOK_S):
            return any(await asyncio.gather(*(_is_project(sftp, posixpath.join(path, one.name)) for one in newest)))
    except TimeoutError:
        return False


async def _is_project(sftp: asyncssh.SFTPClient, path: str) -> bool:
    import asyncssh

    names: list[str] = []
    with suppress(asyncssh.SFTPError):  # it may not be read, say
        reading: Any = sftp.scandir(path)
        async with aclosing(reading) as found:  # of a folder of a million files, not all
            async for one in found:
                if _kind(one.attrs) == "folder" and not _text(one.filename).startswith("."):
                    names.append(_text(one.filename))
                if len(names) == _NAMES:
                    break
    looks = (sftp.isdir(posixpath.join(path, name, "runs")) for name in names)
    return True in await asyncio.gather(*looks, return_exceptions=True)


async def exists(connection: SSHConnection, path: str) -> Entry | None:
    """What stands there; None where nothing does."""
    import asyncssh

    async with connection.sftp() as sftp:
        try:
            attrs = await sftp.stat(_path(path))
        except (asyncssh.SFTPNoSuchFile, asyncssh.SFTPNoSuchPath):
            return None
        except asyncssh.SFTPError as error:
            raise _problem(error, path) from None
    return Entry(path, _kind(attrs), int(attrs.size or 0), float(attrs.mtime or 0))


def _path(path: str) -> str:
    if "\0" in path:
        raise InvalidArgument("path", path, "holds a NUL character")
    if path in ("", "~"):
        return "."
    return path[2:] or "." if path.startswith("~/") else path


def _entry(name: asyncssh.SFTPName) -> Entry:
    attrs = name.attrs
    return Entry(_text(name.filename), _kind(attrs), int(attrs.size or 0), float(attrs.mtime or 0))


def _kind(attrs: asyncssh.SFTPAttrs) -> str:
    mode = attrs.permissions or 0
    return "folder" if stat.S_ISDIR(mode) else "file" if stat.S_ISREG(mode) else "other"


def _text(name: str | bytes) -> str:
    return name.decode("utf-8", "replace") if isinstance(name, bytes) else name


def _problem(error: asyncssh.SFTPError, path: str) -> Problem:
    import asyncssh

    if isinstance(error, (asyncssh.SFTPNoSuchFile, asyncssh.SFTPNoSuchPath, asyncssh.SFTPNotADirectory)):
        return Problem(404, "no-such-folder", f"there is no folder {path!r} over there", path=path)
    if isinstance(error, asyncssh.SFTPPermissionDenied):
        return Problem(403, "folder-not-readable", f"{path!r} over there may not be read by this user", path=path)
    return Problem(502, "sftp-failed", f"{path!r} over there: {error.reason}", path=path)
