"""TensorBoard itself reads what is exported to it."""

from __future__ import annotations

import io
import math
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import runicorn as rn
from hypothesis import given
from hypothesis import strategies as st
from runicorn.errors import InvalidArgument
from runicorn.hooks import Selection, export_runs, export_to_folder, find_runs, open_store
from runicorn_exporters.checksum import crc32c, masked, masked_crc32c_of_rows
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

Exported = Callable[..., Path]


@pytest.fixture
def exported(tmp_path: Path) -> Exported:
    def export(*runs: rn.Run, **options: Any) -> Path:
        store = open_store()
        refs = [record.ref for record in find_runs(store, [run.id for run in runs])]
        folder = tmp_path / f"tb{len(list(tmp_path.iterdir()))}"
        export_to_folder("tensorboard", Selection(store, refs), folder, options)
        return folder

    return export


def events_of(folder: Path) -> EventAccumulator:
    accumulator = EventAccumulator(str(folder), size_guidance={"scalars": 0, "images": 0, "tensors": 0})
    accumulator.Reload()
    return accumulator


@pytest.fixture
def run() -> rn.Run:
    params = {"lr": 0.1, "net": {"width": 64, "deep": True}, "words": ["a", "b"], "opt": "adam"}
    with rn.init(project="视觉", name="a/b", params=params, capture_env=False) as run:
        for step in range(1, 201):
            run.log({"loss": 1 / step, "训练/acc": step / 200}, step=step)
        run.log({"loss": math.nan}, step=500_000_000_000)
        run.log({"loss": -math.inf}, step=0)
        run.log({"note": "first **words**"}, step=3)
        run.log({"loss": 9.0}, stage="val", step=1)
        pixels = np.arange(4 * 6 * 3, dtype=np.uint8).reshape(4, 6, 3)
        run.log({"picture": [rn.Image(pixels), rn.Image(pixels[::-1])]}, step=7)
        run.log({"weights": rn.Histogram(np.linspace(-1, 1, 1000), bins=10)}, step=8)
        run.log({"sound": rn.Audio(np.zeros(800, np.float32), sample_rate=8000)}, step=9)
        run.log({"words": rn.Text("# told")}, step=10)
    return run


def test_every_number_is_there_in_the_order_of_steps(run: rn.Run, exported: Exported) -> None:
    folder = exported(run) / "视觉" / "a" / "b" / run.id
    events = events_of(folder)
    scalars = events.Scalars("loss")
    assert [point.step for point in scalars] == [0, *range(1, 201), 500_000_000_000]
    assert [point.value for point in scalars[1:-1]] == [float(np.float32(1 / step)) for step in range(1, 201)]
    assert (scalars[0].value, math.isnan(scalars[-1].value)) == (-math.inf, True)
    assert [point.step for point in events.Scalars("训练/acc")] == list(range(1, 201))
    times = [point.wall_time for point in scalars[1:-1]]
    (record,) = open_store().find_runs(run.id)
    assert times == sorted(times)
    assert record.created_at - 1 <= times[0] <= record.created_at + 600


def test_a_stage_is_a_run_below_its_run(run: rn.Run, exported: Exported) -> None:
    folder = exported(run) / "视觉" / "a" / "b" / run.id
    assert [(point.step, point.value) for point in events_of(folder / "val").Scalars("loss")] == [(1, 9.0)]


def test_all_bits_of_a_number_can_be_kept(run: rn.Run, exported: Exported) -> None:
    from tensorboard.util import tensor_util

    folder = exported(run, exact=True, keys="loss") / "视觉" / "a" / "b" / run.id
    events = events_of(folder)
    values = [tensor_util.make_ndarray(point.tensor_proto).item() for point in events.Tensors("loss")]
    assert values[1:-1] == [1 / step for step in range(1, 201)]
    assert events.SummaryMetadata("loss").plugin_data.plugin_name == "scalars"
    assert "训练/acc" not in events.Tags()["tensors"]


def test_images_sounds_histograms_and_texts_are_there(run: rn.Run, exported: Exported) -> None:
    from PIL import Image
    from tensorboard.util import tensor_util

    events = events_of(exported(run) / "视觉" / "a" / "b" / run.id)
    first, second = events.Images("picture"), events.Images("picture/1")
    assert [(image.step, image.width, image.height) for image in (*first, *second)] == [(7, 6, 4)] * 2
    pixels = np.asarray(Image.open(io.BytesIO(first[0].encoded_image_string)).convert("RGB"))
    assert pixels.tolist() == np.arange(4 * 6 * 3, dtype=np.uint8).reshape(4, 6, 3).tolist()
    (histogram,) = events.Histograms("weights")
    assert histogram.histogram_value.bucket == [100.0] * 10
    assert histogram.histogram_value.bucket_limit == pytest.approx(np.linspace(-1, 1, 11)[1:].tolist())
    assert (histogram.histogram_value.num, histogram.histogram_value.min) == (1000, -1)
    (sound,) = events.Audio("sound")
    assert (sound.sample_rate, sound.length_frames, sound.content_type) == (8000, 800, "audio/wav")
    texts = {tag: tensor_util.make_ndarray(events.Tensors(tag)[0].tensor_proto).tolist() for tag in ("note", "words")}
    assert texts == {"note": [b"first **words**"], "words": [b"# told"]}
    assert events.SummaryMetadata("note").plugin_data.plugin_name == "text"
    assert "picture" not in events_of(exported(run, media=False) / "视觉" / "a" / "b" / run.id).Tags()["images"]


def test_parameters_and_outcome_are_a_session_of_hparams(run: rn.Run, exported: Exported) -> None:
    from google.protobuf.json_format import MessageToDict
    from tensorboard.plugins.hparams import metadata

    events = events_of(exported(run) / "视觉" / "a" / "b" / run.id)
    found = events.PluginTagToContent("hparams")
    start = metadata.parse_session_start_info_plugin_data(found[metadata.SESSION_START_INFO_TAG])
    assert MessageToDict(start)["hparams"] == {
        "lr": 0.1,
        "net.deep": True,
        "net.width": 64.0,
        "opt": "adam",
        "words": '["a","b"]',
    }
    end = metadata.parse_session_end_info_plugin_data(found[metadata.SESSION_END_INFO_TAG])
    assert (end.status, end.end_time_secs >= start.start_time_secs > 0) == (1, True)


@pytest.mark.filterwarnings("ignore:html5lib.s sanitizer is deprecated:DeprecationWarning")
def test_the_pages_of_tensorboard_find_their_runs_and_columns(run: rn.Run, exported: Exported) -> None:
    """As a browser asks for scalars, images and HPARAMS of a folder with two runs, from TensorBoard's own program."""
    from tensorboard import program
    from werkzeug.test import Client

    with rn.init(project="视觉", name="a/b", params={"lr": 0.2}, capture_env=False) as other:
        other.log({"loss": 0.5})
    folder = exported(run, other)
    board = program.TensorBoard()
    board.configure(logdir=str(folder), load_fast="false", reload_interval=0, port=0, host="127.0.0.1")
    server = board._make_server()
    try:
        client = Client(server.app)
        tags = client.get("/data/plugin/scalars/tags").get_json()
        images = client.get("/data/plugin/images/tags").get_json()
        request = {"experimentName": "", "hparamsLimit": 0, "includeMetrics": True}
        columns = client.post("/data/plugin/hparams/experiment", json=request).get_json()
    finally:
        server.server_close()
    assert {name.rpartition("b/")[2] for name in tags} >= {run.id, f"{run.id}/val", other.id}
    named = next(name for name in tags if name.endswith(run.id))
    assert {"loss", "训练/acc"} <= set(tags[named])
    assert set(images[named]) == {"picture", "picture/1"}
    assert {"lr", "net.width", "opt"} <= {column["name"] for column in columns["hparamInfos"]}


def test_a_zip_holds_the_same_files_and_a_folder_is_not_overwritten(run: rn.Run, exported: Exported) -> None:
    folder = exported(run)
    store = open_store()
    selection = Selection(store, [record.ref for record in find_runs(store, [run.id])])
    out = io.BytesIO()
    export_runs("tensorboard", selection, out)
    with zipfile.ZipFile(out) as archive:
        assert archive.testzip() is None
        held = {name: archive.read(name) for name in archive.namelist()}
    assert held == {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }
    with pytest.raises(InvalidArgument, match="exists already and is no empty folder"):
        export_to_folder("tensorboard", selection, folder)
    with pytest.raises(InvalidArgument, match="is one file, not a folder"):
        export_to_folder("csv", selection, folder)


def test_the_command_writes_a_folder_or_a_zip(run: rn.Run, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "runicorn", "export", run.id, "--format", "tensorboard"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=False)
    assert done.stdout == f"{run.id}.tensorboard\n", done.stderr
    assert len(list((tmp_path / f"{run.id}.tensorboard").rglob("events.out.tfevents.*"))) == 2
    done = subprocess.run([*command, "-o", "x.zip"], capture_output=True, text=True, cwd=tmp_path, check=False)
    assert done.stdout == "x.zip\n", done.stderr
    assert zipfile.is_zipfile(tmp_path / "x.zip")
    again = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=False)
    assert (again.returncode, "exists already and is no empty folder" in again.stderr) == (2, True)


@given(st.binary(max_size=5000))
def test_checksums_are_those_of_every_other_implementation(data: bytes) -> None:
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    assert crc32c(data) == crc ^ 0xFFFFFFFF
    if data:
        rows = np.frombuffer(data * 2, np.uint8).reshape(2, len(data))
        assert masked_crc32c_of_rows(rows).tolist() == [masked(crc ^ 0xFFFFFFFF)] * 2


def test_the_checksum_of_the_standard_is_met() -> None:
    assert crc32c(b"123456789") == 0xE3069283
    assert crc32c(bytes(32)) == 0x8A9136AA
