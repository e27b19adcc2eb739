"""Every command, option and variable that the documentation names exists, and every command is documented."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from runicorn.cli.app import cli
from runicorn.config.schema import OTHER_VARIABLES, SHORT_VARIABLES
from runicorn.hooks import config_schemas

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "README.zh-CN.md", ROOT / "CONTRIBUTING.md"]
PAGES += sorted([*(ROOT / "docs").rglob("*.md"), *(ROOT / "plugins").glob("*/README.md")])
#: Not configuration: what the tests of this repository look at.
OF_THE_REPOSITORY = {"RUNICORN_TEST_ALL", "RUNICORN_API"}


def commands_in(text: str) -> Iterator[str]:
    """Everything in code that starts with ``runicorn``: lines of blocks, and spans of code in prose."""
    blocks = re.findall(r"^```(?:console|sh|bash|shell|text)?\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    for block in blocks:
        yield from re.findall(r"^(?:\$ )?(?:[A-Z_]+=\S+ )*(runicorn(?: .*)?)$", block, re.MULTILINE)
    prose = re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)
    yield from re.findall(r"`(?:[A-Z_]+=\S+ )*(runicorn [^`\n]+)`", prose)


def complaint(line: str) -> str | None:
    """What is wrong with a command line; None when every command and option in it exists."""
    words = line.split("#")[0].split("|")[0].split()[1:]
    command: click.Command = cli
    context = click.Context(cli, info_name="runicorn")
    known = {option for parameter in cli.params for option in parameter.opts} | {"--help", "-h"}
    for word in words:
        if word.startswith("-") and word != "-":
            if word.partition("=")[0] not in known:
                return f"{line!r}: {command.name} has no option {word}"
        elif isinstance(command, click.Group) and re.fullmatch(r"[a-z][a-z-]*", word):
            inner = command.get_command(context, word)
            if inner is None:
                return f"{line!r}: there is no command {word!r}"
            command = inner
            known |= {option for p in command.params for option in (*p.opts, *p.secondary_opts)}
    return None


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_command_that_is_named_exists(page: Path) -> None:
    wrong = [complaint(line) for line in commands_in(page.read_text(encoding="utf-8"))]
    assert [sentence for sentence in wrong if sentence] == []


def test_every_command_is_documented() -> None:
    text = (ROOT / "docs/cli.md").read_text(encoding="utf-8")

    def missing(group: click.Group, words: tuple[str, ...]) -> Iterator[str]:
        context = click.Context(group)
        for name in group.list_commands(context):
            command = group.get_command(context, name)
            assert command is not None
            if isinstance(command, click.Group):
                yield from missing(command, (*words, name))
            elif " ".join((*words, name)) not in text:
                yield " ".join((*words, name))

    assert list(missing(cli, ("runicorn",))) == []


def test_every_variable_that_is_named_exists() -> None:
    sections = {"storage", "run", "plugins", *config_schemas()}
    wrong = []
    for page in PAGES:
        for name in set(re.findall(r"\bRUNICORN_[A-Z0-9_]*[A-Z0-9]\b", page.read_text(encoding="utf-8"))):
            section = name.removeprefix("RUNICORN_").partition("__")[0].lower().replace("_", "-")
            long = "__" in name and (section in sections or section.startswith("acme"))
            if name not in OTHER_VARIABLES | SHORT_VARIABLES.keys() | OF_THE_REPOSITORY and not long:
                wrong.append(f"{page.relative_to(ROOT)}: {name}")
    assert wrong == []


def test_every_variable_is_documented() -> None:
    text = (ROOT / "docs/configuration.md").read_text(encoding="utf-8")
    assert [name for name in sorted(OTHER_VARIABLES | SHORT_VARIABLES.keys()) if f"`{name}" not in text] == []


def test_every_make_target_that_is_named_exists_and_help_lists_it() -> None:
    # ``make test`` runs this: what it hands down to its children is not for the make that is asked here.
    environ = {name: value for name, value in os.environ.items() if name not in ("MAKEFLAGS", "MAKELEVEL", "MFLAGS")}
    done = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True, env=environ)
    targets = set(re.findall(r"^  make ([a-z-]+)", done.stdout, re.MULTILINE))
    assert targets >= {"setup", "demo", "test", "check", "bench", "help"}
    for page in PAGES:
        named = set(re.findall(r"(?:`|^\$ |^)make ([a-z][a-z-]*)", page.read_text(encoding="utf-8"), re.MULTILINE))
        assert named <= targets, page
