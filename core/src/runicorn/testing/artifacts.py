"""The contract of :class:`runicorn.contracts.BlobStore`, as tests."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from ..contracts import ArtifactStore, BlobStore


class ArtifactStoreContract:
    """Subclass it and give it the kind of store, and an address of a place that is empty."""

    @pytest.fixture
    def kind(self) -> ArtifactStore:
        raise NotImplementedError("give the contract a fixture named 'kind' that returns your kind of store")

    @pytest.fixture
    def uri(self) -> str:
        raise NotImplementedError("give the contract a fixture named 'uri' that returns an address of an empty place")

    @pytest.fixture
    def blobs(self, kind: ArtifactStore, uri: str) -> BlobStore:
        return kind.open(uri)

    def test_it_says_which_addresses_it_opens(self, kind: ArtifactStore, uri: str) -> None:
        assert kind.name
        assert uri.partition("://")[0] in kind.schemes

    def test_what_is_put_is_read(self, blobs: BlobStore) -> None:
        for key, data in (("objects/ab/abc", b"content"), ("objects/ab/empty", b""), ("a/名字 1.json", b"{}")):
            blobs.put(key, data)
            assert blobs.read(key) == data
            with blobs.open(key) as file:
                assert file.read() == data
            found = blobs.stat(key)
            assert found is not None
            assert (found.key, found.size) == (key, len(data))

    def test_a_stream_can_be_sought(self, blobs: BlobStore) -> None:
        blobs.put("objects/x", b"0123456789")
        with blobs.open("objects/x") as file:
            file.seek(4)
            assert file.read(3) == b"456"

    def test_putting_again_is_fine(self, blobs: BlobStore) -> None:
        blobs.put("objects/x", b"same")
        blobs.put("objects/x", b"same")
        assert blobs.read("objects/x") == b"same"

    def test_what_is_not_there_is_said(self, blobs: BlobStore) -> None:
        for read in (blobs.read, blobs.open):
            with pytest.raises(KeyError):
                read("objects/absent")
        assert blobs.stat("objects/absent") is None
        assert not blobs.touch("objects/absent")
        assert list(blobs.list("nothing/")) == []
        blobs.delete("objects/absent")

    def test_a_key_is_created_once(self, blobs: BlobStore) -> None:
        assert blobs.create("versions/v1.json", b"first")
        assert not blobs.create("versions/v1.json", b"second")
        assert blobs.read("versions/v1.json") == b"first"

    def test_of_many_that_create_one_key_exactly_one_succeeds(
        self, blobs: BlobStore, kind: ArtifactStore, uri: str
    ) -> None:
        stores = [kind.open(uri) for _ in range(4)]
        with ThreadPoolExecutor(8) as pool:
            won = list(pool.map(lambda n: stores[n % 4].create("race/v1", str(n).encode()), range(16)))
        assert won.count(True) == 1
        assert blobs.read("race/v1") == str(won.index(True)).encode()

    def test_a_prefix_lists_exactly_what_is_below_it(self, blobs: BlobStore) -> None:
        for key in ("a/b/1", "a/b/2", "a/bc/3", "d/4"):
            blobs.put(key, key.encode())
        assert sorted(entry.key for entry in blobs.list("a/b/")) == ["a/b/1", "a/b/2"]
        assert sorted(entry.key for entry in blobs.list("a/")) == ["a/b/1", "a/b/2", "a/bc/3"]

    def test_what_is_deleted_is_gone(self, blobs: BlobStore) -> None:
        blobs.put("objects/x", b"x")
        blobs.delete("objects/x")
        assert blobs.stat("objects/x") is None
        assert list(blobs.list("objects/")) == []

    def test_a_local_path_holds_the_blob(self, blobs: BlobStore) -> None:
        blobs.put("objects/x", b"content")
        path = blobs.local_path("objects/x")
        assert path is None or path.read_bytes() == b"content"
