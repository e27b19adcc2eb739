"""Loading: one try for each plugin, and the truth about what became of it."""

import sys
from collections.abc import Iterator
from importlib.metadata import EntryPoint
from pathlib import Path
from types import SimpleNamespace

import pytest
from runicorn import hooks
from runicorn.contracts import Check
from runicorn.errors import PluginConflict, PluginError
from runicorn.hookspecs import hookimpl
from runicorn.plugins import Installed, Manager, PluginInfo, Rules, use_manager

GOOD = "RUNICORN_API = 1\nfrom runicorn.hookspecs import hookimpl\n"


@pytest.fixture
def make(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator["Maker"]:
    monkeypatch.syspath_prepend(str(tmp_path))
    before = set(sys.modules)
    yield Maker(tmp_path)
    for name in set(sys.modules) - before:
        if name.startswith("sample_"):
            del sys.modules[name]


class Maker:
    """Writes plugin modules and the entry points that would name them."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.installed = folder, list[Installed]()

    def __call__(self, name: str, source: str, distribution: str | None = None) -> "Maker":
        module = f"sample_{name.replace('-', '_')}_{len(self.installed)}"
        (self.folder / f"{module}.py").write_text(source)
        entry = EntryPoint(name, module, "runicorn")
        self.installed.append(Installed(name, distribution or f"dist-{name}", "1.0", entry))
        return self

    def load(self, **rules: object) -> dict[str, PluginInfo]:
        self.manager = Manager(self.installed, Rules(**rules))  # type: ignore[arg-type]
        return {info.name: info for info in self.manager.plugins()}


def test_broken_plugins_hurt_nobody_and_are_listed_as_broken(make: Maker) -> None:
    make("good", GOOD + "@hookimpl\ndef register_api():\n    return {'x': 'm:o'}\n")
    make("exits", "import sys\nsys.exit(3)\n")
    make("missing", "import surely_not_installed\n")
    make("syntax", "def broken(:\n")
    make("arguments", GOOD + "@hookimpl\ndef run_started(run, nonsense): pass\n")
    make("hook", GOOD + "@hookimpl\ndef no_such_hook(): pass\n")
    infos = make.load()
    assert infos["good"].state == "active"
    assert infos["good"].hooks == ("register_api",)
    for name in ("exits", "missing", "syntax", "arguments", "hook"):
        assert infos[name].state == "broken", name
        assert infos[name].reason
    assert "surely_not_installed" in infos["missing"].reason
    assert "line 1" in infos["syntax"].reason
    assert "no_such_hook" in infos["hook"].reason


def test_a_plugin_for_another_api_is_incompatible(make: Maker) -> None:
    infos = make("new", "RUNICORN_API = 2\n")("silent", "").load()
    assert infos["new"].line() == "incompatible: needs plugin API 2, this Runicorn has 1"
    assert infos["silent"].line() == "incompatible: states no plugin API, this Runicorn has 1"


def test_a_disabled_plugin_is_never_imported(make: Maker) -> None:
    make("loud", "raise RuntimeError('imported')\n")
    assert make.load(denied={"loud": "the test"})["loud"].line() == "disabled: by the test"
    assert make.load(only=("other",))["loud"].state == "disabled"
    assert make.load(load_none=True)["loud"].state == "disabled"


def test_two_distributions_with_one_name_conflict_until_one_is_preferred(make: Maker) -> None:
    make("twin", GOOD, "dist-a")("twin", GOOD, "dist-b")
    assert "dist-a and dist-b" in make.load()["twin"].reason
    info = make.load(prefer={"twin": "dist-b"})["twin"]
    assert (info.state, info.distribution) == ("active", "dist-b")


def test_strict_mode_raises_what_a_plugin_raises(make: Maker) -> None:
    with pytest.raises(ZeroDivisionError):
        make("bad", "1 / 0\n").load(strict=True)


def test_a_raising_implementation_stops_nobody_else() -> None:
    manager = Manager([], Rules())
    manager.add("a-bad", Offers({"x": "m:a"}, raises=True))
    manager.add("b-good", Offers({"y": "m:b"}))
    with use_manager(manager):
        assert hooks.api_names() == ["y"]
    bad = next(info for info in manager.plugins() if info.name == "a-bad")
    assert "register_api: RuntimeError: asked for" in bad.errors[0]


def test_one_name_from_two_plugins_is_an_error_that_names_both() -> None:
    manager = Manager([], Rules())
    manager.add("one", Offers({"x": "m:a"}))
    manager.add("two", Offers({"x": "m:b"}))
    with use_manager(manager), pytest.raises(PluginConflict, match="one and two"):
        hooks.api_names()
    preferring = Manager([], Rules(prefer={"x": "two"}))
    preferring.add("one", Offers({"x": "math:pi"}))
    preferring.add("two", Offers({"x": "math:e"}))
    with use_manager(preferring):
        import math

        assert hooks.lookup_api("x") == math.e


def test_hook_register_api() -> None:
    manager = Manager([], Rules())
    manager.add("offers", Offers({"root": "math:sqrt", "gone": "math:no_such_thing"}))
    with use_manager(manager):
        assert hooks.lookup_api("root")(9) == 3
        with pytest.raises(AttributeError, match="no active plugin provides 'other'"):
            hooks.lookup_api("other")
        with pytest.raises(PluginError, match="plugin 'offers' failed in providing gone"):
            hooks.lookup_api("gone")


def test_hook_health_checks() -> None:
    class Checks:
        @hookimpl
        def health_checks(self) -> list[object]:
            return [
                SimpleNamespace(name="fine", run=lambda: Check("fine", True)),
                SimpleNamespace(name="bad", run=lambda: 1 / 0),
            ]

    manager = Manager([], Rules())
    manager.add("checks", Checks())
    with use_manager(manager):
        outcomes = [(check.name, check.ok) for check in hooks.run_health_checks()]
    assert outcomes == [("fine", True), ("checks", False)]


def test_hook_config_schema() -> None:
    class Schema:
        @hookimpl
        def config_schema(self) -> type:
            return SimpleNamespace

    manager = Manager([], Rules())
    manager.add("shaped", Schema())
    with use_manager(manager):
        assert hooks.config_schemas() == {"shaped": SimpleNamespace}


class Offers:
    def __init__(self, names: dict[str, str], raises: bool = False) -> None:
        self.names, self.raises = names, raises

    @hookimpl
    def register_api(self) -> dict[str, str]:
        if self.raises:
            raise RuntimeError("asked for")
        return self.names
