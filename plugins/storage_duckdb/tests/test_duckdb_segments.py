"""Records, sealed and unsealed: whatever was logged is read the same before, between and after."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from runicorn.contracts import RunReader, Store
from runicorn.errors import StorageError
from runicorn.hooks import storage_backends
from runicorn.model.run import RunMeta, RunRef
from runicorn.serialize import dumps, loads
from runicorn_storage_duckdb.segments.checking import problems
from runicorn_storage_duckdb.segments.manifest import NAME, VERSION, read_manifest
from runicorn_storage_duckdb.segments.seal import compact_run, seal_run, unseal_run

_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
_KEYS = st.sampled_from(["loss", "val/acc", "学习率", "a b", "time", "step", "é\u202e🙂", "", "'q\"", "\x00\n"]) | _TEXT
_NUMBERS = st.floats() | st.integers(-(2**70), 2**70) | st.sampled_from([2**53, 2**53 + 1, 2**64 - 1, -(2**63), -0.0])
_VALUES: st.SearchStrategy[Any] = st.recursive(
    _NUMBERS | st.booleans() | st.none() | _TEXT | st.sampled_from(["NaN", "Infinity", "-Infinity"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_TEXT, inner, max_size=3),
    max_leaves=4,
)
_RECORD = st.fixed_dictionaries(
    {
        "ts": st.floats(0, 2e9) | st.just(1764000000.25),
        "type": st.just("metrics"),
        "step": st.integers(-3, 8) | st.sampled_from([2**62, 2**63 - 1, -(2**62)]),
        "data": st.dictionaries(_KEYS, _VALUES, max_size=4),
    },
    optional={"stage": st.sampled_from(["train", "val", "阶段"])},
)
_OTHER = st.fixed_dictionaries(
    {"ts": st.floats(0, 2e9), "type": st.sampled_from(["media", "alert", "from the future"])},
    optional={"step": st.integers(0, 5), "data": st.dictionaries(_TEXT, _VALUES, max_size=2)},
)


def _own(record: dict[str, Any]) -> bytes:
    """As the SDK writes it: the stage stands before the data."""
    names = [name for name in ("ts", "type", "step", "stage", "data") if name in record]
    return dumps({name: record[name] for name in names})


_LINE = st.one_of(
    _RECORD.map(_own),
    _RECORD.map(_own),
    _RECORD.map(_own),
    _OTHER.map(dumps),
    _RECORD.map(lambda record: json.dumps(record).encode()),  # other spacing, other order, bare NaN
    st.sampled_from([b"", b"null", b"[]", b"{}", b'{"ts": 1, "type": "metr', b"\x00 garbage \xff", b'{"a":1},{"a":2}']),
    st.builds(
        lambda step, loss: json.dumps(
            {"ts": 5.0, "type": "metrics", "data": {"loss": loss, "global_step": step, "time": 5.0, "stage": "old"}}
        ).encode(),
        st.integers(0, 9),
        st.floats(),
    ),
    st.sampled_from([b'{"ts":1.0,"type":"metrics","step":2.0,"data":{"a":1}}', b'{"type":"metrics","data":{"a":1}}']),
)
_LOG = st.one_of(
    st.builds(lambda ms, text: f"2026-11-23T15:01:02.{ms:03d}Z stdout | {text}".encode(), st.integers(0, 999), _TEXT),
    st.builds(lambda text: f"1969-12-31T23:59:59.123Z log/warn-ing | {text}".encode(), _TEXT),
    st.sampled_from([b"", b"12:00:01 | old", b"2026-13-40T15:01:02.123Z stdout | x", b"\xff\xfe", b"a\rb", b" | "]),
    st.binary(max_size=10),
).map(lambda line: line.replace(b"\n", b" "))
_TORN = st.sampled_from([b"", b"", b'{"ts":9.0,"type":"metrics","step":1,"data":{"loss":1', b"half"])
_FILE = st.tuples(st.lists(_LINE, max_size=12), _TORN)
_RUN = st.tuples(
    st.lists(_FILE, min_size=1, max_size=3), st.lists(st.tuples(st.lists(_LOG, max_size=12), _TORN), max_size=2)
)


def _files(run: tuple[Sequence[tuple[list[bytes], bytes]], Sequence[tuple[list[bytes], bytes]]]) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    for (stem, suffix), parts in zip((("events", ".jsonl"), ("logs", ".txt")), run, strict=True):
        for number, (lines, torn) in enumerate(parts):
            name = f"{stem}{suffix}" if number == 0 else f"{stem}-0000000{number}{suffix}"
            files[name] = b"".join(line + b"\n" for line in lines) + torn
    return files


def _store(root: Path) -> Store:
    return storage_backends()["jsonl"].open_store(root, {})


def _new_run(root: Path, files: dict[str, bytes], run_id: str = "r") -> tuple[RunRef, Path]:
    session = _store(root).create_run(RunMeta(run_id, "p", "n", 1.0))
    session.write("status", {"status": "finished", "started_at": 1.0, "ended_at": 2.0})
    for name, data in files.items():
        (session.folder / name).write_bytes(data)
    return session.ref, session.folder


def _told(store: Store, ref: RunRef) -> dict[str, str]:
    """Everything that a reader tells, as texts: so NaN equals NaN and 1 is not 1.0."""
    reader: RunReader = store.open_run(ref)
    (table,) = store.read_metrics([ref])
    (some,) = store.read_metrics([ref], ["loss", "a"], x="step", range=(0, 3))
    return {
        "table": repr(table),
        "some": repr(some),
        "series": repr(reader.series()),
        "texts": repr(reader.texts()),
        "records": repr(list(reader.records())),
        "logs": repr(reader.logs(limit=1000)),
        "last logs": repr(reader.logs(tail=3)),
        "media": repr(reader.media()),
        "alerts": repr(reader.alerts()),
        "tail": repr(reader.tail().read()),
        "step": repr(store.attach_run(ref).last_step()),
    }


def _on_disk(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.suffix in (".jsonl", ".txt")}


@settings(max_examples=60, deadline=None)
@given(_RUN)
def test_a_sealed_run_reads_as_before_and_comes_back_byte_for_byte(run: Any) -> None:
    files = _files(run)
    with tempfile.TemporaryDirectory() as place:
        ref, folder = _new_run(Path(place), files)
        live = _store(Path(place))  # looked at before, and all the time
        before = _told(live, ref)
        done = seal_run(folder, lambda: None)
        assert done.bytes_before == sum(map(len, files.values()))
        assert _on_disk(folder) == {}
        assert _told(_store(Path(place)), ref) == before
        assert _told(live, ref) == before
        assert problems(folder, read_manifest(folder)) == []
        unseal_run(folder)
        assert _on_disk(folder) == files
        assert _told(live, ref) == before
        assert sorted(path.name for path in folder.iterdir()) == sorted([*files, "meta.json", "status.json"])


@settings(max_examples=25, deadline=None)
@given(_RUN, _RUN)
def test_a_run_resumed_after_sealing_is_segments_and_a_tail(first: Any, second: Any) -> None:
    files = _files(first)
    more = {
        name.replace("events", "events-ffff").replace("logs", "logs-ffff"): data
        for name, data in _files(second).items()
    }
    with tempfile.TemporaryDirectory() as place, tempfile.TemporaryDirectory() as other:
        ref, folder = _new_run(Path(place), files)
        seal_run(folder, lambda: None)
        for name, data in more.items():
            (folder / name).write_bytes(data)
        plain, _ = _new_run(Path(other), files | more)
        expected = _told(_store(Path(other)), plain)
        live = _store(Path(place))
        assert _told(live, ref) == expected
        seal_run(folder, lambda: None)
        assert _told(live, ref) == expected
        segments = len(read_manifest(folder).segments)
        done = compact_run(folder)
        assert len(read_manifest(folder).segments) == min(1, segments)
        assert bool(done.lines) == (segments > 1)
        assert _told(live, ref) == expected
        unseal_run(folder)
        assert _on_disk(folder) == files | more


def test_what_the_first_version_sealed_is_read_resealed_and_brought_back(tmp_path: Path) -> None:
    fixture = Path(__file__).parent / "fixtures" / "segments-1"
    files = _on_disk(fixture / "files")
    plain, _ = _new_run(tmp_path / "plain", files)
    ref, folder = _new_run(tmp_path / "sealed", {})
    shutil.copytree(fixture / "sealed", folder, dirs_exist_ok=True)
    expected = _told(_store(tmp_path / "plain"), plain)
    assert loads((folder / NAME).read_bytes())["runicorn_segments"] == 1
    assert _told(_store(tmp_path / "sealed"), ref) == expected
    assert problems(folder, read_manifest(folder)) == []

    more = {"events-0fffffff.jsonl": dumps({"ts": 2e9, "type": "metrics", "step": 20, "data": {"loss": 0.5}}) + b"\n"}
    for place in (plain.folder, ref.folder):
        for name, data in more.items():
            (tmp_path / ("plain" if place is plain.folder else "sealed") / place / name).write_bytes(data)
    expected = _told(_store(tmp_path / "plain"), plain)
    seal_run(folder, lambda: None)
    assert loads((folder / NAME).read_bytes())["runicorn_segments"] == VERSION
    assert _told(_store(tmp_path / "sealed"), ref) == expected
    compact_run(folder)
    assert _told(_store(tmp_path / "sealed"), ref) == expected
    unseal_run(folder)
    assert _on_disk(folder) == files | more


def test_what_a_newer_version_sealed_is_told_and_not_touched(tmp_path: Path) -> None:
    ref, folder = _new_run(tmp_path, {"events.jsonl": dumps({"ts": 1.0, "type": "x"}) + b"\n"})
    seal_run(folder, lambda: None)
    document = loads((folder / NAME).read_bytes())
    (folder / NAME).write_bytes(dumps({**document, "runicorn_segments": VERSION + 1}))
    for act in (
        lambda: _told(_store(tmp_path), ref),
        lambda: unseal_run(folder),
        lambda: seal_run(folder, lambda: None),
    ):
        with pytest.raises(StorageError, match="a newer Runicorn wrote it; bring this one up to date"):
            act()
    assert len(list(folder.rglob("*.parquet"))) == 1


def test_a_sealed_run_of_a_thousand_records_takes_four_bytes_a_point_and_any_reader_of_parquet_can_read_it(
    tmp_path: Path,
) -> None:
    random = np.random.default_rng(0)
    times = 1_764_000_000.123 + np.cumsum(random.normal(0.01, 0.002, 1000))
    noisy = (2.5 * np.exp(-3 * np.arange(1000) / 1000))[:, None] + random.normal(0, 0.05, (1000, 5))
    for born, most in ((np.float32, 4.0), (np.float64, 7.5)):
        values = noisy.astype(born).astype(np.float64)
        lines = [
            dumps({"ts": ts, "type": "metrics", "step": step, "data": dict(zip("abcde", row, strict=True))})
            for step, (ts, row) in enumerate(zip(times.tolist(), values.tolist(), strict=True), 1)
        ]
        _, folder = _new_run(tmp_path, {"events.jsonl": b"\n".join(lines) + b"\n"}, born.__name__)
        done = seal_run(folder, lambda: None)
        assert done.bytes_now == sum(
            path.stat().st_size
            for path in folder.rglob("*")
            if path.name not in ("meta.json", "status.json") and path.is_file()
        )
        assert done.bytes_now / done.points <= most
        (points,) = folder.glob("metrics/*.points.parquet")
        assert pq.read_table(points, columns=["value"])["value"].to_pylist() == values.T.ravel().tolist()
        with duckdb.connect() as connection:
            rows = connection.execute(
                "SELECT key, count(*), min(step), max(step), sum(value) FROM read_parquet(?) GROUP BY ALL ORDER BY ALL",
                [str(points)],
            ).fetchall()
        assert [row[:4] for row in rows] == [(key, 1000, 1, 1000) for key in "abcde"]
        assert [row[4] for row in rows] == pytest.approx(values.sum(axis=0).tolist())


def test_a_segment_whose_codec_pyarrow_was_built_without_is_not_called_damaged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ref, folder = _new_run(tmp_path, {"events.jsonl": dumps({"ts": 1.0, "type": "metrics", "data": {"a": 1}}) + b"\n"})
    seal_run(folder, lambda: None)

    def read(*_: Any, **__: Any) -> Any:
        raise pa.ArrowNotImplementedError("Support for codec 'brotli' not built")

    monkeypatch.setattr(pq.ParquetFile, "read", read)  # those that are installed here have them all
    for act in (lambda: list(_store(tmp_path).open_run(ref).records()), lambda: unseal_run(folder)):
        with pytest.raises(StorageError, match=r"pyarrow lacks something \(Support for codec 'brotli' not built\)"):
            act()
