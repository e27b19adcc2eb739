"""Files that grow, read in pieces: each whole line once, whatever the sizes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from runicorn_storage_jsonl import growing
from runicorn_storage_jsonl.growing import GrowingFile

_LINES = st.lists(st.binary(max_size=40).map(lambda line: line.replace(b"\n", b"") + b"\n"), max_size=30)


@pytest.fixture
def small() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(growing, "PIECE", 16)
        patch.setattr(growing, "AHEAD", 50)
        yield


@settings(max_examples=300)
@given(parts=st.lists(_LINES, min_size=1, max_size=4), torn=st.binary(max_size=80))
@pytest.mark.usefixtures("small")
def test_every_whole_line_comes_once_and_no_piece_is_longer_than_it_must_be(
    tmp_path_factory: pytest.TempPathFactory, parts: list[list[bytes]], torn: bytes
) -> None:
    path = tmp_path_factory.mktemp("grows") / "events.jsonl"
    torn = torn.replace(b"\n", b"")
    file, read = GrowingFile(path), b""
    assert list(file.pieces()) == []  # not there yet
    written = b""
    for lines in parts:
        for piece, after in _told(file, path, written + b"".join(lines) + torn):
            assert piece.endswith(b"\n")
            assert len(piece) <= 16 or piece.count(b"\n") == 1
            read += piece
            assert after <= len(read)
        written += b"".join(lines)
        assert read == written
        assert (file.offset, file.rest) == (len(written), len(torn))
    assert file.generation == 1
    assert file.torn() == torn
    assert list(file.pieces()) == []


def _told(file: GrowingFile, path: Path, content: bytes) -> Iterator[tuple[bytes, int]]:
    """Pieces, and the position when each was handed out: it moves when the next is asked for."""
    path.write_bytes(content)
    for piece in file.pieces():
        yield piece, file.offset


@pytest.mark.usefixtures("small")
def test_who_stops_in_the_middle_goes_on_there(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    lines = [b"%03d\n" % number for number in range(100)]
    path.write_bytes(b"".join(lines))
    file = GrowingFile(path)
    first = b""
    for number, piece in enumerate(file.pieces()):
        if number == 2:  # handed out, and not taken: nobody asks for the next
            break
        first += piece
    assert file.offset == len(first)
    again = GrowingFile(path)
    again.resume(file.mark())
    assert first + b"".join(again.pieces()) == b"".join(lines)
