"""Copies between roots of which one has sealed a run: what holds more stays, on whichever side it is."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import runicorn as rn
from runicorn.errors import StorageFull
from runicorn.hooks import open_store
from runicorn_exporters.sync.copying import Outcome, Sync
from runicorn_exporters.sync.local_tree import LocalTree

RUN = "p/default/runs/one"


def write(root: Path, first: int, last: int) -> None:
    """Lines of a run that one process writes to one file."""
    if first == 0:
        with rn.init("p", run_id="one", storage=root, capture_env=False, capture_system=False) as run:
            run.log_text("begins")
            run.log({"loss": 0.0}, step=0)
    with (root / RUN / "events.jsonl").open("a") as events:
        for step in range(max(first, 1), last):
            events.write(f'{{"ts":{1.7e9 + step},"type":"metrics","step":{step},"data":{{"loss":{step}.5}}}}\n')
    settle(root)


def settle(root: Path) -> None:
    """A copy of what was touched just now is made once more."""
    for path in root.rglob("*"):
        if path.is_file():
            moment = path.stat().st_mtime - 100
            os.utime(path, (moment, moment))


def bring(source: Path, target: Path) -> Outcome:
    return Sync(LocalTree(source), LocalTree(target)).run()


def seal(root: Path) -> None:
    command = [sys.executable, "-m", "runicorn", "storage", "seal", "--min-bytes", "0", "--root", str(root)]
    subprocess.run(command, check=True, capture_output=True)
    assert (root / RUN / "segments.json").exists()
    assert not (root / RUN / "events.jsonl").exists()


def points(root: Path) -> int:
    store = open_store(root)
    (record,) = store.find_runs("one")
    (series,) = [each for each in store.open_run(record.ref).series() if each.key == "loss"]
    store.close()
    return series.n


@pytest.fixture
def roots(runicorn_home: Path, tmp_path: Path) -> tuple[Path, Path]:
    """One run, in both as it was when it had 200 points."""
    here, there = tmp_path / "here", tmp_path / "there"
    write(here, 0, 200)
    bring(here, there)
    return here, there


def test_what_was_sealed_too_early_replaces_no_file_that_has_more(roots: tuple[Path, Path]) -> None:
    here, there = roots
    write(here, 200, 400)
    seal(there)
    done = bring(there, here)
    assert (points(here), points(there)) == (400, 200)
    assert {why for path, why in done.kept if "segments.json" in path} == {
        "events.jsonl has more there than SRC has sealed"
    }
    assert not (here / RUN / "segments.json").exists()
    assert done.complete
    done = bring(here, there)
    assert (points(here), points(there)) == (400, 400)
    assert done.replaced == [(f"{RUN}/segments.json", "SRC has gone on with the run")]
    assert not list((there / RUN).rglob("*.parquet"))
    store = open_store(there)
    (record,) = store.find_runs("one")
    assert [line.text for line in store.open_run(record.ref).logs().lines] == ["begins"]
    store.close()
    again = bring(here, there)
    assert (again.copied, again.extended, again.replaced, again.kept) == (0, 0, [], [])


def test_a_file_that_is_another_one_is_neither_replaced_nor_hidden(roots: tuple[Path, Path]) -> None:
    here, there = roots
    seal(there)
    events = here / RUN / "events.jsonl"
    events.write_bytes(events.read_bytes().replace(b"7.5", b"9.5"))
    write(here, 200, 201)
    other = events.read_bytes()
    done = bring(there, here)
    assert not done.complete
    assert "events.jsonl is another one there than SRC has sealed" in {why for _, why in done.conflicts}
    assert events.read_bytes() == other
    done = bring(here, there)
    assert {why for _, why in done.conflicts} == {"is another one than the segments of DST hold"}
    assert points(there) == 200
    assert not (there / RUN / "events.jsonl").exists()


@pytest.mark.parametrize("later", ["here", "there"])
def test_of_two_that_were_sealed_the_one_with_more_stays(roots: tuple[Path, Path], later: str) -> None:
    here, there = roots
    write(here, 200, 400)
    for root in (there, here) if later == "here" else (here, there):
        seal(root)
    settle(here if later == "there" else there)
    done = bring(there, here)
    assert points(here) == 400
    assert "has sealed more there" in {why for _, why in done.kept}
    bring(here, there)
    assert points(there) == 400


def test_an_older_copy_goes_once_the_segments_are_there_and_not_before(
    roots: tuple[Path, Path], tmp_path: Path
) -> None:
    here, there = roots
    write(here, 200, 400)
    whole = tmp_path / "whole"
    shutil.copytree(here, whole)
    seal(here)

    class Full(LocalTree):
        def write(self, path: str, data: object, *, modified_at: float | None = None) -> None:
            if path.endswith("segments.json"):
                raise StorageFull("writing", path, "no space left on device")
            super().write(path, data, modified_at=modified_at)  # type: ignore[arg-type]  # as it came

    try:
        failed = Sync(LocalTree(here), Full(there)).run().failed
        assert failed
    except StorageFull:
        pass
    assert points(there) == 200
    assert (there / RUN / "events.jsonl").exists()
    assert bring(here, there).removed >= 1
    assert points(there) == 400
    assert not (there / RUN / "events.jsonl").exists()


def test_what_is_the_same_and_only_younger_there_is_no_news(roots: tuple[Path, Path]) -> None:
    here, there = roots
    for path in (there / RUN).rglob("*"):
        if path.is_file():
            path.touch()
    assert bring(here, there).kept == []
