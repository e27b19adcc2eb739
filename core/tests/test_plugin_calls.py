"""Calling hooks: one implementation after the other, and what each may do to the others. Nothing."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from types import ModuleType, SimpleNamespace
from typing import Any

import pluggy
import pytest
from runicorn import hooks
from runicorn.contracts.http import Endpoint
from runicorn.deprecated import Deprecated, RunicornDeprecationWarning
from runicorn.errors import BackendNotFound, PluginConflict, PluginError, Problem
from runicorn.hooks.calling import each
from runicorn.hookspecs import API_VERSION, hookimpl, hookspec
from runicorn.loader import Installed, Manager, PluginInfo, Rules, use_manager


class Api:
    """A plugin that does something when it is asked for names."""

    def __init__(self, act: Callable[[], Any]) -> None:
        self.act = act

    @hookimpl
    def register_api(self) -> Any:
        return self.act()


class Storage:
    def __init__(self, *names: str, probe: Callable[[object], float] = lambda root: 0.5) -> None:
        self.names, self.probe = names, probe

    @hookimpl
    def register_storage_backends(self) -> Iterator[Any]:
        for name in self.names:
            yield SimpleNamespace(
                name=name,
                capabilities=frozenset(["write"]),
                probe=self.probe,
                open_store=lambda root, config, name=name: f"{name} of {self.names}",
            )


@pytest.fixture
def plugins() -> Iterator[Callable[..., Manager]]:
    """Puts a manager with these plugins in place."""
    contexts = []

    def put(rules: Rules | None = None, **objects: object) -> Manager:
        manager = Manager([], rules or Rules())
        for name, plugin in objects.items():
            manager.add(name, plugin)
        context = use_manager(manager)
        context.__enter__()
        contexts.append(context)
        return manager

    yield put
    for context in reversed(contexts):
        context.__exit__(None, None, None)


def info(manager: Manager, name: str) -> PluginInfo:
    return next(found for found in manager.plugins() if found.name == name)


def raising(error: BaseException) -> Callable[[], Any]:
    def act() -> Any:
        raise error

    return act


def generator_that_raises() -> Iterator[str]:
    yield "x"
    raise ValueError("after the first")


@pytest.mark.parametrize(
    ("act", "words"),
    [
        (raising(RuntimeError("asked for")), "RuntimeError: asked for"),
        (raising(SystemExit(3)), "SystemExit: 3"),
        (raising(KeyboardInterrupt()), "KeyboardInterrupt"),
        (raising(GeneratorExit()), "GeneratorExit"),
        (generator_that_raises, "a generator instead of a mapping"),
        (lambda: ["x"], "a list instead of a mapping"),
        (lambda: {"x": 3}, "both must be texts"),
    ],
    ids=["raises", "exits", "interrupts", "generator exit", "generator", "list", "no text"],
)
def test_what_a_plugin_does_wrong_is_recorded_and_stops_nobody_else(
    act: Callable[[], Any], words: str, plugins: Callable[..., Manager]
) -> None:
    manager = plugins(a_bad=Api(act), b_good=Api(lambda: {"y": "math:pi"}))
    assert hooks.api_names() == ["y"]
    (line,) = info(manager, "a_bad").errors
    assert line.startswith("register_api: ")
    assert words in line


def test_one_that_hangs_is_left_behind(plugins: Callable[..., Manager]) -> None:
    release = threading.Event()
    manager = plugins(Rules(hook_limit_s=2), a_hangs=Api(release.wait), b_good=Api(lambda: {"y": "math:pi"}))
    assert hooks.api_names() == ["y"]
    assert info(manager, "a_hangs").errors == ("register_api: did not return within 2 s",)
    reason = "broken: register_api did not return within 2 s; it is not called again"
    assert info(manager, "a_hangs").line() == reason
    assert [impl.plugin_name for impl in manager.implementations("register_api")] == ["b_good"]
    release.set()


def test_strict_mode_raises_what_a_hook_raises(plugins: Callable[..., Manager]) -> None:
    plugins(Rules(strict=True), bad=Api(lambda: 1 // 0))
    with pytest.raises(ZeroDivisionError):
        hooks.api_names()


def test_a_hook_is_asked_once(plugins: Callable[..., Manager]) -> None:
    asked: list[str] = []

    def act() -> Mapping[str, str]:
        asked.append("once")
        return {"y": "math:pi"}

    plugins(one=Api(act))
    assert [hooks.api_names(), hooks.api_names()] == [["y"], ["y"]]
    assert asked == ["once"]


def test_a_plugin_may_ask_what_others_offer_from_inside_a_hook(plugins: Callable[..., Manager]) -> None:
    plugins(one=Api(lambda: dict.fromkeys(hooks.storage_backends(), "m:o")), two=Storage("files"))
    assert hooks.api_names() == ["files"]


# --- Conflicts


def test_a_storage_backend_that_two_offer_is_left_out_and_said_to_who_asks_for_it(
    plugins: Callable[..., Manager],
) -> None:
    manager = plugins(one=Storage("files", "own"), two=Storage("files"))
    assert str(hooks.open_store()) == "own of ('files', 'own')"
    with pytest.raises(PluginConflict, match="storage backend 'files' is provided by one and two"):
        hooks.open_store(backend="files")
    assert {info(manager, name).state for name in ("one", "two")} == {"conflicting"}
    assert info(manager, "one").adds == ("storage own",)


def test_nothing_but_a_conflict_is_as_no_storage_at_all(plugins: Callable[..., Manager]) -> None:
    plugins(one=Storage("files"), two=Storage("files"))
    with pytest.raises(BackendNotFound):
        hooks.open_store()


def test_prefer_decides_between_two_providers_of_one_name(plugins: Callable[..., Manager]) -> None:
    manager = plugins(Rules(prefer={"x": "two"}), one=Api(lambda: {"x": "math:pi"}), two=Api(lambda: {"x": "math:e"}))
    import math

    assert hooks.lookup_api("x") == math.e
    assert [found.line() for found in manager.plugins()] == ["active", "active"]


def test_one_name_from_two_plugins_is_an_error_that_names_both(plugins: Callable[..., Manager]) -> None:
    plugins(one=Api(lambda: {"x": "math:pi", "y": "math:pi"}), two=Api(lambda: {"x": "math:e"}))
    assert hooks.api_names() == ["y"]
    with pytest.raises(PluginConflict, match="one and two"):
        hooks.lookup_api("x")


def test_a_probe_that_raises_or_hangs_does_not_fit(plugins: Callable[..., Manager]) -> None:
    release = threading.Event()
    manager = plugins(
        Rules(hook_limit_s=2),
        good=Storage("good"),
        hangs=Storage("hangs", probe=lambda root: float(release.wait())),
        raises=Storage("raises", probe=lambda root: 1 / 0),
    )
    assert str(hooks.open_store()) == "good of ('good',)"
    assert "probe of hangs: did not return" in info(manager, "hangs").errors[0]
    assert "probe of raises: ZeroDivisionError" in info(manager, "raises").errors[0]
    release.set()


def test_hook_viewer_routes_leaves_the_viewer_whole_when_two_want_one_path(plugins: Callable[..., Manager]) -> None:
    class Routes:
        def __init__(self, *routes: tuple[str, str]) -> None:
            self.routes = routes

        @hookimpl
        def viewer_routes(self) -> list[Endpoint[Any, Any]]:
            return [Endpoint(method, path, lambda call: None) for method, path in self.routes]  # type: ignore[arg-type]

    plugins(
        one=Routes(("GET", "/api/a"), ("GET", "/api/x")),
        two=Routes(("GET", "/api/x"), ("POST", "/api/x")),
        wrong=Routes(("GET", "/elsewhere")),
    )
    routes = hooks.viewer_routes(None)  # type: ignore[arg-type]  # none of these looks at it
    assert [(route.method, route.path) for route in routes] == [
        ("GET", "/api/a"),
        ("POST", "/api/x"),
        ("GET", "/api/x"),
    ]
    with pytest.raises(Problem, match="route 'GET /api/x' is provided by one and two"):
        routes[-1].handler(None)


def test_hook_register_commands(plugins: Callable[..., Manager]) -> None:
    class Commands:
        @hookimpl
        def register_commands(self) -> Mapping[str, str]:
            return {"acme": "acme.cli:acme"}

    plugins(acme=Commands())
    assert dict(hooks.commands()) == {"acme": "acme.cli:acme"}
    assert hooks.commands().owner("acme") == "acme"


def test_hook_register_openers(plugins: Callable[..., Manager], monkeypatch: pytest.MonkeyPatch) -> None:
    class Openers:
        @hookimpl
        def register_openers(self) -> Mapping[str, str]:
            return {"moon": "acme_moon:show", "mars": "acme_moon:nothing"}

    shown: list[str] = []
    module = ModuleType("acme_moon")
    vars(module)["show"] = lambda address, *, port, browser: shown.append(f"{address} {port} {browser}")
    monkeypatch.setitem(sys.modules, "acme_moon", module)
    plugins(acme=Openers())
    assert hooks.openers().owner("moon") == "acme"
    show = hooks.opener_for("moon")
    assert show is not None
    show("moon://crater", port=None, browser=False)
    assert shown == ["moon://crater None False"]
    assert hooks.opener_for("venus") is None
    with pytest.raises(PluginError, match="mars://"):
        hooks.opener_for("mars")


# --- Specifications of another time


def specs(**functions: Any) -> ModuleType:
    """A module of hook specifications."""
    module = ModuleType("specs")
    vars(module).update(functions)
    return module


def test_the_first_decision_counts_and_a_failure_is_never_taken_for_one() -> None:
    @hookspec
    def decide(who: str) -> None:
        """Decide."""

    class Decider:
        def __init__(self, answers: Mapping[str, str]) -> None:
            self.answers = answers

        @hookimpl
        def decide(self, who: str) -> str | None:
            if who == "raise":
                raise RuntimeError("cannot tell")
            return self.answers.get(who)

    manager = Manager([], Rules(), specs(decide=decide))
    manager.add("b", Decider({"x": "no", "y": "no"}))
    manager.add("a", Decider({"x": "yes"}))
    with use_manager(manager):
        assert hooks.first("decide", who="x") == ("a", "yes")
        assert hooks.first("decide", who="y") == ("b", "no")
        assert hooks.first("decide", who="z") is None
        with pytest.raises(PluginError, match="plugin 'a' failed in decide: RuntimeError: cannot tell"):
            hooks.first("decide", who="raise")


def test_an_implementation_takes_the_arguments_that_it_needs() -> None:
    @hookspec
    def gather(one: int, two: int) -> None:
        """Gather."""

    class Takes:
        @hookimpl
        def gather(self, two: int) -> int:
            return two

    manager = Manager([], Rules(), specs(gather=gather))
    manager.add("takes", Takes())
    with use_manager(manager):
        assert list(each("gather", int, one=1, two=2)) == [("takes", 2)]


def test_a_deprecated_hook_and_a_deprecated_argument_are_warned_about_and_listed() -> None:
    old_hook = Deprecated("the hook run_ended", "run_finished", "0.3")
    old_argument = Deprecated("the argument batch_size of run_ended", "batch", "0.3")
    assert str(old_hook) == "the hook run_ended goes away in Runicorn 0.3; use run_finished"

    @hookspec(warn_on_impl=old_hook.warning(), warn_on_impl_args={"batch_size": old_argument.warning()})
    def run_ended(run: object, batch_size: int) -> None:
        """Ended."""

    class Old:
        @hookimpl
        def run_ended(self, run: object, batch_size: int) -> None: ...

    manager = Manager([], Rules(), specs(run_ended=run_ended))
    with pytest.warns(RunicornDeprecationWarning) as warned:
        manager.add("old", Old())
    assert sorted(str(one.message) for one in warned) == sorted([str(old_hook), str(old_argument)])
    assert info(manager, "old").warnings == (str(old_hook), str(old_argument))


def test_the_warning_of_a_deprecation_is_shown_without_being_asked_for() -> None:
    assert issubclass(RunicornDeprecationWarning, UserWarning)
    assert not issubclass(RunicornDeprecationWarning, DeprecationWarning)


def test_pluggy_itself_has_not_what_each_call_here_has() -> None:
    """Why there are callers of our own: one implementation that raises ends pluggy's call for all."""

    class Bad:
        @hookimpl
        def register_api(self) -> Any:
            raise RuntimeError("asked for")

    from runicorn import hookspecs

    pm = pluggy.PluginManager("runicorn")
    pm.add_hookspecs(hookspecs)
    pm.register(Bad())
    with pytest.raises(RuntimeError):
        pm.hook.register_api()


def test_what_a_signal_handler_raises_while_a_thread_is_started_to_ask_a_plugin_counts_against_none(
    plugins: Callable[..., Manager], monkeypatch: pytest.MonkeyPatch
) -> None:
    manager, start = plugins(a=Api(lambda: {"x": "math:pi"})), threading.Thread.start

    def interrupted(thread: threading.Thread) -> None:
        start(thread)
        monkeypatch.setattr(threading.Thread, "start", start)
        raise TimeoutError("mine")  # as a handler does while the thread is waited for

    monkeypatch.setattr(threading.Thread, "start", interrupted)
    with pytest.raises(TimeoutError, match="mine"):
        hooks.api_names()
    assert hooks.api_names() == ["x"]
    assert info(manager, "a").errors == ()


@pytest.mark.parametrize("error", [KeyboardInterrupt, TimeoutError])
def test_what_a_signal_handler_raises_while_plugins_are_loaded_and_asked_counts_against_none_of_them(
    error: type[BaseException],
) -> None:
    released, left = threading.Event(), ["loading", "asking"]

    def handler(*_: object) -> None:
        released.set()
        raise error("mine")

    def interrupted(moment: str) -> None:
        if moment in left:
            left.remove(moment)
            signal.pthread_kill(main, signal.SIGUSR1)  # it waits for this thread
            released.wait(60)
            released.clear()

    class Plugin:
        RUNICORN_API = API_VERSION

        def __init__(self, name: str) -> None:
            self.name = name

        @hookimpl
        def register_api(self) -> dict[str, str]:
            interrupted("asking")
            return {self.name: "math:pi"}

    class Slow(Installed):
        def load(self) -> Plugin:
            if self.name == "b":
                interrupted("loading")
            return Plugin(self.name)

    main, before = threading.get_ident(), signal.signal(signal.SIGUSR1, handler)
    try:
        with use_manager(Manager([Slow(name, name, "1", name) for name in "abc"], Rules())) as manager:
            for _ in range(2):
                with pytest.raises(error, match="mine"):
                    hooks.api_names()
            assert not left
            assert hooks.api_names() == ["a", "b", "c"]
            assert [(plugin.state, plugin.errors) for plugin in manager.plugins()] == [("active", ())] * 3
    finally:
        signal.signal(signal.SIGUSR1, before)
