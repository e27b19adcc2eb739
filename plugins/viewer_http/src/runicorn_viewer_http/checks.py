"""Health checks: can the storage root be read, can it be written."""

from __future__ import annotations

import os
from collections.abc import Iterable

from attrs import frozen
from runicorn.config import get_user_root_dir
from runicorn.contracts import Check, HealthCheck
from runicorn.hooks import storage_backends


@frozen
class StorageReadable:
    name: str = "storage-readable"

    def run(self) -> Check:
        root = get_user_root_dir()
        if not root.exists():
            return Check(self.name, True, f"{root} does not exist yet; the first run makes it")
        readable = root.is_dir() and os.access(root, os.R_OK | os.X_OK)
        return Check(self.name, readable, str(root) if readable else f"{root} cannot be read by this user")


@frozen
class StorageWritable:
    name: str = "storage-writable"

    def run(self) -> Check:
        folder = get_user_root_dir()
        while not folder.exists() and folder != folder.parent:
            folder = folder.parent
        writable = os.access(folder, os.W_OK)
        return Check(self.name, writable, "" if writable else f"{folder} cannot be written by this user")


@frozen
class BackendPresent:
    name: str = "storage-backend"

    def run(self) -> Check:
        known = sorted(storage_backends())
        return Check(self.name, bool(known), ", ".join(known) or "no active plugin provides a storage backend")


def checks() -> Iterable[HealthCheck]:
    return (BackendPresent(), StorageReadable(), StorageWritable())
