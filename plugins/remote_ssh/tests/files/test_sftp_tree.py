"""Files over SFTP keep every promise of a transport, and come back after the connection was lost."""

from __future__ import annotations

import io
import os
from concurrent.futures import ThreadPoolExecutor

import pytest
from runicorn.contracts import FileTree, Transport
from runicorn.errors import InvalidArgument, StorageError, StorageUnreachable, UnsafePath
from runicorn.testing import TransportContract
from runicorn_remote_ssh.files.transport import Address

from .conftest import SftpPlace


class OnePlace:
    """The transport's trees, for a server that needs no keys."""

    name, schemes = "sftp", frozenset(["ssh"])

    def __init__(self, place: SftpPlace) -> None:
        self._place = place

    def open(self, uri: str) -> FileTree:
        return self._place.tree("/some/root 名")


class TestSftp(TransportContract):
    @pytest.fixture
    def transport(self, place: SftpPlace) -> Transport:
        (place.folder / "some/root 名").mkdir(parents=True)
        return OnePlace(place)

    @pytest.fixture
    def uri(self) -> str:
        return "ssh://place/some/root"


def test_after_the_connection_was_lost_the_next_call_opens_another(place: SftpPlace) -> None:
    tree = place.tree()
    tree.write("x", b"before")
    place.cut()
    with pytest.raises(StorageUnreachable):
        tree.read("x")
    with pytest.raises(StorageUnreachable):
        tree.read("x")
    place.start()
    assert tree.read("x") == b"before"
    tree.close()


def test_many_calls_that_come_while_it_is_opened_share_one_connection(place: SftpPlace) -> None:
    (place.folder / "x").write_bytes(b"content")
    tree = place.tree()
    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(lambda _: tree.read("x"), range(16))) == {b"content"}
    assert place.sessions == 1
    tree.close()


def test_a_link_is_what_it_points_at_and_one_that_points_nowhere_is_no_file(place: SftpPlace) -> None:
    (place.folder / "folder").mkdir()
    (place.folder / "file").write_bytes(b"1234")
    for name, target in (("to-folder", "folder"), ("to-file", "file"), ("to-nothing", "absent"), ("loop", "loop")):
        (place.folder / name).symlink_to(target)
    tree = place.tree()
    kinds = {entry.path: (entry.kind, entry.size) for entry in tree.list() if entry.path not in ("file", "folder")}
    assert kinds == {
        "to-folder": ("folder", 0),
        "to-file": ("file", 4),
        "to-nothing": ("other", 0),
        "loop": ("other", 0),
    }
    tree.close()


def test_names_that_are_no_text_hide_only_themselves(place: SftpPlace) -> None:
    (place.folder / "good").write_bytes(b"")
    with open(os.fsencode(place.folder) + b"/bad-\xff", "wb"):
        pass
    tree = place.tree()
    assert [entry.path for entry in tree.list()] == ["good"]
    tree.close()


def test_what_a_killed_writer_left_is_not_listed(place: SftpPlace) -> None:
    (place.folder / ".~x.12345678").write_bytes(b"half")
    tree = place.tree()
    assert list(tree.list()) == []
    tree.close()


def test_a_folder_that_may_not_be_read_is_said(place: SftpPlace) -> None:
    if os.geteuid() == 0:
        (place.folder / "x").write_bytes(b"")
        tree = place.tree()
        with pytest.raises(StorageError, match=r"listing a folder failed in ssh://place/root/x"):
            tree.list("x")
        tree.close()
        return
    (place.folder / "closed").mkdir(mode=0)
    tree = place.tree()
    with pytest.raises(StorageError, match="you may not"):
        tree.list("closed")
    tree.close()


@pytest.mark.parametrize(
    ("typed", "same", "path"),
    [
        ("ssh://box/~/runs/", "ssh://box/~/runs", "runs"),
        ("ssh://box", "ssh://box/~", ""),
        ("ssh://me@box:2222/data/%E5%90%8D", "ssh://me@box:2222/data/%E5%90%8D", "/data/名"),
        ("ssh://box/", "ssh://box/", "/"),
    ],
)
def test_an_address_is_a_host_and_a_folder(typed: str, same: str, path: str) -> None:
    address = Address.parse(typed)
    assert (address.uri, address.path) == (same, path)
    assert Address.parse(address.uri) == address


def test_another_users_home_is_no_address() -> None:
    with pytest.raises(InvalidArgument, match="write the whole path"):
        Address.parse("ssh://box/~other/runs")


def test_a_source_that_cannot_be_read_is_not_taken_for_a_place_that_cannot_be_reached(place: SftpPlace) -> None:
    class Source(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            raise UnsafePath("path", "media/link.txt", "leaves its folder")

    tree = place.tree()
    with pytest.raises(UnsafePath, match="leaves its folder"):
        tree.write("a/b.bin", Source())
    assert [entry.path for entry in tree.list("a")] == []
    tree.close()
