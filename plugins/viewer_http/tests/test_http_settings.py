"""Configuration, preferences and plugins over HTTP."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest


def test_the_configuration_is_changed_in_the_users_file_and_takes_all_or_nothing(viewer: Any, home: Path) -> None:
    before = viewer.get("/api/config").json()
    assert before["viewer-http"]["port"] == 23300
    answer = viewer.put("/api/config", json={"viewer-http": {"port": 24000}, "run": {"capture_env": False}})
    assert answer.json()["viewer-http"]["port"] == 24000
    assert "port = 24000" in (home / "config" / "config.toml").read_text()
    for changes, where, code in (
        ({"run": {"capture_env": True}, "viewer-http": {"prot": 1}}, "viewer-http", "member-unknown"),
        ({"run": {"capture_env": "perhaps"}}, "run.capture_env", "invalid"),
        ({"run": {"capture_env": True}, "nothing": {"x": 1}}, "", "member-unknown"),
    ):
        answer = viewer.put("/api/config", json=changes)
        assert (answer.status_code, answer.json()["code"], answer.json()["where"]) == (400, code, where)
    assert viewer.get("/api/config").json()["run"]["capture_env"] is False
    removed = viewer.put("/api/config", json={"viewer-http": {"port": None}, "storage": {"root": None}})
    assert removed.json()["viewer-http"]["port"] == 23300


def test_a_token_can_be_set_and_is_never_returned(viewer: Any, home: Path) -> None:
    answer = viewer.put("/api/config", json={"viewer-http": {"token": "very-secret"}})
    assert answer.status_code == 200
    assert "very-secret" not in answer.text + viewer.get("/api/config").text
    assert "very-secret" in (home / "config" / "config.toml").read_text()
    viewer.put("/api/config", json={"viewer-http": {"token": None}})
    assert "very-secret" not in (home / "config" / "config.toml").read_text()


@pytest.mark.parametrize("view", ["runs:vision", "项目/默认", "../../etc/passwd", "NUL", "A" * 300, "a\u0000b"])
def test_preferences_of_a_view_are_kept_whatever_it_is_called(viewer: Any, root: Path, view: str) -> None:
    query = {"view": view}
    assert viewer.get("/api/ui-preferences", params=query).json() == {}
    document = {"columns": ["loss", "准确率"], "width": {"loss": 80}}
    assert viewer.put("/api/ui-preferences", params=query, json=document).json() == document
    assert viewer.get("/api/ui-preferences", params=query).json() == document
    assert viewer.get("/api/ui-preferences", params={"view": "another"}).json() == {}
    (kept,) = (path for path in root.rglob("*") if path.is_file())
    assert kept.parent == root / ".runicorn" / "ui"
    assert viewer.delete("/api/ui-preferences", params=query).json() == {"removed": True}
    assert viewer.delete("/api/ui-preferences", params=query).json() == {"removed": False}


def test_preferences_have_a_limit(viewer: Any) -> None:
    answer = viewer.put("/api/ui-preferences?view=v", json={"x": "y" * 300_000})
    assert (answer.status_code, answer.json()["code"]) == (413, "preferences-too-large")
    deep: Any = {}
    for _ in range(500):
        deep = {"x": deep}
    assert viewer.put("/api/ui-preferences?view=v", json=deep).status_code == 400
    assert viewer.get("/api/ui-preferences?view=v").json() == {}


def test_plugins_are_listed_with_their_states_and_switched_for_the_next_start(viewer: Any, home: Path) -> None:
    rows = {row["name"]: row for row in viewer.get("/api/plugins").json()}
    own = rows["viewer-http"]
    assert (own["distribution"], own["state"], own["reason"]) == ("runicorn-viewer-http", "active", "")
    assert "viewer_routes" in own["hooks"]
    answer = viewer.post("/api/plugins/media/disable").json()
    assert answer == {"name": "media", "enabled": False, "takes_effect": "next start"}
    assert '"media"' in (home / "config" / "plugins.json").read_text()
    viewer.post("/api/plugins/media/enable")
    assert '"media"' not in (home / "config" / "plugins.json").read_text()
    answer = viewer.post("/api/plugins/medea/disable")
    assert (answer.status_code, answer.json()["suggestion"]) == (404, "media")


def test_the_schema_says_what_can_be_set_and_where_it_was(
    viewer: Any, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RUNICORN_RUN__CAPTURE_ENV", "false")
    viewer.put("/api/config", json={"viewer-http": {"port": 24000, "token": "very-secret"}})
    answer = viewer.get("/api/config/schema")
    assert "very-secret" not in answer.text
    fields = {field["key"]: field for field in answer.json()["viewer-http"]["fields"]}
    port = fields["port"]
    assert (port["kind"], port["value"], port["fixed"]) == ("whole", 24000, False)
    assert port["origin"].endswith("config.toml")
    assert (fields["token"]["secret"], fields["token"]["value"]) == (True, None)
    assert (fields["allowed_hosts"]["kind"], fields["open_browser"]["kind"]) == ("list", "switch")
    storage = {field["key"]: field for field in answer.json()["storage"]["fields"]}
    assert storage["durability"]["choices"] == ["process", "power"]
    assert (storage["backend"]["kind"], storage["backend"]["optional"]) == ("text", True)
    told = {field["key"]: field for field in answer.json()["monitors"]["fields"]}
    assert (told["sinks"]["kind"], told["sinks"]["choices"]) == ("several", ["log", "terminal", "webhook"])
    run = {field["key"]: field for field in answer.json()["run"]["fields"]}
    assert run["capture_env"]["fixed"], "a variable wins over any file"
    silent = [
        f"{name}.{field['key']}"
        for name, form in answer.json().items()
        for field in form["fields"]
        if set(field["help"]) != {"en", "zh-CN"}
    ]
    assert silent == [], "each value says what it means, in both languages"


def test_a_plugins_switch_shows_before_it_takes_effect(viewer: Any, home: Path) -> None:
    def monitors() -> Any:
        return next(info for info in viewer.get("/api/plugins?check=true").json() if info["name"] == "monitors")

    assert (monitors()["state"], monitors()["runs_at_next_start"], monitors()["api"]) == ("active", True, 1)
    assert "run.alert" in monitors()["adds"]
    viewer.post("/api/plugins/monitors/disable")
    assert (monitors()["state"], monitors()["runs_at_next_start"]) == ("active", False)
    viewer.post("/api/plugins/monitors/enable")
    assert monitors()["runs_at_next_start"] is True
