"""Loading: one try for each plugin, and the truth about what became of it."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
import runicorn as rn
from attrs import frozen
from runicorn import hooks
from runicorn.contracts import Check
from runicorn.errors import PluginError
from runicorn.hookspecs import hookimpl
from runicorn.loader import Installed, Manager, PluginInfo, Rules, use_manager

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
        self.installed.append(Installed(name, distribution or f"dist-{name}", "1.0", module))
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
    assert infos["silent"].line() == "incompatible: states no plugin API (RUNICORN_API), this Runicorn has 1"


def test_a_disabled_plugin_is_never_imported(make: Maker) -> None:
    make("loud", "raise RuntimeError('imported')\n")
    assert make.load(denied={"loud": "the test"})["loud"].line() == "disabled: by the test"
    assert make.load(only=("other",))["loud"].state == "disabled"
    assert make.load(load_none=True)["loud"].state == "disabled"


def test_two_distributions_with_one_name_conflict_until_one_is_preferred(make: Maker) -> None:
    make("twin", GOOD, "dist-a")("twin", GOOD, "dist-b")
    make.load()
    states = [(info.distribution, info.line()) for info in make.manager.plugins()]
    reason = "plugin 'twin' is declared by dist-a and dist-b; set plugins.prefer.twin to one"
    assert states == [("dist-a", f"conflicting: {reason}"), ("dist-b", f"conflicting: {reason}")]
    make.load(prefer={"twin": "dist-b"})
    states = [(info.distribution, info.line()) for info in make.manager.plugins()]
    assert states == [("dist-a", "disabled: by plugins.prefer.twin, which chose dist-b"), ("dist-b", "active")]


def test_two_distributions_with_one_package_conflict_for_one_hides_the_files_of_the_other(make: Maker) -> None:
    (make.folder / "sample_shared").mkdir()
    (make.folder / "sample_shared/__init__.py").touch()
    (make.folder / "sample_shared/plugin.py").write_text("RUNICORN_API = 1\n")
    (make.folder / "sample_space").mkdir()
    for name in ("one", "two"):
        (make.folder / f"sample_space/{name}.py").write_text("RUNICORN_API = 1\n")
        make.installed.append(Installed(f"space-{name}", f"dist-{name}", "1.0", f"sample_space.{name}"))
    make.installed.append(Installed("real", "dist-real", "1.0", "sample_shared.plugin"))
    make.installed.append(Installed("thief", "dist-thief", "1.0", "sample_shared.plugin"))
    states = {name: info.state for name, info in make.load().items()}
    assert states == {"real": "conflicting", "thief": "conflicting", "space-one": "active", "space-two": "active"}
    states = {name: info.state for name, info in make.load(prefer={"sample_shared": "dist-real"}).items()}
    assert (states["real"], states["thief"]) == ("active", "disabled")


def test_what_a_plugin_raises_at_import_never_ends_the_process(make: Maker) -> None:
    make("exits", "import sys\nsys.exit(3)\n")("stops", "raise KeyboardInterrupt\n")
    infos = make.load()
    assert infos["exits"].line().startswith("broken: SystemExit: 3 (")
    assert infos["stops"].line().startswith("broken: KeyboardInterrupt (")


def test_a_plugin_that_hangs_at_import_is_given_up(make: Maker) -> None:
    make("a-hangs", "import threading\nthreading.Event().wait(60)\n")("good", GOOD)
    infos = make.load(load_limit_s=2)
    assert infos["a-hangs"].line() == "broken: did not return within 2 s"
    assert infos["good"].state == "active"


def test_loading_tells_how_long_it_took_how_much_memory_and_where_it_was_found(make: Maker) -> None:
    info = make("large", GOOD + "data = bytearray(b'x' * 50_000_000)\n").load()["large"]
    assert info.load_ms is not None
    assert info.file.startswith(str(make.folder))
    if sys.platform == "linux":
        assert info.load_mb is not None
        assert 40 < info.load_mb < 100


def test_a_plugin_may_ask_for_plugins_while_it_is_imported(make: Maker) -> None:
    source = "from runicorn.loader import manager\nfound = [p.name for p in manager().plugins()]\n"
    make("first", GOOD)("second", GOOD + source)
    manager = Manager(make.installed, Rules())
    with use_manager(manager):
        assert [info.state for info in manager.plugins()] == ["active", "active"]


def test_a_misspelled_hook_is_named_with_a_suggestion(make: Maker) -> None:
    make("typo", GOOD + "@hookimpl\ndef run_startet(run): pass\n")
    assert "there is no hook run_startet; did you mean run_started?" in make.load()["typo"].reason
    assert not make.manager.implementations("run_started")


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
    @frozen
    class Section:
        interval: float = 1.0

    class Schema:
        def __init__(self, returned: object) -> None:
            self.returned = returned

        @hookimpl
        def config_schema(self) -> object:
            return self.returned

    manager = Manager([], Rules())
    manager.add("shaped", Schema(Section))
    manager.add("wrong", Schema({"interval": 1.0}))
    with use_manager(manager):
        assert hooks.config_schemas() == {"shaped": Section}
    wrong = next(info for info in manager.plugins() if info.name == "wrong")
    assert "no attrs class" in wrong.errors[0]


class Offers:
    def __init__(self, names: dict[str, str], raises: bool = False) -> None:
        self.names, self.raises = names, raises

    @hookimpl
    def register_api(self) -> dict[str, str]:
        if self.raises:
            raise RuntimeError("asked for")
        return self.names


def test_programs_list_the_plugins() -> None:
    program = "import runicorn as rn; print(*(f'{info.name} {info.state}' for info in rn.plugins()), sep='\\n')"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert "storage-jsonl active" in done.stdout.splitlines()
    assert "plugins" in dir(rn)
    assert rn.plugins()[0].hooks
