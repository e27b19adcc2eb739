"""What SFTP says, as the errors of storage."""

from __future__ import annotations

import asyncio

from runicorn.errors import StorageError, StorageFull, StorageGone, StorageReadOnly, StorageUnreachable


def lost(error: BaseException) -> bool:
    """Whether the session is gone, so that another one may do better."""
    import asyncssh

    kinds = (asyncssh.SFTPConnectionLost, asyncssh.SFTPNoConnection, asyncssh.SFTPBadMessage, asyncssh.DisconnectError)
    return isinstance(error, (*kinds, asyncssh.ChannelOpenError, ConnectionError, asyncio.TimeoutError))


def mapped(what: str, where: str, error: Exception) -> StorageError:
    """The storage error that says the same."""
    import asyncssh

    reason = getattr(error, "reason", "") or str(error) or type(error).__name__
    if lost(error):
        return StorageUnreachable(what, where, f"the connection is down ({reason})")
    if isinstance(error, (asyncssh.SFTPNoSuchFile, asyncssh.SFTPNoSuchPath, asyncssh.SFTPNotADirectory)):
        return StorageGone(what, where, "there is no such file or folder")
    if isinstance(error, (asyncssh.SFTPPermissionDenied, asyncssh.SFTPWriteProtect)):
        kind = StorageError if what in ("reading", "looking", "listing a folder") else StorageReadOnly
        return kind(what, where, "you may not")
    if isinstance(error, (asyncssh.SFTPNoSpaceOnFilesystem, asyncssh.SFTPQuotaExceeded)):
        return StorageFull(what, where, "no space is left there")
    if isinstance(error, asyncssh.Error):
        return StorageError(what, where, reason)
    if isinstance(error, OSError):
        return StorageUnreachable(what, where, reason)
    return StorageError(what, where, f"{type(error).__name__}: {reason}")
