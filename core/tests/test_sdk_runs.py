"""A run from init to finish: names, documents, resume, the active run, off."""

from __future__ import annotations

import argparse
import json
import math
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import runicorn as rn
from runicorn.errors import (
    BackendNotFound,
    InvalidArgument,
    NoActiveRun,
    RunElsewhere,
    RunExists,
    RunNotFound,
    UnsafePath,
)
from runicorn.hooks import open_store

Records = Callable[[rn.Run], list[tuple[int, dict[str, Any]]]]


def document(run: rn.Run, name: str) -> Any:
    return json.loads((run.dir / f"{name}.json").read_bytes())


def wait_for(condition: Callable[[], object], seconds: float = 60.0) -> None:
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "it did not happen in time"
        time.sleep(0.01)


# --- Names and arguments


@pytest.mark.parametrize(
    "arguments",
    [
        {"project": "../x"},
        {"project": "a/b"},
        {"project": "artifacts"},
        {"name": "/abs"},
        {"name": "a//b"},
        {"name": "nul"},
        {"path": "../../etc"},
        {"path": ""},
        {"run_id": "a/b"},
        {"run_id": ".."},
        {"run_id": "x" * 101},
        {"project": 3},
    ],
    ids=str,
)
def test_a_name_that_is_no_safe_folder_is_refused_before_anything_is_written(
    root: Path, arguments: dict[str, Any]
) -> None:
    with pytest.raises(UnsafePath):
        rn.init(**arguments)
    assert not root.exists()


@pytest.mark.parametrize(
    "arguments",
    [
        {"resume": "maybe"},
        {"resume": "must"},
        {"mode": "offline"},
        {"path": "a/b", "name": "c"},
        {"path": "a/b", "project": "c"},
        {"params": 3},
        {"storage": "ssh://host/runs"},
        {"storage": 5},
        {"storage": ""},
        {"storage": b"runs"},
        {"storage": "a\0b"},
        {"tags": b"ab"},
        {"tags": 5},
        {"tags": {"a": 1}},
        {"capture_env": "yes"},
        {"capture_console": []},
        {"capture_system": 5},
        {"group": ["a"]},
        {"job_type": 1.5},
    ],
    ids=str,
)
def test_an_argument_that_cannot_be_used_is_named(root: Path, arguments: dict[str, Any]) -> None:
    with pytest.raises(InvalidArgument, match="|".join(arguments)):
        rn.init(**arguments)


@pytest.mark.parametrize("argv", [[], None])
def test_a_program_without_arguments_records(
    root: Path, monkeypatch: pytest.MonkeyPatch, argv: list[str] | None
) -> None:
    """An interpreter inside another program has none, perhaps."""
    monkeypatch.delattr(sys, "argv") if argv is None else monkeypatch.setattr(sys, "argv", argv)
    with rn.init("embedded", capture_env=False) as run:
        run.log(loss=1.0)
    assert json.loads((run.dir / "meta.json").read_text())["command"] == [""]


def test_a_long_argument_is_not_repeated_whole(root: Path) -> None:
    with pytest.raises(UnsafePath) as caught:
        rn.init("x" * 5000)
    assert len(str(caught.value)) < 400
    assert "(5002 characters)" in str(caught.value)


def test_integers_beyond_64_bits_stay_exact_in_params_and_summary(root: Path, only_run: Any) -> None:
    with rn.init("p", params={"seed": 2**127 + 1, "text": "x 12345678901234567890, y"}) as run:
        run.summary["hash"] = -(10**25)
    reader = open_store(root).open_run(only_run().ref)
    assert reader.read("params") == {"seed": 2**127 + 1, "text": "x 12345678901234567890, y"}
    assert reader.read("summary")["hash"] == -(10**25)


def test_a_path_says_project_and_name(root: Path) -> None:
    with rn.init(path="cv/yolo/ablation") as run:
        assert (run.project, run.name) == ("cv", "yolo/ablation")
        assert run.dir == root / "cv" / "yolo" / "ablation" / "runs" / run.id
    with rn.init(path="nlp") as run:
        assert (run.project, run.name) == ("nlp", "default")


def test_a_backend_that_does_not_exist_is_an_error(root: Path) -> None:
    with pytest.raises(BackendNotFound, match="jsonl"):
        rn.init(backend="tape")


def test_meta_says_where_the_run_comes_from_without_an_absolute_path(root: Path) -> None:
    with rn.init("p", group="g", job_type="train") as run:
        pass
    meta = document(run, "meta")
    assert (meta["id"], meta["project"], meta["group"], meta["job_type"]) == (run.id, "p", "g", "train")
    assert str(root) not in json.dumps(meta)
    assert not Path(meta["command"][0]).is_absolute()
    assert run.url.endswith(f"/runs/{run.id}")


def test_no_file_of_a_run_holds_secrets_of_its_command_line(root: Path) -> None:
    secrets = [
        "--api-key",
        "SECRET1",
        "--token=SECRET2",
        "https://me:SECRET3@host/",
        "-H",
        "Authorization: Bearer SECRET4",
    ]
    script = "import runicorn as rn; run = rn.init('p'); run.log(loss=1); print(run.dir); run.finish()"
    done = subprocess.run(
        [sys.executable, "-c", script, "--lr=1", *secrets], capture_output=True, text=True, check=True
    )
    folder = Path(done.stdout.strip())
    command = json.loads((folder / "meta.json").read_bytes())["command"]
    assert command == ["-c", "--lr=1", "--api-key", "***", "--token=***", "https://host/", "-H", "Authorization: ***"]
    assert not [path for path in folder.rglob("*") if path.is_file() and b"SECRET" in path.read_bytes()]


# --- Documents


def test_params_are_on_disk_when_init_has_returned_and_soon_after_a_change(root: Path) -> None:
    with rn.init("p", params={"lr": 0.1, "model": {"depth": 3}, 5: Path("a")}) as run:
        assert document(run, "params") == {"lr": 0.1, "model": {"depth": 3}, "5": "a"}
        run.params["model"]["width"] = 64
        run.params.update(seed=1, object=object)
        del run.params["lr"]
        wait_for(lambda: "seed" in document(run, "params"))
    assert document(run, "params") == {
        "model": {"depth": 3, "width": 64}, "5": "a", "seed": 1, "object": "<class 'object'>"
    }  # fmt: skip
    assert run.params["model"]["depth"] == 3
    assert dict(run.params["model"]) == {"depth": 3, "width": 64}


def test_params_take_a_namespace(root: Path) -> None:
    with rn.init("p", params=argparse.Namespace(lr=0.1)) as run:  # type: ignore[arg-type]
        assert run.params == {"lr": 0.1}


def test_tags_and_note_are_kept_and_merge_with_what_others_wrote(root: Path, only_run: Any) -> None:
    with rn.init("p", tags=["a", "b", "a"], note="first") as run:
        open_store(root).update_user(only_run().ref, lambda old: {**old, "pinned": True})
        run.tags.append("c")
        run.tags += ["d"]  # type: ignore[operator]  # mypy does not see __iadd__ behind a setter that takes any list
        run.tags.remove("b")
        run.note = "second"
        assert run.tags == ["a", "c", "d"]
    record = only_run()
    assert (record.tags, record.note, record.pinned) == (("a", "c", "d"), "second", True)


def test_the_summary_is_called_or_set(root: Path, only_run: Any) -> None:
    with rn.init("p") as run:
        run.summary({"accuracy": 0.9}, nan=math.nan)
        run.summary["nested"] = {"a": 1}
        run.summary["nested"]["b"] = 2
        rn.summary({"module": True})
    assert only_run().summary == {"accuracy": 0.9, "nan": "NaN", "nested": {"a": 1, "b": 2}, "module": True}


@pytest.mark.parametrize(
    ("mode", "values", "best"),
    [
        ("min", [3.0, math.nan, 1.0, 2.0, -math.nan], (1.0, 3)),
        ("max", [math.nan, 3, 7, 7, 5], (7.0, 3)),
        ("min", [math.inf, 5.0], (5.0, 2)),
        ("max", [-math.inf, -5.0], (-5.0, 2)),
        ("max", [True, False], (1.0, 1)),
    ],
)
def test_the_best_value_ignores_nan(
    root: Path, only_run: Any, mode: str, values: list[float], best: tuple[float, int]
) -> None:
    with rn.init("p") as run:
        run.set_primary_metric("val/loss", mode)
        for value in values:
            run.log({"val/loss": value, "other": 1})
    found = only_run().best
    assert (found.metric, found.value, found.step, found.mode) == ("val/loss", *best, mode)


def test_the_best_value_is_on_disk_before_the_end(root: Path) -> None:
    with rn.init("p") as run:
        run.set_primary_metric("loss", "min")
        run.log(loss=2.0)
        wait_for(lambda: (run.dir / "summary.json").exists())
        run.log(loss=1.0)
        wait_for(lambda: document(run, "summary")["best"]["value"] == 1.0)


def test_a_primary_metric_without_a_usable_value_has_no_best(root: Path, only_run: Any) -> None:
    with rn.init("p") as run:
        run.set_primary_metric("loss", "best")
        run.set_primary_metric("loss", "min")
        run.log(loss=math.nan)
        run.log(loss="text")
    assert only_run().best is None
    assert len(only_run().trouble) == 1


def test_text_becomes_lines_with_time_and_stream(root: Path, read_back: Any) -> None:
    with rn.init("p") as run:
        run.log_text("one\ntwo\r\n\nfour")
        run.log_text("half \ud800", stream="log/warning")
        rn.log_text("module")
        assert (run.dir / "logs.txt").read_text().count("\n") == 6
    lines = read_back().logs().lines
    assert [line.text for line in lines] == ["one", "two", "", "four", "half \\ud800", "module"]
    assert [(line.stream, line.level) for line in lines][4] == ("log", "warning")
    assert lines[0].time == pytest.approx(time.time(), abs=300)


@pytest.mark.parametrize(
    ("given", "stream", "level"),
    [
        ("log/WARNING", "log", "warning"),
        ("log/my level|\n5", "log", "my-level-5"),
        ("we|rd\nx", "text", None),
        ("log/", "text", None),
        ("", "text", None),
        (5, "text", None),
    ],
)
def test_a_stream_of_any_name_keeps_its_line_whole(
    root: Path, read_back: Any, given: Any, stream: str, level: str | None
) -> None:
    with rn.init("p") as run:
        run.log_text("a | b", stream=given)
    (line,) = read_back().logs().lines
    assert (line.stream, line.level, line.text) == (stream, level, "a | b")


def test_a_change_that_another_process_wrote_over_is_written_again(root: Path, only_run: Any) -> None:
    with rn.init("p", params={"a": 1}) as run:
        run.params["mine"] = True
        wait_for(lambda: "mine" in document(run, "params"))
        other = open_store(root).attach_run(only_run().ref)
        other.write("params", {"a": 2, "theirs": True})
    assert document(run, "params") == {"a": 2, "theirs": True, "mine": True}


# --- Resume


def test_a_run_id_that_exists_is_refused_unless_resumed(root: Path) -> None:
    rn.init("p", run_id="one").finish()
    for resume in (None, "never"):
        with pytest.raises(RunExists):
            rn.init("p", run_id="one", resume=resume)
    with pytest.raises(RunNotFound):
        rn.init("p", run_id="two", resume="must")
    assert not (root / "p" / "default" / "runs" / "two").exists()


@pytest.mark.parametrize("resume", ["allow", "must"])
def test_resuming_goes_on_after_the_last_step_and_touches_nothing(
    root: Path, records: Records, only_run: Any, resume: Any
) -> None:
    with rn.init("p", run_id="one", params={"a": 1}, tags=["x"]) as run:
        run.set_primary_metric("loss", "min")
        run.log(loss=0.5)
        run.log({"loss": 0.7}, step=41)
        run.log_text("first")
    before = {name: (run.dir / name).read_bytes() for name in ("events.jsonl", "logs.txt", "meta.json")}
    with rn.init("p", run_id="one", resume=resume, params={"b": 2}, tags=["y"]) as run:
        assert only_run().status == "running"
        run.set_primary_metric("loss", "min")
        run.log(loss=0.6)
        run.log_text("second")
    assert {name: (run.dir / name).read_bytes() for name in before} == before
    assert [step for step, _ in records(run)] == [1, 41, 42]
    record = only_run()
    assert (record.status, record.tags, record.best.value) == ("finished", ("x", "y"), 0.5)
    assert document(run, "params") == {"a": 1, "b": 2}


def test_a_run_that_was_killed_and_goes_on_keeps_the_best_value_that_it_had_logged(root: Path, only_run: Any) -> None:
    program = (
        "import os, signal, runicorn as rn\n"
        "run = rn.init('p', run_id='one', capture_env=False)\nrun.set_primary_metric('loss', 'min')\n"
        "for loss in (0.5, 0.1, float('nan'), 0.3): run.log(loss=loss)\nos.kill(os.getpid(), signal.SIGKILL)"
    )
    done = subprocess.run([sys.executable, "-c", program], check=False)
    assert done.returncode == -9
    with rn.init("p", run_id="one", resume="must", capture_env=False) as run:
        run.set_primary_metric("loss", "min")
        run.log(loss=0.2)
    assert (only_run().best.value, only_run().best.step) == (0.1, 2)


def test_a_failed_run_that_is_resumed_forgets_its_exception(root: Path, only_run: Any) -> None:
    with pytest.raises(ValueError, match="boom"), rn.init("p", run_id="one"):
        raise ValueError("boom")
    assert only_run().exit["type"] == "ValueError"
    with rn.init("p", run_id="one", resume="must"):
        assert only_run().exit is None
    assert (only_run().status, only_run().exit) == ("finished", None)


@pytest.mark.parametrize("resume", ["allow", "must"])
@pytest.mark.parametrize(
    "said", [{}, {"project": "cv"}, {"name": "yolo/deep"}, {"path": "cv"}, {"project": "cv", "name": "yolo/deep"}]
)
def test_a_run_is_continued_wherever_it_is(root: Path, records: Records, only_run: Any, resume: Any, said: Any) -> None:
    with rn.init(path="cv/yolo/deep", run_id="one") as run:
        run.log(a=1)
    with rn.init(**said, run_id="one", resume=resume) as run:
        run.log(a=2)
        assert (run.project, run.name) == ("cv", "yolo/deep")
    assert only_run().ref.folder == "cv/yolo/deep/runs/one"
    assert [step for step, _ in records(run)] == [1, 2]


@pytest.mark.parametrize("resume", ["allow", "must"])
@pytest.mark.parametrize(
    ("said", "wanted"),
    [
        ({"project": "other"}, "other/default"),
        ({"project": "first", "name": "flat"}, "first/flat"),
        ({"path": "other/deep/er"}, "other/deep/er"),
    ],
)
def test_a_run_that_is_elsewhere_is_neither_continued_nor_made_twice(
    root: Path, only_run: Any, resume: Any, said: Any, wanted: str
) -> None:
    rn.init("first", "deep/er", run_id="x").finish()
    words = f"run 'x' is in first/deep/er, not in {wanted}; pass path='first/deep/er' to go on with it, or take another"
    with pytest.raises(RunElsewhere, match=words):
        rn.init(**said, run_id="x", resume=resume)
    assert only_run().ref.folder == "first/deep/er/runs/x"
    rn.init(**said, run_id="x").finish()  # without resume it is simply another run
    rn.init(**said, run_id="x", resume=resume).finish()
    with pytest.raises(RunElsewhere, match="which one is meant"):
        rn.init(run_id="x", resume=resume)


@pytest.mark.parametrize(
    ("place", "meta", "version"),
    [("p/n/runs/old", {"id": "old", "project": "p"}, "0.5"), ("runs/cv/old", {"id": "old", "path": "cv"}, "0.7")],
)
@pytest.mark.parametrize("resume", ["allow", "must"])
def test_a_run_of_an_older_version_is_not_resumed_and_no_byte_of_it_changes(
    root: Path, place: str, meta: dict[str, str], version: str, resume: Any
) -> None:
    folder = root / place
    folder.mkdir(parents=True)
    (folder / "meta.json").write_text(json.dumps(meta))
    (folder / "status.json").write_text('{"status": "completed", "exit_reason": "done"}')
    before = {path: path.read_bytes() for path in root.rglob("*") if path.is_file()}
    with pytest.raises(InvalidArgument, match=f"Runicorn {version}, whose folders are only read; start a new run"):
        rn.init(run_id="old", resume=resume)
    assert {path: path.read_bytes() for path in root.rglob("*") if path.is_file()} == before


def test_a_run_in_the_recycle_bin_is_not_resumed(root: Path, only_run: Any) -> None:
    rn.init("p", run_id="one").finish()
    open_store(root).soft_delete(only_run().ref)
    with pytest.raises(InvalidArgument, match="recycle bin"):
        rn.init("p", run_id="one", resume="allow")


# --- The active run


def test_nested_runs_and_the_functions_of_the_module(root: Path, records: Records) -> None:
    with rn.init("outer") as outer:
        rn.log(a=1)
        with rn.init("inner") as inner:
            assert rn.get_active_run() is inner
            rn.log(b=1)
            outer.log(a=2)
        rn.log(a=3)
    assert rn.get_active_run() is None
    assert [data for _, data in records(outer)] == [{"a": 1}, {"a": 2}, {"a": 3}]
    assert [data for _, data in records(inner)] == [{"b": 1}]


def test_each_thread_has_the_run_that_it_started(root: Path, records: Records) -> None:
    runs: dict[str, rn.Run] = {}
    together = threading.Barrier(2)

    def train(name: str) -> None:
        runs[name] = rn.init(name)
        together.wait()
        for _ in range(50):
            rn.log({name: 1})
        together.wait()
        rn.finish()

    threads = [threading.Thread(target=train, args=(name,)) for name in ("a", "b")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for name, run in runs.items():
        assert [data for _, data in records(run)] == [{name: 1}] * 50


def test_a_thread_that_started_none_means_the_latest_run(root: Path, records: Records) -> None:
    with rn.init("p") as run:
        worker = threading.Thread(target=lambda: rn.log(a=1))
        worker.start()
        worker.join()
    assert records(run) == [(1, {"a": 1})]


def test_after_the_end_recording_is_ignored_with_one_warning(
    root: Path, records: Records, caplog: pytest.LogCaptureFixture
) -> None:
    run = rn.init("p")
    run.log(a=1)
    rn.finish()
    rn.finish()
    run.finish("failed")
    for _ in range(3):
        run.log(a=2)
        rn.log(a=3)
        run.log_text("late")
    assert records(run) == [(1, {"a": 1})]
    assert 1 <= len(caplog.messages) <= 2
    assert document(run, "status")["status"] == "finished"


def test_without_any_run_the_functions_say_what_to_do(script: Any) -> None:
    done = script("import runicorn as rn\nrn.log(a=1)")
    assert done.returncode == 1
    assert f"{NoActiveRun.__name__}: log() needs a run: call runicorn.init() first" in done.stderr


# --- Off


@pytest.mark.parametrize("way", ["variable", "argument", "set_enabled"])
def test_off_accepts_everything_and_writes_nothing(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: str, caplog: pytest.LogCaptureFixture
) -> None:
    before = sorted(tmp_path.rglob("*"))
    if way == "variable":
        monkeypatch.setenv("RUNICORN_MODE", "off")
    elif way == "set_enabled":
        rn.set_enabled(False)
    try:
        assert rn.enabled() is (way == "argument")
        with rn.init("p", params={"a": 1}, tags=["t"], mode="off" if way == "argument" else None) as run:
            run.log({"a": 1, "bad": object()}, step=math.inf)
            rn.log(a=2)
            run.log_text("x")
            run.summary({"x": 1})
            run.params["b"] = 2
            run.tags.append("u")
            run.note = "n"
            run.set_primary_metric("a", "sideways")
            run.log_image("picture", object(), step=3)
            run.a_method_of_a_plugin_that_is_not_installed(1, two=2)
            run.summary(5)
            run.tags.extend(5)  # type: ignore[arg-type]
            assert (dict(run.params), list(run.tags)) == ({"a": 1, "b": 2}, ["t", "u"])
            assert (run.note, run.project) == ("n", "p")
            assert str(run.dir).startswith(str(root))
    finally:
        rn.set_enabled(True)
    assert sorted(tmp_path.rglob("*")) == before
    assert caplog.messages == []


def test_names_are_checked_when_off_too(root: Path) -> None:
    with pytest.raises(UnsafePath):
        rn.init("../x", mode="off")


# --- The end


@pytest.mark.parametrize(
    ("error", "status", "kind"),
    [
        (ValueError("boom"), "failed", "exception"),
        (KeyboardInterrupt(), "interrupted", "interrupt"),
        (SystemExit(3), "failed", "exit"),
        (SystemExit(0), "finished", None),
        (SystemExit(), "finished", None),
    ],
    ids=repr,
)
def test_an_exception_is_kept_and_goes_on(
    root: Path, only_run: Any, error: BaseException, status: str, kind: str | None
) -> None:
    with pytest.raises(type(error)) as caught, rn.init("p"):
        raise error
    assert caught.value is error
    record = only_run()
    assert record.status == status
    assert (record.exit or {}).get("kind") == kind
    if kind == "exception":
        assert record.exit["message"] == "boom"
        assert "raise error" in record.exit["traceback"]


def test_a_status_that_does_not_exist_is_no_error(root: Path, only_run: Any) -> None:
    run = rn.init("p")
    run.finish("done")
    assert only_run().status == "finished"
    assert "no status" in only_run().trouble[0]["what"]


def test_the_interpreter_gives_names_without_loading_plugins(script: Any) -> None:
    done = script(
        "import sys, runicorn as rn\n"
        "from runicorn import errors\n"
        "assert not hasattr(rn, '__wrapped__')\n"
        "assert 'runicorn.loader' not in sys.modules\n"
        "assert {'init', 'log', 'Image', 'log_image'} <= set(dir(rn)), dir(rn)\n"
        "assert rn.Image.__name__ == 'Image'\n"
        "try: rn.nothing\n"
        "except AttributeError as error: assert 'nothing' in str(error)\n"
        "else: raise SystemExit('no error')\n"
        "with rn.init() as run:\n"
        "    assert callable(run.log_image)\n"
        "    assert not hasattr(run, 'nothing')\n"
    )
    assert done.returncode == 0, done.stderr
