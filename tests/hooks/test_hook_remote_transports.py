"""Files elsewhere, by address: a stranger's transport keeps the contract, and is found by its scheme."""

from __future__ import annotations

import time
from collections.abc import Iterator
from threading import RLock
from typing import BinaryIO

import pytest
from runicorn.contracts import FileEntry, FileTree, Transport
from runicorn.errors import InvalidArgument, PluginConflict, StorageError, StorageGone
from runicorn.hooks import remote_transports, scheme_of
from runicorn.hookspecs import hookimpl
from runicorn.loader import Manager
from runicorn.security import check_relative
from runicorn.testing import TransportContract


class MemoryTree:
    """Files in a dictionary that several trees share; a folder's content is None."""

    parallel = 4

    def __init__(self, uri: str, files: dict[str, tuple[bytes | None, float]], lock: RLock) -> None:
        self.uri, self._files, self._lock, self._open = uri, files, lock, True

    def _checked(self, path: str) -> str:
        if not self._open:
            raise StorageError("looking", self.uri, "it was closed")
        return check_relative(path) if path else path

    def _parents(self, path: str) -> Iterator[str]:
        parts = path.split("/")
        yield from ("/".join(parts[:n]) for n in range(1, len(parts)))

    def list(self, path: str = "") -> list[FileEntry]:
        self._checked(path)
        with self._lock:
            if path and (path not in self._files or self._files[path][0] is not None):
                raise StorageGone("listing", path, "there is no such folder")
            start = f"{path}/" if path else ""
            names = [p for p in sorted(self._files) if p.startswith(start) and "/" not in p[len(start) :]]
            return [entry for name in names if (entry := self.stat(name))]

    def stat(self, path: str) -> FileEntry | None:
        found = self._files.get(self._checked(path))
        if found is None:
            return None
        content, modified_at = found
        return FileEntry(path, "folder") if content is None else FileEntry(path, "file", len(content), modified_at)

    def read(self, path: str, offset: int = 0, size: int | None = None) -> bytes:
        content = self._files.get(self._checked(path), (None, 0.0))[0]
        if content is None:
            raise StorageGone("reading", path, "there is no such file")
        return content[offset : None if size is None else offset + size]

    def write(self, path: str, data: bytes | BinaryIO, *, modified_at: float | None = None) -> None:
        self._checked(path)
        content = data if isinstance(data, bytes) else data.read()
        with self._lock:
            for parent in self._parents(path):
                self._files.setdefault(parent, (None, 0.0))
            self._files[path] = (content, time.time() if modified_at is None else modified_at)

    def append(self, path: str, data: bytes, offset: int) -> None:
        with self._lock:
            before = self.read(path)
            if len(before) != offset:
                raise StorageError("appending", path, f"it is {len(before)} bytes long, not {offset}")
            self.write(path, before + data)

    def make_folder(self, path: str) -> None:
        with self._lock:
            for each in (*self._parents(self._checked(path)), path):
                self._files.setdefault(each, (None, 0.0))

    def rename(self, old: str, new: str) -> None:
        with self._lock:
            if self._checked(old) not in self._files:
                raise StorageGone("renaming", old, "there is no such file")
            if self._files[old][0] is None and self._checked(new) in self._files:
                raise StorageError("renaming", new, "something is there")
            for path in [p for p in self._files if p == old or p.startswith(f"{old}/")]:
                self._files[new + path[len(old) :]] = self._files.pop(path)

    def remove(self, path: str) -> None:
        with self._lock:
            below = f"{self._checked(path)}/"
            if any(other.startswith(below) for other in self._files):
                raise StorageError("removing", path, "the folder is not empty")
            self._files.pop(path, None)

    def close(self) -> None:
        self._open = False


class MemoryTransport:
    name, schemes = "memory", frozenset(["memory"])

    def __init__(self) -> None:
        self.places: dict[str, dict[str, tuple[bytes | None, float]]] = {}
        self.lock = RLock()

    def open(self, uri: str) -> FileTree:
        return MemoryTree(uri, self.places.setdefault(uri, {}), self.lock)


class Stranger:
    def __init__(self, *transports: Transport) -> None:
        self.transports = transports

    @hookimpl
    def register_remote_transports(self) -> tuple[Transport, ...]:
        return self.transports


class TestStrangersTransport(TransportContract):
    @pytest.fixture
    def transport(self) -> Transport:
        return MemoryTransport()

    @pytest.fixture
    def uri(self) -> str:
        return "memory://place"


def test_hook_register_remote_transports_opens_addresses_by_scheme(plugins: Manager) -> None:
    plugins.add("acme", Stranger(MemoryTransport()))
    tree = remote_transports().open("MEMORY://place")
    tree.write("a/b", b"content")
    assert [entry.path for entry in tree.list()] == ["a"]
    assert next(info for info in plugins.plugins() if info.name == "acme").adds == ("transport memory",)


def test_an_address_that_nobody_opens_is_said_with_those_that_are_opened(plugins: Manager) -> None:
    plugins.add("acme", Stranger(MemoryTransport()))
    for address in ("gopher://host/x", "/a/path", "C:/Users"):
        with pytest.raises(InvalidArgument, match=r"is not one that an active plugin opens \(schemes: .*memory"):
            remote_transports().open(address)


def test_two_transports_of_one_scheme_are_a_conflict_that_names_both(plugins: Manager) -> None:
    plugins.add("acme", Stranger(MemoryTransport()))
    plugins.add("bolt", Stranger(MemoryTransport()))
    with pytest.raises(PluginConflict, match="remote transport 'memory' is provided by acme and bolt"):
        remote_transports()


@pytest.mark.parametrize(
    ("text", "scheme"),
    [("ssh://host/~/runs", "ssh"), ("S3+x://b", "s3+x"), ("C:\\runs", None), ("c://x", None), ("a/ssh://b", None)],
)
def test_only_an_address_has_a_scheme(text: str, scheme: str | None) -> None:
    assert scheme_of(text) == scheme
