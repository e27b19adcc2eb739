"""Images in real runs: from ``log`` to the file that a reader finds."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import PIL.Image
import pytest
import runicorn as rn
from runicorn.hooks import open_store
from runicorn.model.stream import MediaRecord


def media_of(run: rn.Run) -> Sequence[MediaRecord]:
    (record,) = open_store().find_runs(run.id)
    return open_store().open_run(record.ref).media()


def test_hook_register_api_gives_rn_image_and_log_image() -> None:
    with rn.init(project="p") as run:
        run.log_image("digits", np.eye(8), step=3, caption="eight")
        run.log_image("digits", rn.Image(np.eye(8) / 2, caption="own"), step=4)
    first, second = media_of(run)
    assert (first.key, first.kind, first.step, first.fields["caption"]) == ("digits", "image", 3, "eight")
    assert (second.step, second.fields["caption"]) == (4, "own")
    with PIL.Image.open(run.dir / first.path) as image:
        assert np.asarray(image).tolist() == (np.eye(8) * 255).tolist()


def test_hook_register_media_types_lets_log_take_images_as_values() -> None:
    with rn.init(project="p") as run:
        run.log({"loss": 0.5, "a/array": rn.Image(np.eye(4)), "pillow": PIL.Image.new("RGB", (3, 2))}, step=7)
    assert [(record.key, record.step) for record in media_of(run)] == [("a/array", 7), ("pillow", 7)]


def test_the_same_picture_is_stored_once() -> None:
    with rn.init(project="p") as run:
        for step in range(1, 4):
            run.log_image("same", np.eye(4), step=step)
    assert len({record.path for record in media_of(run)}) == 1
    assert len(media_of(run)) == 3


def test_a_bad_image_never_raises_into_training_and_stands_in_the_status(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RUNICORN_PLUGINS_STRICT", "0")
    with rn.init(project="p") as run:
        run.log_image("bad", object())
        run.log_image("missing", "nowhere.png")
        run.log({"loss": 1.0})
    assert media_of(run) == []
    (record,) = open_store().find_runs(run.id)
    told = [str(entry["what"]) for entry in record.trouble if entry.get("plugin") == "media"]
    assert any("object is no picture" in what for what in told)
    assert any("nowhere.png" in what for what in told)
    assert record.status == "finished"


def test_the_methods_that_plugins_add_are_listed() -> None:
    with rn.init(project="p") as run:
        assert "log_image" in dir(run)
    assert "Image" in dir(rn)


@pytest.mark.parametrize("end", ["run.finish(); os._exit(0)", "sys.exit(0)", "multiprocessing"])
def test_a_forked_child_that_logs_nothing_but_media_loses_none(tmp_path: Path, end: str) -> None:
    file = tmp_path / "program.py"
    file.write_text(f"""
import multiprocessing, os, sys
import runicorn as rn

run = rn.init("p", run_id="one")

def child():
    run.log({{"text": rn.Text("x" * 1000)}}, step=1)

if {end!r} == "multiprocessing":
    process = multiprocessing.get_context("fork").Process(target=child)
    process.start()
    process.join()
elif os.fork() == 0:
    child()
    {end if end != "multiprocessing" else "pass"}
else:
    os.wait()
run.finish()
""")
    subprocess.run([sys.executable, str(file)], check=True, timeout=60)
    (record,) = open_store().find_runs("one")
    assert [media.key for media in open_store().open_run(record.ref).media()] == ["text"]


def test_no_library_that_others_look_for_is_loaded_beside_the_thread_that_logs(tmp_path: Path) -> None:
    file, told = tmp_path / "program.py", tmp_path / "told"
    names = ("pandas", "numpy", "pyarrow", "PIL", "PIL.PngImagePlugin")
    file.write_text(f"""
import sys, threading
import runicorn as rn

class Watch:
    def find_spec(self, name, path=None, target=None):
        if name in {names!r}:
            with open({str(told)!r}, "a") as file:
                print(name, threading.current_thread() is threading.main_thread(), file=file)

sys.meta_path.insert(0, Watch())
run = rn.init("p", run_id="one")
scores, rows, picture = rn.Histogram([0.5, 0.7]), rn.Table([{{"id": 1}}]), rn.Image([[0, 255]])
run.log({{"scores": scores, "rows": rows, "picture": picture}}, step=1)
""")  # and it ends at once: the table is encoded while the process is ending
    subprocess.run([sys.executable, str(file)], check=True, timeout=300)
    assert set(told.read_text().splitlines()) == {f"{name} True" for name in names}
    (record,) = open_store().find_runs("one")
    assert {media.key for media in open_store().open_run(record.ref).media()} == {"scores", "rows", "picture"}
