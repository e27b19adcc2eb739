"""The contract of :class:`runicorn.contracts.FileTree`, as tests."""

from __future__ import annotations

import io
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from ..contracts import FileTree, Transport
from ..errors import StorageError, StorageGone, UnsafePath


class TransportContract:
    """Subclass it and give it the transport, and an address of a folder that is empty or does not exist."""

    @pytest.fixture
    def transport(self) -> Transport:
        raise NotImplementedError("give the contract a fixture named 'transport' that returns your transport")

    @pytest.fixture
    def uri(self) -> str:
        raise NotImplementedError("give the contract a fixture named 'uri' that returns an address of an empty place")

    @pytest.fixture
    def tree(self, transport: Transport, uri: str) -> Iterator[FileTree]:
        tree = transport.open(uri)
        yield tree
        tree.close()

    def test_it_says_which_addresses_it_opens(self, transport: Transport, uri: str) -> None:
        assert transport.name
        assert uri.partition("://")[0] in transport.schemes

    def test_what_is_written_is_read(self, tree: FileTree) -> None:
        for path, data in (("a.json", b"{}"), ("deep/er/file 1", b"content"), ("deep/名字.txt", b""), ("#?%41", b"x")):
            tree.write(path, data)
            assert tree.read(path) == data
            found = tree.stat(path)
            assert found is not None
            assert (found.path, found.kind, found.size) == (path, "file", len(data))

    def test_a_stream_is_written_whole(self, tree: FileTree) -> None:
        data = bytes(range(256)) * 4096
        tree.write("large", io.BytesIO(data))
        assert tree.read("large") == data

    def test_a_range_is_read_and_ends_where_the_file_does(self, tree: FileTree) -> None:
        tree.write("x", b"0123456789")
        assert tree.read("x", 4, 3) == b"456"
        assert tree.read("x", 8, 100) == b"89"
        assert tree.read("x", 4) == b"456789"
        assert tree.read("x", 10, 5) == tree.read("x", 99) == b""
        assert tree.read("x", 3, 0) == b""

    def test_writing_again_replaces(self, tree: FileTree) -> None:
        tree.write("x", b"a long first content")
        tree.write("x", b"second")
        assert tree.read("x") == b"second"

    def test_a_file_gets_the_time_that_was_asked_for(self, tree: FileTree) -> None:
        tree.write("x", b"1", modified_at=1_700_000_000.0)
        found = tree.stat("x")
        assert found is not None
        assert found.modified_at == 1_700_000_000.0

    def test_a_reader_sees_the_old_or_the_new_content(self, tree: FileTree) -> None:
        sizes = (300_000, 500_000)
        tree.write("x", b"0" * sizes[0])

        def write() -> None:
            for n in range(6):
                tree.write("x", bytes([n]) * sizes[n % 2])

        with ThreadPoolExecutor(2) as pool:
            writing = pool.submit(write)
            seen = [tree.read("x")]
            while not writing.done():
                seen.append(tree.read("x"))
            writing.result()
        assert all(len(one) in sizes and len(set(one)) == 1 for one in seen)

    def test_a_folder_lists_what_it_holds_in_order_and_nothing_deeper(self, tree: FileTree) -> None:
        for path in ("f/b", "f/a", "f/sub/deep", "f/.hidden", "other"):
            tree.write(path, path.encode())
        listed = tree.list("f")
        assert [entry.path for entry in listed] == ["f/.hidden", "f/a", "f/b", "f/sub"]
        assert [entry.kind for entry in listed] == ["file", "file", "file", "folder"]
        assert listed[1] == tree.stat("f/a")
        assert [entry.path for entry in tree.list()] == ["f", "other"]

    def test_append_extends_a_file_of_the_expected_length_only(self, tree: FileTree) -> None:
        tree.write("x", b"one\n")
        tree.append("x", b"two\n", 4)
        assert tree.read("x") == b"one\ntwo\n"
        for wrong in (4, 100):
            with pytest.raises(StorageError):
                tree.append("x", b"again", wrong)
        assert tree.read("x") == b"one\ntwo\n"
        with pytest.raises(StorageGone):
            tree.append("absent", b"x", 3)

    def test_what_does_not_exist_is_said(self, tree: FileTree) -> None:
        tree.write("there", b"")
        assert tree.stat("absent") is None
        assert tree.stat("absent/deeper") is None
        for ask in (tree.read, tree.list):
            with pytest.raises(StorageGone):
                ask("absent")
        with pytest.raises(StorageGone):
            tree.rename("absent", "new")
        tree.remove("absent")
        tree.remove("absent/deeper")

    def test_a_folder_is_made_with_those_above_and_removed_when_empty(self, tree: FileTree) -> None:
        tree.make_folder("a/b/c")
        tree.make_folder("a/b")
        found = tree.stat("a/b")
        assert found is not None
        assert found.kind == "folder"
        with pytest.raises(StorageError):
            tree.remove("a/b")
        tree.remove("a/b/c")
        tree.remove("a/b")
        assert tree.stat("a/b") is None

    def test_a_rename_moves_a_file_over_another_in_one_step(self, tree: FileTree) -> None:
        tree.write("new", b"new")
        tree.write("old", b"old")
        tree.rename("new", "old")
        assert tree.read("old") == b"new"
        assert tree.stat("new") is None
        tree.write("folder/x", b"x")
        tree.rename("folder", "moved")
        assert tree.read("moved/x") == b"x"
        tree.write("other/y", b"y")
        with pytest.raises(StorageError):
            tree.rename("other", "moved")

    def test_a_removed_file_is_gone(self, tree: FileTree) -> None:
        tree.write("x", b"x")
        tree.remove("x")
        assert tree.stat("x") is None
        assert list(tree.list()) == []

    @pytest.mark.parametrize("path", ["../x", "a/../../x", "/etc/passwd", "a//b", "./x", "a\x00b", "C:/x", "a\\b"])
    def test_no_path_leaves_the_tree(self, tree: FileTree, path: str) -> None:
        for act in (tree.read, tree.list, tree.stat, tree.remove, tree.make_folder, lambda p: tree.write(p, b"x")):
            with pytest.raises(UnsafePath):
                act(path)

    def test_many_threads_use_it_at_once(self, tree: FileTree) -> None:
        assert tree.parallel >= 1

        def work(n: int) -> bytes:
            tree.write(f"many/{n}", str(n).encode() * 1000)
            return tree.read(f"many/{n}")

        with ThreadPoolExecutor(16) as pool:
            assert list(pool.map(work, range(48))) == [str(n).encode() * 1000 for n in range(48)]
        assert len(tree.list("many")) == 48

    def test_two_trees_of_one_address_are_one_place(self, transport: Transport, tree: FileTree, uri: str) -> None:
        other = transport.open(uri)
        tree.write("x", b"x")
        assert other.read("x") == b"x"
        assert other.uri == tree.uri
        other.close()
        other.close()
        assert tree.read("x") == b"x"

    def test_after_close_it_says_so(self, transport: Transport, uri: str) -> None:
        tree = transport.open(uri)
        tree.close()
        with pytest.raises(StorageError):
            tree.list()
