"""What holds for every plugin: it is installed, light, honest about what it is, and works with what it offers."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Set
from email.message import Message
from importlib.metadata import PackageMetadata, metadata, requires
from typing import Any

import attrs
import pytest

from ..hooks import api_targets, commands, config_schemas, lookup_api, opener_for, openers, survey
from ..hookspecs import API_VERSION
from ..loader import Manager, PluginInfo, Rules, use_manager

#: Modules that importing ``runicorn.hookspecs`` loads anyway.
_OF_CORE = {"runicorn", "pluggy", "attr", "attrs", "orjson"}
_PROGRAM = """
import sys
import runicorn.hookspecs
before = set(sys.modules)
import {module}
print("loaded", *sorted({{name.partition(".")[0] for name in set(sys.modules) - before}}))
"""


class PluginContract:
    """Subclass it with the plugin's name, and the hooks that it is meant to implement::

    class TestPlugin(PluginContract):
        name = "acme-watch"
        hooks = {"values_logged"}
    """

    name: str
    hooks: Set[str]

    @pytest.fixture
    def manager(self) -> Iterator[Manager]:
        """A manager with no other plugin."""
        with use_manager(Manager(rules=Rules(only=(self.name,)))) as manager:
            yield manager

    @pytest.fixture
    def info(self, manager: Manager) -> PluginInfo:
        infos = [info for info in survey() if info.name == self.name]
        assert infos, f"no plugin {self.name!r} is installed here; pip install -e . installs it"
        return infos[0]

    @pytest.fixture
    def about(self, info: PluginInfo) -> PackageMetadata:
        """The metadata of its distribution."""
        return metadata(info.distribution)

    # --- The module

    def test_it_is_active(self, info: PluginInfo) -> None:
        assert info.line() == "active"
        assert info.errors == ()
        assert info.warnings == ()

    def test_it_implements_the_hooks_that_it_is_meant_to(self, info: PluginInfo) -> None:
        assert set(info.hooks) == set(self.hooks)

    def test_its_module_is_light(self, info: PluginInfo) -> None:
        """Every program that uses Runicorn imports it: libraries are imported in the functions that need them."""
        module = info.module.partition(":")[0]
        done = subprocess.run(
            [sys.executable, "-c", _PROGRAM.format(module=module)], capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        first, *rest = done.stdout.splitlines()
        assert (first.split()[0], rest) == ("loaded", []), f"importing {module} prints something"
        heavy = set(first.split()[1:]) - _OF_CORE - sys.stdlib_module_names - {module.partition(".")[0]}
        assert heavy == set(), f"importing {module} loads {', '.join(sorted(heavy))}"

    # --- The distribution

    def test_its_metadata_says_what_it_is(self, about: PackageMetadata) -> None:
        assert isinstance(about, Message)  # what PackageMetadata is
        for key in ("Version", "Summary", "Requires-Python"):
            assert about.get(key), f"pyproject.toml states no {key}"
        assert about.get("License-Expression") or about.get("License"), "pyproject.toml states no license"

    def test_it_depends_on_the_core_and_not_on_everything(self, about: PackageMetadata) -> None:
        """The bare name ``runicorn`` is the metapackage with all plugins, and on public indexes an older product."""
        needed = [line.split(";")[0].strip().lower() for line in requires(about["Name"]) or []]
        names = {line.split("=")[0].split(">")[0].split("<")[0].split("~")[0].split("[")[0].strip() for line in needed}
        assert "runicorn-core" in names
        assert "runicorn" not in names

    def test_it_was_written_for_this_version_of_the_hooks(self, info: PluginInfo) -> None:
        from importlib import import_module

        module, _, attribute = info.module.partition(":")
        found: Any = import_module(module)
        for name in filter(None, attribute.split(".")):
            found = getattr(found, name)
        assert found.RUNICORN_API == API_VERSION

    # --- What it declares

    def test_every_name_that_it_adds_can_be_imported(self, info: PluginInfo) -> None:
        for name in api_targets():
            found = lookup_api(name)
            assert callable(found) or not name.startswith("Run."), f"{name} is no method"
            assert found.__doc__ or not callable(found), f"{name} has no docstring"

    def test_every_command_that_it_adds_can_be_run_and_explains_itself(self, info: PluginInfo) -> None:
        from importlib import import_module

        import click
        from click.testing import CliRunner

        for name, place in commands().items():
            module, _, attribute = place.partition(":")
            command = getattr(import_module(module), attribute)
            assert isinstance(command, click.Command), f"{place} is no click command"
            assert command.get_short_help_str(), f"the command {name} has no help"
            answer = CliRunner().invoke(command, ["--help"])
            assert answer.exit_code == 0, answer.output

    def test_every_opener_that_it_adds_can_be_imported(self, info: PluginInfo) -> None:
        for scheme in openers():
            assert callable(opener_for(scheme)), f"what opens {scheme}:// cannot be called"

    def test_its_settings_can_all_be_left_out(self, info: PluginInfo) -> None:
        for schema in config_schemas().values():
            assert attrs.has(schema)
            schema()
            assert schema.__doc__, f"{schema.__name__} has no docstring"
