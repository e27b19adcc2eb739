"""Configuration: precedence, origins, errors that say where."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import pytest
import runicorn as rn
from attrs import Factory, frozen
from runicorn.config import Address, config_dir, get_user_root_dir, load_config, set_user_value, unset_user_value
from runicorn.errors import ConfigError


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder inside a project; no variables set."""
    monkeypatch.delenv("RUNICORN_DIR", raising=False)
    inside = tmp_path / "project" / "src"
    inside.mkdir(parents=True)
    monkeypatch.chdir(inside)
    return inside.parent


def test_each_layer_wins_over_the_ones_below_it(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert load_config().run.finish_timeout == 30.0
    set_user_value("run.finish_timeout", 1.0)
    assert load_config().run.finish_timeout == 1.0
    (project / "runicorn.toml").write_text("[run]\nfinish_timeout = 2\n")
    assert load_config().run.finish_timeout == 2.0
    monkeypatch.setenv("RUNICORN_RUN__FINISH_TIMEOUT", "3")
    assert load_config().run.finish_timeout == 3.0


@pytest.mark.parametrize("text", ["a,b", '["a", "b"]', " a , b "])
def test_a_list_in_a_variable_is_spelled_with_commas_or_as_in_toml(
    project: Path, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    monkeypatch.setenv("RUNICORN_PLUGINS__DISABLE", text)
    assert load_config().plugins.disable == ("a", "b")


def test_every_value_says_where_it_comes_from(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (project / "runicorn.toml").write_text('[storage]\nbackend = "jsonl"\n')
    monkeypatch.setenv("RUNICORN_DIR", str(project / "here"))
    set_user_value("run.capture_env", False)
    origins = {key: origin for key, _, origin in load_config().items()}
    assert origins["storage.backend"] == str(project / "runicorn.toml")
    assert origins["storage.root"] == "variable RUNICORN_DIR"
    assert origins["run.capture_env"] == str(config_dir() / "config.toml")
    assert origins["run.mode"] == "default"


def test_a_relative_root_is_relative_to_the_file_that_names_it(project: Path) -> None:
    (project / "runicorn.toml").write_text('[storage]\nroot = "runs here"\n')
    assert get_user_root_dir() == project / "runs here"


def test_pyproject_counts_only_with_a_section_of_ours(project: Path) -> None:
    (project / "pyproject.toml").write_text("[tool.other]\nx = 1\n")
    assert load_config().run.mode == "on"
    (project / "pyproject.toml").write_text('[tool.runicorn.run]\nmode = "off"\n')
    assert load_config().run.mode == "off"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[run]\nmoed = 1\n", "configuration 'run.moed' is unknown; did you mean run.mode?"),
        ("[run]\nmode = 'sometimes'\n", "expected is one of on, off"),
        ("[run]\ncapture_env = 3\n", "true or false is expected"),
        ("[plugins]\ndisable = 'a'\n[run]\nfinish_timeout = 'soon'\n", "could not convert"),
        ("[run]\nfinish_timeout = -1\n", "a number of seconds from 0 on is expected"),
        ("[run]\nfinish_timeout = nan\n", "a number of seconds from 0 on is expected"),
        ("[plugins]\nload_timeout = inf\n", "a number of seconds from 0 on is expected"),
        ("[plugins]\nprefer = 3\n", "a table is expected"),
        ("[plugins]\nprefer = {a = 3}\n", "text is expected"),
        ("[plugins]\ndisable = [1]\n", "text is expected"),
        ("mode = 'off'\n", "must stand in a section"),
        ("[run\n", "is not valid TOML"),
    ],
)
def test_a_bad_file_is_refused_with_its_name(project: Path, text: str, words: str) -> None:
    (project / "runicorn.toml").write_text(text)
    with pytest.raises(ConfigError, match=r"runicorn\.toml") as caught:
        load_config()
    assert words in str(caught.value)


def test_editing_keeps_what_people_wrote(project: Path) -> None:
    config_dir().mkdir(parents=True, exist_ok=True)
    file = config_dir() / "config.toml"
    file.write_text("# mine\n[run]\nmode = 'off'  # quiet\n")
    set_user_value("storage.root", project)
    text = file.read_text()
    assert "# mine" in text
    assert "# quiet" in text
    assert unset_user_value("storage.root")
    assert not unset_user_value("storage.root")
    assert load_config().run.mode == "off"


def test_a_plugin_section_is_made_by_its_own_schema(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    @frozen
    class Schema:
        port: int = 1
        hosts: tuple[str, ...] = ()
        share: float | None = None
        kinds: tuple[Literal["a", "b"], ...] = ()
        sizes: Mapping[str, int] = Factory(dict)
        shifts: list[int] = Factory(list)

    monkeypatch.setenv("RUNICORN_SOME_PLUGIN__PORT", "7")
    monkeypatch.setenv("RUNICORN_SOME_PLUGIN__HOSTS", "a, b")
    monkeypatch.setenv("RUNICORN_SOME_PLUGIN__SHARE", "0.5")
    monkeypatch.setenv("RUNICORN_SOME_PLUGIN__KINDS", "a,b")
    monkeypatch.setenv("RUNICORN_SOME_PLUGIN__SIZES", "x=1,y=2")
    (project / "runicorn.toml").write_text("[some-plugin]\nshifts = [1, 2]\n")
    made = load_config().section("some-plugin", Schema)
    assert made == Schema(7, ("a", "b"), 0.5, ("a", "b"), {"x": 1, "y": 2}, [1, 2])
    for name, text, words in (
        ("PORT", "7.5", "invalid literal"),
        ("KINDS", "a,c", "one of a, b"),
        ("SIZES", "x=much", "invalid literal"),
    ):
        with monkeypatch.context() as patch:
            patch.setenv(f"RUNICORN_SOME_PLUGIN__{name}", text)
            with pytest.raises(ConfigError, match=words):
                load_config().section("some-plugin", Schema)
    (project / "runicorn.toml").write_text("[some-plugin]\nport = 80.5\n")
    monkeypatch.delenv("RUNICORN_SOME_PLUGIN__PORT")
    with pytest.raises(ConfigError, match="a whole number"):
        load_config().section("some-plugin", Schema)
    (project / "runicorn.toml").unlink()
    assert load_config().unknown_sections({"some-plugin"}) == []
    assert load_config().unknown_sections(set()) == ["some-plugin"]


def test_a_vanished_working_folder_is_no_error(project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    assert load_config().run.mode == "on"
    monkeypatch.chdir(tmp_path)


def test_variables_that_are_no_values_are_left_alone(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    values: dict[str, Any] = {key: value for key, value, _ in load_config().items()}
    monkeypatch.setenv("RUNICORN_TEST_ALL", "1")
    assert values == {key: value for key, value, _ in load_config().items()}


def test_an_address_as_root_is_read_and_runs_are_written_here(
    project: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.delenv("RUNICORN_DIR", raising=False)
    (project / "runicorn.toml").write_text('[storage]\nroot = "ssh://box/~/runs"\n')
    config = load_config(project)
    assert config.storage.root == Address("ssh://box/~/runs")
    assert {key: value for key, value, _ in config.items()}["storage.root"] == "ssh://box/~/runs"
    monkeypatch.setenv("RUNICORN_DIR", "ssh://other/data")
    assert load_config(project).storage.root == "ssh://other/data"
    folder = get_user_root_dir()
    run = rn.init("p", run_id="here")
    run.finish()
    assert (folder / "p" / "default" / "runs" / "here" / "meta.json").is_file()
    assert [record.getMessage() for record in caplog.records] == [
        f"runicorn: ssh://other/data is only read; this run is written to {folder} on this machine"
    ]
