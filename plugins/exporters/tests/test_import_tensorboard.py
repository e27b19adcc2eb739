"""Event files written by tensorboardX and tensorboard (``fixtures/make_tensorboard.py``), read without either."""

from __future__ import annotations

import math
import shutil
import struct
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from runicorn.contracts import Importer, RunReader, Store
from runicorn.hooks import open_store
from runicorn.managing import Imported, ImportRequest, IncomingRun, import_runs
from runicorn.testing import ImporterContract
from runicorn_exporters.checksum import crc32c, masked
from runicorn_exporters.imports import wire
from runicorn_exporters.imports.damage import CutOff, Damaged
from runicorn_exporters.imports.tensorboard.events import Events
from runicorn_exporters.imports.tensorboard.importer import TensorBoardImporter
from runicorn_exporters.imports.tensorboard.tfrecord import records

WRITTEN = Path(__file__).parent / "fixtures" / "tensorboard"


class TestTensorBoard(ImporterContract):
    @pytest.fixture
    def importer(self) -> Importer:
        return TensorBoardImporter()

    @pytest.fixture
    def source(self, tmp_path: Path) -> Path:
        return shutil.copytree(WRITTEN, tmp_path / "logs")


@pytest.fixture
def store() -> Iterator[Store]:
    store = open_store()
    yield store
    store.close()


def bring(store: Store, path: Path, **how: Any) -> dict[str, tuple[Imported, RunReader]]:
    outcomes = {outcome.run.rpartition("/")[2]: outcome for outcome in import_runs(store, ImportRequest(path, **how))}
    readers = {record.ref.id: store.open_run(record.ref) for record in store.list_runs()}
    return {run: (outcome, readers[run]) for run, outcome in outcomes.items()}


def points(reader: RunReader, key: str) -> list[tuple[int, float, Any]]:
    return [(record.step, record.ts, record.data[key]) for record in reader.records() if key in record.data]


def test_everything_that_tensorboardx_wrote_is_there_or_counted(store: Store) -> None:
    outcome, reader = bring(store, WRITTEN)["tensorboard-lr_0.1-train"]
    loss = points(reader, "loss")
    assert [(step, ts) for step, ts, _ in loss] == [(step, 1.79e9 + step) for step in range(30)]
    assert [value for *_, value in loss] == [struct.unpack("f", struct.pack("f", 1 / (n + 1)))[0] for n in range(30)]
    (bad,) = points(reader, "损失/a_b")
    assert bad[0] == 3
    assert math.isnan(bad[2])
    media = {medium.key: medium for medium in reader.media()}
    assert {key: (medium.kind, medium.step) for key, medium in media.items()} == {
        "sample": ("image", 2),
        "weights": ("histogram", 5),
        "note": ("text", 1),
    }
    assert (media["sample"].fields["width"], media["sample"].fields["height"]) == (8, 6)
    assert (reader.folder / media["sample"].path).read_bytes().startswith(b"\x89PNG")
    assert (reader.folder / media["note"].path).read_text(encoding="utf-8") == "**hello** 你好"
    weights = media["weights"].fields
    assert weights["n"] == 1000
    counts, edges = weights["counts"], weights["edges"]
    assert isinstance(counts, list)
    assert isinstance(edges, list)
    assert len(edges) == len(counts) + 1
    assert (edges[0], edges[-1]) == (-1.0, 1.0)
    assert reader.read("params") == {"lr": 0.1, "optimizer": "adam", "nesterov": True}
    assert points(reader, "accuracy")[0][0] == 30
    assert outcome.left_out == {"values of pr_curves": 1}
    assert (reader.record.title, reader.record.status) == ("lr_0.1/train", "finished")
    assert reader.record.started_at == 1.79e9


def test_everything_that_tensorboard_itself_wrote_is_there(store: Store) -> None:
    outcome, reader = bring(store, WRITTEN)["tensorboard-lr_0.1-validation"]
    assert [value for *_, value in points(reader, "loss")][:2] == [0.5, 0.25]
    media = {medium.key: medium for medium in reader.media()}
    assert {key: medium.kind for key, medium in media.items()} == {
        "words": "text",
        "picture": "image",
        "spread": "histogram",
        "voice": "audio",
        "voice of old": "audio",
    }
    assert media["voice"].fields["duration_s"] == 0.1
    assert media["voice"].path == media["voice of old"].path
    assert media["spread"].fields["counts"] == [3, 4]
    assert media["spread"].fields["edges"] == [0.0, 1.0, 2.0]
    assert outcome.left_out == {}


def test_one_event_file_alone_can_be_imported(store: Store) -> None:
    (file,) = (WRITTEN / "lr_0.1" / "train").glob("events*")
    ((outcome, reader),) = bring(store, file).values()
    assert outcome.points == 31
    assert reader.record.ref.project == "train"


def test_a_file_that_is_cut_off_or_damaged_gives_what_came_before_and_says_so(store: Store, tmp_path: Path) -> None:
    (file,) = (WRITTEN / "lr_0.1" / "train").glob("events*")
    whole = file.read_bytes()
    cut, changed = tmp_path / "cut", tmp_path / "changed"
    for folder, content in ((cut, whole[:700]), (changed, whole[:700] + b"\x00" + whole[701:])):
        folder.mkdir()
        (folder / file.name).write_bytes(content)
    ((outcome, reader),) = bring(store, cut).values()
    assert outcome.left_out == {"records that are cut off at the end of their file": 1}
    assert 0 < len(points(reader, "loss")) < 30
    outcome, reader = bring(store, changed)["changed"]
    assert outcome.left_out == {"event files that are damaged from some record on": 1}
    assert 0 < len(points(reader, "loss")) < 30


def test_a_checksum_is_what_the_world_takes_it_for() -> None:
    assert crc32c(b"123456789") == 0xE3069283
    assert crc32c(b"\0" * 32) == 0x8A9136AA


def record(data: bytes) -> bytes:
    length = struct.pack("<Q", len(data))
    return b"".join([length, struct.pack("<I", masked(crc32c(length))), data, struct.pack("<I", masked(crc32c(data)))])


@given(st.lists(st.binary(max_size=200), max_size=5), st.data())
def test_no_damage_goes_unnoticed(
    tmp_path_factory: pytest.TempPathFactory, pieces: list[bytes], data: st.DataObject
) -> None:
    path = tmp_path_factory.mktemp("records") / "file"
    whole = b"".join(map(record, pieces))
    path.write_bytes(whole)
    with path.open("rb") as file:
        assert list(records(file)) == pieces
    if not whole:
        return
    place = data.draw(st.integers(0, len(whole) - 1))
    damaged = bytearray(whole)
    damaged[place] ^= data.draw(st.integers(1, 255))
    path.write_bytes(damaged)
    found: list[bytes] = []
    with path.open("rb") as file, pytest.raises((Damaged, CutOff)):
        found.extend(records(file))
    assert found == pieces[: len(found)]


@given(st.binary(max_size=60))
def test_bytes_that_are_no_event_raise_nothing_but_a_value_error(data: bytes) -> None:
    with suppress(ValueError):
        Events(IncomingRun(None)).take(data)


@given(
    st.text(max_size=200),
    st.floats(width=32),
    st.integers(-(2**63), 2**63 - 1),
    st.floats(allow_nan=False, min_value=0),
)
def test_a_scalar_is_read_the_quick_way_as_the_slow_one(tag: str, value: float, step: int, ts: float) -> None:
    def varint(number: int) -> bytes:
        number &= (1 << 64) - 1
        out = bytearray()
        while number > 127:
            out.append(number & 127 | 128)
            number >>= 7
        return bytes([*out, number])

    def nested(number: int, content: bytes) -> bytes:
        return varint(number << 3 | 2) + varint(len(content)) + content

    inner = nested(1, tag.encode()) + b"\x15" + struct.pack("<f", value)
    event = b"\x09" + struct.pack("<d", ts) + (b"\x10" + varint(step) if step else b"") + nested(5, nested(1, inner))

    class Seen(IncomingRun):
        def metrics(self, data: Any, *, step: int, ts: float, stage: str | None = None) -> None:
            seen.append((dict(data), step, ts))

    seen: list[Any] = []
    Events(Seen(None)).take(event)
    Events(Seen(None))._event(wire.fields(event))
    assert repr(seen[0]) == repr(seen[1])
    assert repr(seen[0]) == repr(({tag: value}, step, ts))
