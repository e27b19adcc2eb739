"""Whatever this plugin can send, the page has words for it in both languages."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import runicorn_remote_ssh
from runicorn_remote_ssh.state import ConnectionState
from runicorn_remote_ssh.viewer.environments import OBSTACLES
from runicorn_remote_ssh.viewer.session import State
from runicorn_remote_ssh.viewer.steps import EVENTS

PACKAGE = Path(runicorn_remote_ssh.__file__).parent
STATIC = PACKAGE / "static"
TERMINAL = ("command.py",)  # what is said there is never sent

Texts = dict[str, str]


def texts(language: str) -> Texts:
    found: Texts = {}
    for file in ("texts.js", "problems.js"):
        english, chinese = (STATIC / file).read_text(encoding="utf-8").split("'zh-CN': {")
        part = chinese if language == "zh-CN" else english
        found |= dict(re.findall(r"^    '([^']+)': '(.*)',$", part, re.MULTILINE))
    return found


def variables(text: str) -> set[str]:
    return set(re.findall(r"\{(\w+)[,}]", text))


def calls() -> Iterator[ast.Call]:
    for file in PACKAGE.rglob("*.py"):
        if file.name not in TERMINAL:
            tree = ast.parse(file.read_text(encoding="utf-8"))
            yield from (node for node in ast.walk(tree) if isinstance(node, ast.Call))


def called(call: ast.Call) -> str:
    return call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")


def constants(node: ast.expr) -> set[str]:
    """What an argument may be, as far as it is written there: ``"a" if x else "b"`` is both."""
    if isinstance(node, ast.IfExp):
        return constants(node.body) | constants(node.orelse)
    return {node.value} if isinstance(node, ast.Constant) and isinstance(node.value, str) else set()


def problems() -> dict[str, set[str]]:
    """Code -> the parameters that it always has. ``reason`` is the sentence itself where there is none of that name."""
    found: dict[str, set[str]] = {}
    for call in calls():
        if called(call) != "Problem" or len(call.args) < 2:
            continue
        given = {word.arg for word in call.keywords if word.arg is not None} | {"reason"}
        if any(word.arg is None for word in call.keywords):
            given |= {"host", "python"}  # of viewer/launch.py
        codes = constants(call.args[1])
        assert codes, f"line {call.lineno}: a code that is no literal cannot be given words"
        for code in codes:
            found[code] = found.get(code, given) & given
    return found


def test_both_languages_have_the_same_texts_and_every_text_that_is_shown() -> None:
    english, chinese = texts("en"), texts("zh-CN")
    assert english.keys() == chinese.keys()
    for key, text in english.items():
        assert variables(text) == variables(chinese[key]), key
    source = "".join(path.read_text(encoding="utf-8") for path in STATIC.glob("*.js"))
    assert set(re.findall(r"\bt\('([^']+)'", source)) <= english.keys()


def test_no_text_is_left_of_what_is_shown_no_more() -> None:
    source = "".join(file.read_text(encoding="utf-8") for file in STATIC.glob("*.js"))
    made = re.findall(r"`(remote\.[\w.-]*)\$\{", source)  # keys that are put together: `remote.state.${state}`
    for key in texts("en"):
        assert source.count(f"'{key}'") > 2 or key.startswith(tuple(made)), f"{key} is shown nowhere"


def test_every_problem_has_words_in_both_languages_that_use_what_it_carries() -> None:
    said = problems()
    assert {"host-key-strict", "runicorn-missing", "vault-locked"} <= said.keys()
    for language in ("en", "zh-CN"):
        words = {
            key.removeprefix("remote.problem."): text for key, text in texts(language).items() if ".problem." in key
        }
        assert words.keys() - {"network", "invalid-argument"} == said.keys() - {"invalid-argument"}, language
        for code, text in words.items():
            assert variables(text) <= said.get(code, {"reason"}), (language, code)


def test_every_step_state_event_and_obstacle_has_words_in_both_languages() -> None:
    steps = set[str]().union(*(constants(call.args[0]) for call in calls() if called(call) == "step" and call.args))
    assert steps == {"find", "install", "start", "check"}
    states = {*map(str, ConnectionState), *get_args(State)}
    notes = (call for call in calls() if called(call) in ("note", "_note") and call.args)
    noted = set[str]().union(*(constants(argument) for call in notes for argument in call.args[:2]))
    assert noted >= EVENTS.keys() - {"state", "state-because"}
    worded = (noted | EVENTS.keys()) - {"state", "state-because", "problem"}
    for language in ("en", "zh-CN"):
        for kind, wanted in (("step", steps), ("state", states), ("event", worded), ("obstacle", {*OBSTACLES})):
            words = {
                key.removeprefix(f"remote.{kind}.") for key in texts(language) if key.startswith(f"remote.{kind}.")
            }
            assert words == wanted, (language, kind)
    for event, sentence in EVENTS.items():
        if event in worded:
            assert variables(texts("en")[f"remote.event.{event}"]) == variables(sentence), event
