"""A run that is read in parts gives the same files as one that is read as a whole."""

from __future__ import annotations

import io
from pathlib import Path
from zipfile import ZipFile

import pytest
import runicorn as rn
from runicorn.hooks import ExportProgress, Selection, export_runs, find_run, open_store
from runicorn.serialize import dumps
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator


@pytest.fixture
def run() -> rn.Run:
    """Three processes: two at the same time, in steps of their own, and one that began again at step 0."""
    with rn.init(project="p", capture_env=False, capture_console=False) as run:
        pass
    begin = run.dir.joinpath("meta.json").stat().st_mtime
    for number, (first, every) in enumerate([(0.0, 2.0), (1.0, 2.0), (700.0, 1.0)]):
        lines = []
        for at in range(400):
            data = {"loss": at / 7, f"rank{number}/loss": float(at)} | ({"acc": at / 400} if at % 5 == 0 else {})
            record = {"ts": begin + first + at * every, "type": "metrics", "step": at, "data": data}
            lines.append(dumps(record if at % 3 else {**record, "stage": "val"}) + b"\n")
        (run.dir / f"events-{number:08x}.jsonl").write_bytes(b"".join(lines))
    return run


def _exported(run: rn.Run, name: str, **options: str) -> bytes:
    store = open_store()
    out = io.BytesIO()
    export_runs(name, Selection(store, [find_run(store, run.id).ref]), out, options)
    store.close()
    return out.getvalue()


def _in_parts(patch: pytest.MonkeyPatch) -> None:
    patch.setenv("RUNICORN_BACKEND", "jsonl")
    patch.setattr("runicorn_storage_jsonl.pieces.LONG", 0)
    patch.setattr("runicorn_storage_jsonl.pieces.PIECE", 4000)
    patch.setattr("runicorn_storage_jsonl.merging._LEAST", 1000)
    patch.setattr("runicorn_storage_jsonl.growing.PIECE", 2000)


@pytest.mark.parametrize("layout", ["wide", "long"])
def test_csv_is_the_same_byte_for_byte(run: rn.Run, layout: str, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = _exported(run, "csv", layout=layout)
    assert whole.count(b"\n") == 1 + (1200 if layout == "wide" else 3 * (400 + 400 + 80))
    _in_parts(monkeypatch)
    store = open_store()
    (pieces,) = Selection(store, [find_run(store, run.id).ref]).pieces()
    assert len(list(pieces)) > 5
    assert _exported(run, "csv", layout=layout) == whole


def test_tensorboard_gets_the_same_steps_in_the_same_order(
    run: rn.Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def scalars(name: str) -> dict[str, list[tuple[int, float]]]:
        ZipFile(io.BytesIO(_exported(run, "tensorboard"))).extractall(tmp_path / name)
        found = {}
        for folder in {file.parent for file in (tmp_path / name).rglob("events.out*")}:
            events = EventAccumulator(str(folder), size_guidance={"scalars": 0}, purge_orphaned_data=False)
            events.Reload()
            for tag in events.Tags()["scalars"]:
                found[f"{folder.name}/{tag}"] = [(point.step, point.value) for point in events.Scalars(tag)]
        return found

    whole = scalars("whole")
    assert [step for step, _ in whole["val/loss"]] == sorted(list(range(0, 400, 3)) * 3)
    _in_parts(monkeypatch)
    assert scalars("parts") == whole


def test_an_export_that_still_gathers_tells_how_far_it_is_and_can_be_stopped(
    run: rn.Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    _in_parts(monkeypatch)
    store = open_store()
    told: list[ExportProgress] = []

    def stop(at: ExportProgress) -> None:
        told.append(at)
        if at.values > 1000:
            raise KeyboardInterrupt

    out = io.BytesIO()
    with pytest.raises(KeyboardInterrupt):
        export_runs("csv", Selection(store, [find_run(store, run.id).ref]), out, {"layout": "long"}, stop)
    assert out.getvalue() == b"run,key,step,ts,stage,value\r\n"
    assert 0 < told[-2].values <= 1000 < told[-1].values < 2640
