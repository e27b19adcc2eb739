"""The fixtures that authors of plugins get."""

from __future__ import annotations

import os
from pathlib import Path

import runicorn as rn
from runicorn.config import config_dir, get_user_root_dir
from runicorn.hooks import open_store
from runicorn.loader import Manager, manager
from runicorn.testing import ViewerClient


def test_each_test_has_a_home_and_a_root_of_its_own(runicorn_home: Path, tmp_path: Path) -> None:
    assert config_dir().parent == runicorn_home
    assert get_user_root_dir() == tmp_path / "root"
    assert os.environ["RUNICORN_PLUGINS_STRICT"] == "1"
    assert [name for name in os.environ if name.startswith("RUNICORN_")] == [
        "RUNICORN_HOME",
        "RUNICORN_DIR",
        "RUNICORN_PLUGINS_STRICT",
    ]


def test_a_fresh_manager_is_in_place(plugin_manager: Manager) -> None:
    assert manager() is plugin_manager
    assert {info.state for info in plugin_manager.plugins()} == {"active"}


def test_a_run_is_recorded(run: rn.Run) -> None:
    run.log({"loss": 0.5})
    assert [record.status for record in open_store().find_runs(run.id)] == ["running"]
    assert rn.get_active_run() is run


def test_the_viewer_listens(run: rn.Run, viewer: ViewerClient) -> None:
    assert viewer.get("/api/health").status == 200
    assert viewer.get("/api/nothing").json()["status"] == 404
    assert run.id in viewer.get("/api/experiments").body.decode()
