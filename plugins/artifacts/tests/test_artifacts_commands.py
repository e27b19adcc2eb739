"""``runicorn artifacts`` and the endpoints, as their users call them."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import runicorn as rn
from runicorn.testing import ViewerClient
from runicorn_artifacts.handle import ArtifactVersion

Log = Callable[..., ArtifactVersion]
Command = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def command(tmp_path: Path) -> Command:
    def call(*arguments: str) -> subprocess.CompletedProcess[str]:
        whole = [sys.executable, "-m", "runicorn", "artifacts", *arguments]
        return subprocess.run(whole, capture_output=True, text=True, cwd=tmp_path, check=False)

    return call


def test_an_artifact_lives_on_the_command_line_alone(folder: Path, command: Command, tmp_path: Path) -> None:
    assert "model/net:v1  9.4 MB, 3 files" in command("log", "net", str(folder), "--alias", "best").stdout
    assert command("alias", "net:v1", "golden").stdout == "model/net:v1: latest, best, golden\n"
    promoted = command("promote", "net:best", "production", "--note", "好")
    assert promoted.stdout == "model/net:v1: no stage → production\n"
    assert command("evaluate", "net", "acc=0.93").stdout == "model/net:v1: acc=0.93\n"
    assert command("list").stdout.splitlines()[1].split()[:3] == ["model/net", "1", "v1"]
    shown = json.loads(command("show", "net:production", "--json").stdout)
    assert (shown["stage"], shown["evaluations"][0]["metrics"]) == ("production", {"acc": 0.93})
    assert [file["path"] for file in shown["manifest"]["files"]] == ["large.bin", "small.txt", "sub/名字 1.txt"]
    assert command("download", "net", "-o", "net-v1").returncode == 0
    assert (tmp_path / "net-v1" / "small.txt").read_text(encoding="utf-8") == "small"
    assert "no problems" in command("fsck").stdout
    refused = command("rm", "net:v1")
    assert (refused.returncode, refused.stderr.count("\n")) == (2, 1)
    assert "is used by stage production" in refused.stderr
    assert command("rm", "net:v1", "--force").returncode == 0
    assert "No artifacts" in command("list").stdout
    assert command("restore", "net:v1").returncode == 0
    assert command("rm", "net:v1", "--permanent", "--yes", "--force").returncode == 0
    assert json.loads(command("gc", "--grace", "0", "--json").stdout)["kept"] == 0


def test_a_difference_goes_down_to_the_tensor(tmp_path: Path, command: Command) -> None:
    import numpy as np

    for number, scale in enumerate((1.0, 2.0)):
        arrays: dict[str, Any] = {"w": np.ones((2, 3), "f4") * scale, "same": np.zeros(4), "b": np.ones(3 + number)}
        np.savez(tmp_path / "net.npz", **arrays)
        assert command("log", "net", "net.npz").returncode == 0
    said = command("diff", "net:v1", "net:v2").stdout.splitlines()
    assert said[0].startswith("~ net.npz")
    assert said[1:-1] == ["    ~ b  <f8 [3] → <f8 [4]", "    ~ w  <f4 [2, 3]"]
    assert said[-1] == "0 files are the same"


def test_lineage_is_a_tree_in_the_terminal(logged: Log, command: Command) -> None:
    logged("data", name="data", type="dataset")
    with rn.init(project="p", capture_env=False) as run:
        run.use_artifact("data")
        run.log_artifact(rn.Artifact("net").add_reference("s3://bucket/x"))
    assert command("lineage", "net").stdout.splitlines() == [
        "model/net:v1",
        f"  ← ({run.id})",
        "      ← dataset/data:v1",
        "  ← s3://bucket/x",
    ]


def test_fsck_says_what_is_wrong_and_fails(logged: Log, command: Command) -> None:
    version = logged("content")
    digest = version.files()[0].digest
    (version._repository.root / "artifacts/objects" / digest[:2] / digest).unlink()
    done = command("fsck")
    assert done.returncode == 1
    assert done.stdout.splitlines() == ["model/net:v1 content.txt: is not in the store", "1 versions, 7 B: 1 problems"]


def test_the_api_shows_and_changes_artifacts(folder: Path, viewer: ViewerClient) -> None:
    with rn.init(project="p", capture_env=False) as run:
        run.log_artifact(rn.Artifact("名", metadata={"a": 1}).add_dir(folder), aliases=["best"])
    base = f"/api/artifacts/{quote('名')}"
    listed = viewer.get("/api/artifacts").json()
    assert [(row["name"], row["versions"], row["aliases"]) for row in listed] == [("名", 1, {"best": 1, "latest": 1})]
    assert [row["version"] for row in viewer.get(f"{base}/versions").json()] == [1]
    version = viewer.get(f"{base}/v1").json()
    assert (version["run"]["id"], version["metadata"]) == (run.id, {"a": 1})
    assert [f["path"] for f in version["manifest"]["files"]] == ["large.bin", "small.txt", "sub/名字 1.txt"]
    file = viewer.get(f"{base}/v1/files/{quote('sub/名字 1.txt')}")
    assert file.body.decode() == "文"
    assert file.headers["content-disposition"] == "attachment"
    assert viewer.get(f"{base}/v1/files/large.bin").body == (folder / "large.bin").read_bytes()
    assert viewer.get(f"{base}/v1/files/..%2f..%2fsecret").status == 404
    promoted = viewer.send("POST", f"/api/model-lifecycle/{quote('名')}/v1/promote", {"to_stage": "production"})
    assert promoted.json()["stage"] == "production"
    life = viewer.get(f"/api/model-lifecycle/{quote('名')}").json()
    assert [event["kind"] for event in life["history"]] == ["alias", "stage"]
    refused = viewer.send("DELETE", f"{base}/v1?permanent=true")
    assert (refused.status, refused.json()["code"]) == (409, "artifact-in-use")
    assert viewer.send("DELETE", f"{base}/v1?force=true").status == 200
    assert viewer.get("/api/artifacts").json() == []
    assert viewer.send("POST", f"{base}/v1/restore").json()["deleted_at"] is None
    graph = viewer.get(f"{base}/v1/lineage").json()
    assert {node["kind"] for node in graph["nodes"]} == {"run", "artifact"}
    of_run = viewer.get(f"/api/experiments/{run.id}/artifacts").json()
    assert [(row["name"], row["stage"]) for row in of_run["created"]] == [("名", "production")]
    assert viewer.get(f"/api/experiments/{run.id}/lineage").json()["nodes"]
    assert viewer.get("/api/artifacts/stats").json()["versions"] == 1
    assert viewer.get("/api/artifacts/none/versions").json()["code"] == "artifact-not-found"
    assert viewer.get(f"{base}/v1?type=..%2f..%2fvictim").status == 404


def test_hook_register_commands_adds_artifacts(command: Command) -> None:
    assert "Versions of models and data" in command("--help").stdout
