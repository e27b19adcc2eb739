"""A tree of files over SFTP: blocking calls of any thread, pipelined over one session."""

from __future__ import annotations

import asyncio
import builtins
import io
import posixpath
import secrets
import stat as modes
import threading
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, suppress
from typing import TYPE_CHECKING, Any, BinaryIO, TypeVar

from runicorn.contracts import FileEntry
from runicorn.errors import RunicornError, StorageError, StorageUnreachable
from runicorn.security import check_relative

from ..errors import RemoteError
from .loop import TRANSFERS
from .programs_there import Connecting, ProgramsThere
from .sftp_errors import lost, mapped

if TYPE_CHECKING:
    import asyncssh

    from .gathering import Gathered
    from .surveying import Survey

    Opening = Callable[[], Awaitable[AbstractAsyncContextManager[asyncssh.SFTPClient]]]

Value = TypeVar("Value")

PARALLEL = 48
#: No single call takes longer, unless it moves megabytes.
PATIENCE_S = 60.0
_BYTES_PER_S = 64 << 10  # slower than this, and a transfer counts as stuck
_BLOCK = 1 << 20
_PARTS = ".~"  # how the names of files begin that are being written


class SftpTree:
    """Files below one folder over there. The session is opened by the first call, and again after it was lost."""

    parallel = PARALLEL

    def __init__(self, uri: str, base: str, opening: Opening, connecting: Connecting | None = None) -> None:
        """
        :param base: the folder, absolute or relative to the user's home there.
        :param opening: gives an SFTP session to enter, on the transfers' loop.
        :param connecting: gives the connection, where programs may be run over there.
        """
        self._programs = None if connecting is None else ProgramsThere(uri, base, connecting)
        self.uri = uri
        self._base = base
        self._opening = opening
        self._session: asyncio.Task[asyncssh.SFTPClient] | None = None  # of the loop's thread
        self._held: AsyncExitStack | None = None
        self._closed = threading.Event()
        self._closings: set[asyncio.Task[Any]] = set()

    # --- Reading

    def list(self, path: str = "") -> builtins.list[FileEntry]:
        async def ask(sftp: asyncssh.SFTPClient, there: str) -> builtins.list[FileEntry]:
            found: builtins.list[FileEntry] = []
            links: builtins.list[str] = []
            for name in await sftp.readdir(there):
                text = str(name.filename)
                if text in (".", "..") or text.startswith(_PARTS) or "\\" in text or not _is_text(text):
                    continue
                entry = _entry(f"{path}/{text}" if path else text, name.attrs)
                if entry is None:
                    links.append(text)
                else:
                    found.append(entry)
            for text in links:
                found.append(await _followed(sftp, f"{path}/{text}" if path else text, posixpath.join(there, text)))
            return sorted(found, key=lambda entry: entry.path)

        return self._ask("listing a folder", path, ask)

    def stat(self, path: str) -> FileEntry | None:
        async def ask(sftp: asyncssh.SFTPClient, there: str) -> FileEntry | None:
            import asyncssh

            try:
                return _entry(path, await sftp.stat(there)) or FileEntry(path, "other")
            except (asyncssh.SFTPNoSuchFile, asyncssh.SFTPNoSuchPath, asyncssh.SFTPNotADirectory):
                return None

        return self._ask("looking", path, ask)

    def read(self, path: str, offset: int = 0, size: int | None = None) -> bytes:
        async def ask(sftp: asyncssh.SFTPClient, there: str) -> bytes:
            file: Any = await sftp.open(there, "rb")
            try:
                wanted = size if size is not None else max(0, ((await file.stat()).size or 0) - offset)
                if wanted == 0:
                    return b""
                parts = [await file.read(wanted, offset)]
                while parts[-1] and sum(map(len, parts)) < wanted:  # a server may give less than it could
                    got = sum(map(len, parts))
                    parts.append(await file.read(wanted - got, offset + got))
                return b"".join(parts)
            finally:
                self._close_later(file)

        return self._ask("reading", path, ask, extra_s=(size or 0) / _BYTES_PER_S if size else 3600.0)

    def gather(self, folders: Sequence[str], names: Sequence[str] | None) -> Gathered | None:
        """See :class:`~.gathering.Gathers`."""
        return None if self._programs is None or self._closed.is_set() else self._programs.gather(folders, names)

    def survey(self, *, inside: bool) -> Survey | None:
        """See :class:`~.surveying.Surveys`."""
        return None if self._programs is None or self._closed.is_set() else self._programs.survey(inside=inside)

    # --- Writing

    def write(self, path: str, data: bytes | BinaryIO, *, modified_at: float | None = None) -> None:
        source = io.BytesIO(data) if isinstance(data, bytes) else data

        async def ask(sftp: asyncssh.SFTPClient, there: str) -> None:
            import asyncssh

            folder, name = posixpath.split(there)
            beside = posixpath.join(folder, f"{_PARTS}{name[:60]}.{secrets.token_hex(4)}")
            try:
                file = await _made(sftp, beside, folder)
                try:
                    at = 0
                    while block := await asyncio.to_thread(source.read, _BLOCK):
                        await file.write(block, at)
                        at += len(block)
                    with suppress(Exception):  # not every server can; then a power cut over there may cost the file
                        await file.fsync()
                finally:
                    await file.close()
                if modified_at is not None:
                    await sftp.utime(beside, (modified_at, modified_at))
                await sftp.posix_rename(beside, there)
            except BaseException as error:
                full = isinstance(error, asyncssh.SFTPFailure) and await _is_full(sftp, folder)
                with suppress(Exception):
                    await asyncio.shield(sftp.remove(beside))
                if full:
                    raise asyncssh.SFTPNoSpaceOnFilesystem("") from error
                raise

        self._ask("writing", path, ask, extra_s=3600.0)

    def append(self, path: str, data: bytes, offset: int) -> None:
        async def ask(sftp: asyncssh.SFTPClient, there: str) -> None:
            file = await sftp.open(there, "r+b")
            try:
                size = (await file.stat()).size
                if size != offset:
                    raise StorageError("appending", self._shown(path), f"it is {size} bytes long, not {offset}")
                await file.write(data, offset)
            finally:
                await file.close()

        self._ask("appending", path, ask, extra_s=len(data) / _BYTES_PER_S)

    def make_folder(self, path: str) -> None:
        async def ask(sftp: asyncssh.SFTPClient, there: str) -> None:
            await _make_folders(sftp, there)

        self._ask("making a folder", path, ask)

    def rename(self, old: str, new: str) -> None:
        target = self._there(new)

        async def ask(sftp: asyncssh.SFTPClient, there: str) -> None:
            await sftp.posix_rename(there, target)

        self._ask("renaming", old, ask)

    def remove(self, path: str) -> None:
        async def ask(sftp: asyncssh.SFTPClient, there: str) -> None:
            import asyncssh

            try:
                found = await sftp.lstat(there)
                if modes.S_ISDIR(found.permissions or 0):
                    await sftp.rmdir(there)
                else:
                    await sftp.remove(there)
            except (asyncssh.SFTPNoSuchFile, asyncssh.SFTPNoSuchPath, asyncssh.SFTPNotADirectory):
                return

        self._ask("removing", path, ask)

    def close(self) -> None:
        if self._closed.is_set():
            return
        self._closed.set()
        with suppress(RunicornError):
            TRANSFERS.call(self._hang_up(), 5.0, self.uri)

    # --- The session

    def _ask(
        self,
        what: str,
        path: str,
        ask: Callable[[asyncssh.SFTPClient, str], Awaitable[Value]],
        *,
        extra_s: float = 0.0,
    ) -> Value:
        there = self._there(path)
        if self._closed.is_set():
            raise StorageError(what, self._shown(path), "it was closed")

        async def work() -> Value:
            sftp = await self.opened()
            try:
                return await ask(sftp, there)
            except Exception as error:
                if lost(error):
                    await self._hang_up()
                raise

        try:
            return TRANSFERS.call(work(), PATIENCE_S + extra_s, self._shown(path))
        except RemoteError as error:
            raise StorageUnreachable(what, self.uri, str(error)) from error
        except RunicornError:  # of storage, or of whatever is read while it is written
            raise
        except Exception as error:
            raise mapped(what, self._shown(path), error) from error

    async def opened(self) -> asyncssh.SFTPClient:
        """The session; callers that come while it is being opened wait for the same one. On the transfers' loop."""
        if self._session is None:
            self._session = asyncio.ensure_future(self._enter())
        session = self._session
        try:
            return await asyncio.shield(session)
        except BaseException:
            if session.done() and self._session is session:
                self._session = None
            raise

    async def _enter(self) -> asyncssh.SFTPClient:
        held = AsyncExitStack()
        sftp = await held.enter_async_context(await self._opening())
        self._held = held
        return sftp

    async def _hang_up(self) -> None:
        self._session = None
        held, self._held = self._held, None
        if held is not None:
            with suppress(Exception):
                async with asyncio.timeout(2.0):
                    await held.aclose()

    def _close_later(self, file: Any) -> None:
        """Nobody waits for the answer to a close."""
        closing = asyncio.ensure_future(_quietly(file.close()))
        self._closings.add(closing)
        closing.add_done_callback(self._closings.discard)

    def _there(self, path: str) -> str:
        return posixpath.join(self._base, check_relative(path)) if path else self._base or "."

    def _shown(self, path: str) -> str:
        return f"{self.uri.rstrip('/')}/{path}" if path else self.uri


async def _quietly(work: Awaitable[object]) -> None:
    with suppress(Exception):
        await work


async def _made(sftp: asyncssh.SFTPClient, path: str, folder: str) -> Any:
    """A new file, and the folders above it where they are missing."""
    import asyncssh

    try:
        return await sftp.open(path, "xb")
    except (asyncssh.SFTPNoSuchFile, asyncssh.SFTPNoSuchPath):
        await _make_folders(sftp, folder or ".")
        return await sftp.open(path, "xb")


async def _is_full(sftp: asyncssh.SFTPClient, folder: str) -> bool:
    """Of whatever goes wrong, OpenSSH's server says that it failed."""
    try:
        there = await sftp.statvfs(folder or ".")
    except Exception:  # noqa: BLE001 (a server without that question)
        return False
    return bool(there.bavail * there.frsize < _BLOCK or (there.files and not there.favail))


async def _make_folders(sftp: asyncssh.SFTPClient, path: str) -> None:
    import asyncssh

    try:
        await sftp.makedirs(path, exist_ok=True)
    except (asyncssh.SFTPNoSuchFile, asyncssh.SFTPNoSuchPath):  # asyncssh goes on below one that may not be made
        raise asyncssh.SFTPPermissionDenied(f"{path} cannot be made") from None
    except asyncssh.SFTPFailure as error:  # of a read-only disk asyncssh says that it is no folder
        raise asyncssh.SFTPFailure(
            "a folder cannot be made: the disk is read-only or full, or a file is there"
        ) from error


async def _followed(sftp: asyncssh.SFTPClient, path: str, there: str) -> FileEntry:
    import asyncssh

    try:
        return _entry(path, await sftp.stat(there)) or FileEntry(path, "other")
    except asyncssh.SFTPError as error:
        if lost(error):
            raise
        return FileEntry(path, "other")


def _entry(path: str, attrs: Any) -> FileEntry | None:
    """None for a link."""
    mode = attrs.permissions or 0
    if modes.S_ISLNK(mode):
        return None
    if modes.S_ISDIR(mode):
        return FileEntry(path, "folder", 0, float(attrs.mtime or 0))
    exact = float(attrs.mtime or 0) + (attrs.mtime_ns or 0) / 1e9
    return FileEntry(path, "file" if modes.S_ISREG(mode) else "other", int(attrs.size or 0), exact)


def _is_text(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True
