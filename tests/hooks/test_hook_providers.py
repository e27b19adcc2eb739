"""Hooks that provide something under a name: two providers of one name are a conflict that ``prefer`` decides."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from runicorn.contracts import StorageBackend, Store, Viewer
from runicorn.contracts.http import Call, Endpoint, NoBody, NoQuery
from runicorn.contracts.viewer import Result
from runicorn.errors import BackendNotFound, PluginConflict
from runicorn.hooks import open_store, storage_backends, viewer_routes
from runicorn.hookspecs import hookimpl
from runicorn.loader import Manager


class Renamed:
    """The backend ``jsonl`` under another name, for roots named after it."""

    capabilities: frozenset[str] = frozenset()

    def __init__(self, name: str) -> None:
        self.name = name

    def probe(self, root: Path) -> float:
        return 1.0 if root.name == self.name else 0.0

    def open_store(self, root: Path, config: Mapping[str, object]) -> Store:
        return storage_backends()["jsonl"].open_store(root / "inside", config)


class Provider:
    def __init__(self, backend: StorageBackend) -> None:
        self.backend = backend

    @hookimpl
    def register_storage_backends(self) -> list[StorageBackend]:
        return [self.backend]


def test_hook_register_storage_backends_offers_one_by_name_and_by_what_lies_there(
    plugins: Manager, tmp_path: Path
) -> None:
    plugins.add("acme", Provider(Renamed("acme")))
    assert open_store(tmp_path / "x", backend="acme").root == tmp_path / "x/inside"
    assert open_store(tmp_path / "acme").root == tmp_path / "acme/inside"
    assert open_store(tmp_path / "other").root == tmp_path / "other"


def test_a_backend_that_is_missing_is_named_with_those_that_are_there(plugins: Manager, tmp_path: Path) -> None:
    with pytest.raises(BackendNotFound, match=r"no storage backend 'duck' \(available: .*jsonl"):
        open_store(tmp_path, backend="duck")


def test_two_backends_of_one_name_are_a_conflict_that_names_both(plugins: Manager) -> None:
    plugins.add("acme", Provider(Renamed("jsonl")))
    with pytest.raises(PluginConflict, match=r"'jsonl' is provided by acme and storage-jsonl; disable one"):
        storage_backends()


def test_prefer_decides_between_two_backends_of_one_name(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from runicorn.loader import use_manager

    (tmp_path / "runicorn.toml").write_text('[plugins.prefer]\njsonl = "storage-jsonl"\n')
    monkeypatch.chdir(tmp_path)
    with use_manager(Manager()) as manager:
        manager.add("acme", Provider(Renamed("jsonl")))
        assert not isinstance(storage_backends()["jsonl"], Renamed)


# --- Routes


class NoViewer:
    """What a hook is given, as far as these tests need it."""

    settings: Mapping[str, object] = {}

    def __init__(self) -> None:
        self.stopping = asyncio.Event()

    @property
    def store(self) -> Store:
        return open_store()

    def admits(self, headers: Mapping[str, str]) -> bool:
        return True

    async def in_thread(self, work: Callable[[], Result]) -> Result:
        return work()


class Routes:
    def __init__(self, path: str) -> None:
        self.path = path

    @hookimpl
    def viewer_routes(self, viewer: Viewer) -> list[Endpoint[NoQuery, NoBody]]:
        def count(call: Call[NoQuery, NoBody]) -> object:
            return {"runs": len(viewer.store.list_runs())}

        return [Endpoint("GET", self.path, count, answer=dict[str, int])]


def test_hook_viewer_routes_adds_endpoints(plugins: Manager) -> None:
    plugins.add("acme", Routes("/api/acme/count"))
    found = [route for route in viewer_routes(NoViewer()) if route.path == "/api/acme/count"]
    assert [route.handler(Call(NoQuery(), NoBody(), {})) for route in found] == [{"runs": 0}]


def test_two_routes_of_one_path_and_method_are_a_conflict_that_names_both(plugins: Manager) -> None:
    plugins.add("acme", Routes("/api/count"))
    plugins.add("bolt", Routes("/api/count"))
    with pytest.raises(PluginConflict, match=r"'GET /api/count' is provided by acme and bolt"):
        viewer_routes(NoViewer())
