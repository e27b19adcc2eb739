"""Every hook is documented with its arguments, and has a test."""

from __future__ import annotations

import inspect
import re
from importlib import import_module
from pathlib import Path

import pytest
from runicorn import hookspecs
from runicorn.loader import manager

ROOT = Path(__file__).parents[2]
DOCS = (ROOT / "docs/hooks.md").read_text(encoding="utf-8")
HOOKS = sorted(name for name, value in vars(hookspecs).items() if hasattr(value, "runicorn_spec"))


def section(hook: str) -> str:
    match = re.search(rf"^## {hook}\n(.*?)(?=^## |\Z)", DOCS, re.MULTILINE | re.DOTALL)
    assert match is not None, f"docs/hooks.md has no section {hook}"
    return match.group(1)


def test_there_are_hooks() -> None:
    assert "values_logged" in HOOKS


@pytest.mark.parametrize("hook", HOOKS)
def test_a_hook_has_a_section_with_its_exact_arguments(hook: str) -> None:
    arguments = list(inspect.signature(getattr(hookspecs, hook)).parameters)
    text = section(hook)
    assert f"\n`{hook}({', '.join(arguments)})`\n" in text
    for argument in arguments:
        assert f"`{argument}`" in text.split("**Arguments**")[1]


@pytest.mark.parametrize("hook", HOOKS)
def test_a_section_says_when_on_which_thread_what_happens_and_shows_it(hook: str) -> None:
    text = section(hook)
    for part in ("- **When**:", "- **Thread**:", "- **If it raises**", "- **Used by**:"):
        assert part in text
    assert re.search(r"^```python\n.*@hookimpl\n +def " + hook, text, re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("hook", HOOKS)
def test_a_section_names_the_first_party_plugins_that_use_the_hook(hook: str) -> None:
    users = text.split("\n```")[0] if (text := section(hook).split("**Used by**")[1]) else ""
    ours = {
        info.name for info in manager().plugins() if info.distribution.startswith("runicorn-") and hook in info.hooks
    }
    assert {name for name in re.findall(r"`([a-z]+(?:-[a-z]+)*)`", users) if is_plugin(name)} == ours
    assert bool(ours) != ("no first-party plugin yet" in users)


def is_plugin(name: str) -> bool:
    return any(info.name == name for info in manager().plugins())


@pytest.mark.parametrize("hook", HOOKS)
def test_a_docstring_says_what_happens_if_it_raises(hook: str) -> None:
    assert "If it raises" in (getattr(hookspecs, hook).__doc__ or "")


@pytest.mark.parametrize("hook", HOOKS)
def test_a_hook_has_a_test(hook: str) -> None:
    name = re.compile(rf"^\s*(?:async )?def test_hook_{hook}(?=[_(])", re.MULTILINE)
    folders = [ROOT / "tests", ROOT / "core/tests", ROOT / "plugins"]
    files = [path for folder in folders for path in folder.rglob("test_*.py")]
    assert any(name.search(path.read_text(encoding="utf-8")) for path in files), f"write a test_hook_{hook}"


def test_a_hook_has_a_typed_caller() -> None:
    callers = ROOT / "core/src/runicorn/hooks"
    text = "".join(path.read_text(encoding="utf-8") for path in callers.glob("*.py"))
    assert [hook for hook in HOOKS if f'"{hook}"' not in text] == []
    assert import_module("runicorn.hooks").__all__
