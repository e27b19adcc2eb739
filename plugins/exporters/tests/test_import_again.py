"""A source that has grown since it was imported: told, and brought up to date where it is asked for."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import runicorn as rn
from runicorn.contracts import Store
from runicorn.hooks import open_store
from runicorn.managing import Imported, ImportRequest, import_runs
from runicorn.model.run import RunRef
from runicorn.serialize import dumps, loads

FIXTURES = Path(__file__).parent / "fixtures"
Grow = Callable[[], object]


@pytest.fixture
def store() -> Iterator[Store]:
    store = open_store()
    yield store
    store.close()


def csv(folder: Path) -> tuple[Path, Grow]:
    path = folder / "loss.csv"
    path.write_text("step,loss\n1,0.5\n2,0.4\n", encoding="utf-8")
    return path, lambda: path.write_text(path.read_text(encoding="utf-8") + "3,0.3\n", encoding="utf-8")


def tensorboard(folder: Path) -> tuple[Path, Grow]:
    path = folder / "logs"
    shutil.copytree(FIXTURES / "tensorboard" / "lr_0.1" / "validation", path)
    (file,) = path.iterdir()
    whole = file.read_bytes()
    file.write_bytes(whole[: len(whole) // 20])
    return path, lambda: file.write_bytes(whole)


def wandb(folder: Path) -> tuple[Path, Grow]:
    path = folder / "wandb"
    first, second = sorted((FIXTURES / "wandb").glob("*-again001"))
    shutil.copytree(first, path / first.name)
    return path, lambda: shutil.copytree(second, path / second.name)  # it was resumed


def mlflow(folder: Path) -> tuple[Path, Grow]:
    path = folder / "mlruns"
    (run,) = (FIXTURES / "mlflow" / "files" / "mlruns").glob("*/796ebc89*")
    (path / "1").mkdir(parents=True)
    shutil.copytree(run, path / "1" / run.name)
    shutil.copy(run.parent / "meta.yaml", path / "1" / "meta.yaml")

    def grow() -> None:
        with (path / "1" / run.name / "metrics" / "loss").open("a", encoding="utf-8") as file:
            file.write("1795741899999 0.001 999\n")

    return path, grow


def older(folder: Path) -> tuple[Path, Grow]:
    path = folder / "old"
    shutil.copytree(FIXTURES / "runicorn-0.7", path)

    def grow() -> None:
        for events in list(path.rglob("events.jsonl")):
            lines = events.read_bytes().splitlines(keepends=True)
            events.write_bytes(b"".join([*lines, lines[0]]))

    return path, grow


@pytest.mark.parametrize("source", [csv, tensorboard, wandb, mlflow, older], ids=lambda source: source.__name__)
def test_what_has_grown_is_told_and_brought_up_to_date(
    store: Store, tmp_path: Path, source: Callable[[Path], tuple[Path, Grow]]
) -> None:
    path, grow = source(tmp_path)

    def bring(conflict: str) -> list[Imported]:
        return list(import_runs(store, ImportRequest(path, conflict=conflict)))  # type: ignore[arg-type]

    first = bring("skip")[0]
    assert first.became == "added"
    ref = next(record.ref for record in store.list_runs() if record.ref.folder == first.run)
    store.update_user(ref, lambda user: {**user, "tags": ["mine"], "note": "kept"})
    assert {(outcome.became, outcome.reason) for outcome in bring("update")} == {("there", "")}
    grow()
    told = bring("skip")[0]
    assert told.became == "there"
    assert told.reason.endswith("--on-conflict update brings that in")
    updated = bring("update")[0]
    assert (updated.became, updated.points > first.points) == ("updated", True)
    record = next(record for record in store.list_runs() if record.ref.folder == first.run)
    assert (record.tags, record.note) == (("mine",), "kept")
    values = sum(len(series.values) for table in store.read_metrics([ref]) for series in table.columns.values())
    assert values == sum(each.n for each in store.open_run(ref).series())
    assert {(outcome.became, outcome.reason) for outcome in bring("update")} == {("there", "")}


def test_a_run_that_was_moved_deleted_or_continued_here_is_not_lost(store: Store, tmp_path: Path) -> None:
    path, grow = csv(tmp_path)
    request = ImportRequest(path, conflict="update")
    (first,) = import_runs(store, request)
    (ref,) = [record.ref for record in store.list_runs()]
    moved = store.move(ref, "elsewhere", "n")  # type: ignore[attr-defined]
    store.soft_delete(moved)
    grow()
    (outcome,) = import_runs(store, request)
    assert (outcome.became, outcome.run) == ("updated", moved.folder)
    assert [record.ref for record in store.list_runs(deleted=True)] == [RunRef(ref.id, "elsewhere", "n", moved.folder)]
    store.restore(moved)
    with rn.init(path="elsewhere/n", run_id=ref.id, resume="must", capture_env=False) as run:
        run.log({"loss": 0.1}, step=9)
    grow()
    (outcome,) = import_runs(store, request)
    assert (outcome.became, "continued here" in outcome.reason) == ("skipped", True)
    assert store.open_run(moved).series()[0].n == 4
    assert first.points == 2


def test_a_run_of_an_import_that_kept_no_state_is_here_already(store: Store, tmp_path: Path) -> None:
    path, grow = csv(tmp_path)
    (first,) = import_runs(store, ImportRequest(path))
    meta = store.root / first.run / "meta.json"
    document = loads(meta.read_bytes())
    del document["imported_from"]["state"]
    meta.write_bytes(dumps(document))
    grow()
    (outcome,) = import_runs(store, ImportRequest(path, conflict="update"))
    assert (outcome.became, outcome.reason) == ("there", "")


def test_the_command_says_it_once_for_all_runs(tmp_path: Path) -> None:
    path, grow = csv(tmp_path)

    def call(*arguments: str) -> str:
        command = [sys.executable, "-m", "runicorn", "import", str(path), *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout

    call()
    grow()
    assert call().splitlines()[-1].startswith("1 run left as it is: it has changed where it came from since; --on-con")
    assert "bytes, brought up to date" in call("--on-conflict", "update")


def test_runs_of_one_import_whose_ids_are_the_same_all_come_and_stay(store: Store, tmp_path: Path) -> None:
    one, two = (FIXTURES / "tensorboard" / "lr_0.1" / which for which in ("train", "validation"))
    shutil.copytree(one, tmp_path / "logs" / "a-b")
    shutil.copytree(two, tmp_path / "logs" / "a" / "b")

    def bring(conflict: str) -> tuple[list[str], dict[str, int]]:
        outcomes = list(import_runs(store, ImportRequest(tmp_path / "logs", conflict=conflict)))  # type: ignore[arg-type]
        points = {record.title: store.open_run(record.ref).series()[0].n for record in store.list_runs()}
        return [outcome.became for outcome in outcomes], points

    became, first = bring("skip")
    assert (became, sorted(first)) == (["added", "renamed"], ["a-b", "a/b"])
    for conflict in ("skip", "update", "rename"):
        assert bring(conflict) == (["there", "there"], first)
    assert bring("overwrite") == (["replaced", "replaced"], first)


def test_a_table_that_was_corrected_is_told_and_brought_up_to_date(store: Store, tmp_path: Path) -> None:
    path, _ = csv(tmp_path)
    list(import_runs(store, ImportRequest(path)))
    path.write_text("step,loss\n1,0.5\n2,0.7\n", encoding="utf-8")
    (told,) = import_runs(store, ImportRequest(path))
    assert told.reason.endswith("--on-conflict update brings that in")
    (updated,) = import_runs(store, ImportRequest(path, conflict="update"))
    assert updated.became == "updated"
    (record,) = store.list_runs()
    assert store.open_run(record.ref).series()[0].last == 0.7
