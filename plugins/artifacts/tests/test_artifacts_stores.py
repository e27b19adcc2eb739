"""Every kind of store keeps the same promises; versions live in any of them."""

from __future__ import annotations

import io
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, BinaryIO

import pytest
import runicorn as rn
from runicorn.contracts import ArtifactStore, BlobEntry, BlobStore
from runicorn.errors import InvalidArgument, StorageReadOnly
from runicorn.hooks import artifact_stores
from runicorn.hookspecs import hookimpl
from runicorn.testing import ArtifactStoreContract, PluginContract
from runicorn_artifacts.cleaning import collect
from runicorn_artifacts.handle import ArtifactVersion
from runicorn_artifacts.local_store import FolderStore, FolderStores
from runicorn_artifacts.opening import open_repository


class TestFolder(ArtifactStoreContract):
    @pytest.fixture
    def kind(self) -> ArtifactStore:
        return FolderStores()

    @pytest.fixture
    def uri(self, tmp_path: Path) -> str:
        return (tmp_path / "a store 存").as_uri()


class TestPlugin(PluginContract):
    name = "artifacts"
    hooks = frozenset(
        [
            "config_schema",
            "register_api",
            "register_archive_parts",
            "register_artifact_stores",
            "register_commands",
            "register_sql_views",
            "viewer_topics",
            "viewer_panels",
            "viewer_routes",
        ]
    )


class MemoryStore:
    """A stranger's store: a dictionary. What an object store is, without files."""

    def __init__(self, uri: str) -> None:
        self.uri = uri
        self.blobs: dict[str, tuple[bytes, float]] = {}

    def read(self, key: str) -> bytes:
        return self.blobs[key][0]

    def open(self, key: str) -> BinaryIO:
        return io.BytesIO(self.blobs[key][0])

    def put(self, key: str, data: bytes) -> None:
        self.blobs[key] = (data, time.time())

    def create(self, key: str, data: bytes) -> bool:
        mine = (data, time.time())
        return self.blobs.setdefault(key, mine) is mine

    def stat(self, key: str) -> BlobEntry | None:
        found = self.blobs.get(key)
        return None if found is None else BlobEntry(key, len(found[0]), found[1])

    def touch(self, key: str) -> bool:
        if key not in self.blobs:
            return False
        self.put(key, self.blobs[key][0])
        return True

    def list(self, prefix: str) -> Iterator[BlobEntry]:
        for key in list(self.blobs):
            entry = self.stat(key) if key.startswith(prefix) else None
            if entry is not None:
                yield entry

    def delete(self, key: str) -> None:
        self.blobs.pop(key, None)

    def local_path(self, key: str) -> Path | None:
        return None


class MemoryStores:
    name, schemes = "acme", frozenset(["acme"])

    def __init__(self) -> None:
        self.opened: dict[str, MemoryStore] = {}

    def open(self, uri: str) -> BlobStore:
        return self.opened.setdefault(uri, MemoryStore(uri))


class TestStrangersStore(ArtifactStoreContract):
    @pytest.fixture
    def kind(self) -> ArtifactStore:
        return MemoryStores()

    @pytest.fixture
    def uri(self) -> str:
        return "acme://place"


def test_hook_register_artifact_stores_opens_the_configured_address(
    plugin_manager: Any, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kind = MemoryStores()

    class Stranger:
        @hookimpl
        def register_artifact_stores(self) -> list[ArtifactStore]:
            return [kind]

    plugin_manager.add("acme-memory", Stranger())
    monkeypatch.setenv("RUNICORN_ARTIFACTS__STORE", "acme://there")
    version = rn.log_artifact(rn.Artifact("net").add_dir(folder), ["best"])
    assert rn.use_artifact("net:best").verify() == []
    assert rn.use_artifact("net").path("large.bin").read_bytes() == (folder / "large.bin").read_bytes()
    repository = open_repository()
    repository.purge(version.record)
    assert collect(repository, grace_s=0).removed
    assert not [key for key in kind.opened["acme://there"].blobs if key.startswith("objects/")]
    assert not (repository.root / "artifacts").exists()


def test_an_address_that_nobody_opens_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "file" in artifact_stores().by_scheme
    monkeypatch.setenv("RUNICORN_ARTIFACTS__STORE", "ftp://host/x")
    with pytest.raises(InvalidArgument, match=r"is an address that no active plugin opens \(schemes: abfs, az, file, "):
        open_repository()


def test_stored_content_is_read_only(logged: Callable[..., ArtifactVersion]) -> None:
    digest = logged("content").files()[0].digest
    path = open_repository().store.local_path(f"objects/{digest[:2]}/{digest}")
    assert path is not None
    assert path.stat().st_mode & 0o222 == 0


def test_a_folder_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    with pytest.raises(OSError, match=r"storing an artifact failed in .*file/store") as caught:
        FolderStore(tmp_path / "file" / "store").put("objects/x", b"")
    assert not isinstance(caught.value, StorageReadOnly)
