"""The whole order of hooks in the life of a run, as one list."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import runicorn as rn
from runicorn import hookspecs
from runicorn.hooks import commands, survey
from runicorn.hookspecs import hookimpl
from runicorn.loader import Manager


class Everything:
    """Implements the hooks of a run and writes their names down."""

    def __init__(self) -> None:
        self.order: list[str] = []

    @hookimpl
    def register_storage_backends(self) -> Iterator[object]:
        self.order.append("register_storage_backends")
        return iter(())

    @hookimpl
    def register_api(self) -> dict[str, str]:
        self.order.append("register_api")
        return {}

    @hookimpl
    def register_media_types(self) -> Iterator[object]:
        self.order.append("register_media_types")
        return iter(())

    @hookimpl
    def run_started(self) -> None:
        self.order.append("run_started")

    @hookimpl
    def values_logged(self) -> None:
        self.order.append("values_logged")

    @hookimpl
    def run_finished(self) -> None:
        self.order.append("run_finished")

    @hookimpl
    def register_commands(self) -> dict[str, str]:
        self.order.append("register_commands")
        return {}


@pytest.fixture
def everything(plugins: Manager) -> Everything:
    plugin = Everything()
    plugins.add("everything", plugin)
    return plugin


def test_the_order_of_hooks_in_a_run(everything: Everything) -> None:
    run = rn.init(project="p", capture_env=False)
    run.log({"loss": 0.5})
    assert run.log_image
    run.log({"picture": object()})
    run.finish()
    commands()
    # Observers are told on a thread of their own, so that theirs and the caller's order stand apart.
    observed = [name for name in everything.order if not name.startswith("register_")]
    assert list(dict.fromkeys(observed)) == ["run_started", "values_logged", "run_finished"]
    assert [name for name in everything.order if name.startswith("register_")] == [
        "register_storage_backends",
        "register_api",
        "register_media_types",
        "register_commands",
    ]


def test_implementations_are_called_in_the_order_of_plugin_names(plugins: Manager) -> None:
    order: list[str] = []

    class Named:
        def __init__(self, name: str) -> None:
            self.name = name

        @hookimpl
        def register_commands(self) -> dict[str, str]:
            order.append(self.name)
            return {}

    for name in ("zebra", "ant", "moth"):
        plugins.add(name, Named(name))
    commands()
    assert order == ["ant", "moth", "zebra"]


def test_a_plugin_may_take_fewer_arguments_but_no_unknown_ones(plugins: Manager) -> None:
    class Asking:
        @hookimpl
        def run_finished(self, run: object, exit_code: int) -> None:
            """Asks for what the hook does not have."""

    with pytest.raises(TypeError, match="exit_code"):
        plugins.add("asking", Asking())


def test_every_hook_of_a_plugin_shows_in_what_it_adds(plugins: Manager) -> None:
    """But for those whose results have names of their own: nothing was offered here."""
    named = {
        "config_schema",
        "register_api",
        "register_archive_parts",
        "register_artifact_stores",
        "register_commands",
        "register_exporters",
        "register_importers",
        "register_media_types",
        "register_openers",
        "register_remote_transports",
        "register_sql_views",
        "register_storage_backends",
    }
    hooks = [name for name, value in vars(hookspecs).items() if hasattr(value, "runicorn_spec")]
    for hook in hooks:
        plugins.add(hook, type(hook, (), {hook: staticmethod(hookimpl(lambda: None))})())
    adds = {info.name: info.adds for info in survey() if info.name in hooks}
    assert {hook for hook in hooks if not adds[hook]} == named
