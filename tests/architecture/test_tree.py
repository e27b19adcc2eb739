"""What stands in the tree: names, sizes, and nothing that binds it to one machine or one registry."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
VENDORED = "/vendor/"


def tracked() -> list[Path]:
    """Files that Git tracks or would track."""
    command = ["git", "-C", str(ROOT), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(command, capture_output=True, check=True, text=True).stdout.split("\0")
    return [ROOT / name for name in names if name and (ROOT / name).is_file()]


def own_text_files() -> list[tuple[Path, str]]:
    found = []
    for path in tracked():
        data = path.read_bytes()
        if b"\0" not in data[:8000] and VENDORED not in path.as_posix():
            found.append((path, data.decode("utf-8")))
    return found


def test_no_file_is_named_after_nothing() -> None:
    vague = {"utils", "util", "helpers", "helper", "common", "misc"}
    assert [str(path.relative_to(ROOT)) for path in tracked() if path.stem.lower() in vague] == []


def test_no_lock_file_of_another_tool_stands_beside_the_constraints() -> None:
    other = {"uv.lock", "poetry.lock", "Pipfile.lock", "package-lock.json", "pdm.lock"}
    assert [str(path.relative_to(ROOT)) for path in tracked() if path.name in other] == []


def test_no_file_names_a_registry_or_a_content_network() -> None:
    address = re.compile(
        r"(pypi|npmjs|python-?hosted|jsdelivr|unpkg|cdnjs|skypack|googleapis)\.(org|com|net|dev)|esm\.sh/"
        r"|--(extra-)?index-url|--find-links"
    )
    own = Path(__file__)
    wrong = [
        f"{path.relative_to(ROOT)}: {match.group()}"
        for path, text in own_text_files()
        if path != own and (match := address.search(text))
    ]
    assert wrong == []


def test_no_file_names_the_place_of_this_clone() -> None:
    place = str(ROOT)
    if len(ROOT.parts) < 3:
        place += "/"  # a clone at /app: only paths into it
    assert [str(path.relative_to(ROOT)) for path, text in own_text_files() if place in text] == []


@pytest.mark.parametrize("suffix", [".py", ".js"])
def test_a_source_file_holds_one_concept(suffix: str) -> None:
    """Past 350 lines there is a second one in it."""
    long = [
        f"{path.relative_to(ROOT)}: {text.count(chr(10))} lines"
        for path, text in own_text_files()
        if path.suffix == suffix
        and "/src/" in path.as_posix()
        and text.count("\n") > 350
        and path.name != "hookspecs.py"  # the one file that has all hooks
    ]
    assert long == []


def test_no_test_folder_is_a_package() -> None:
    """pytest imports by path here; a package would make two tests of one name shadow each other."""
    assert [str(path.relative_to(ROOT)) for path in tracked() if path.match("tests/__init__.py")] == []


def test_names_of_test_files_are_unique_among_the_distributions() -> None:
    names: dict[str, list[str]] = {}
    for path in tracked():
        if path.name.startswith("test_") and path.suffix == ".py":
            names.setdefault(path.name, []).append(str(path.relative_to(ROOT)))
    assert {name: places for name, places in names.items() if len(places) > 1} == {}


def test_nothing_waits_to_be_done_in_the_code() -> None:
    mark = re.compile(r"\b(TO" r"DO|FIX" r"ME|XX" r"X|HA" r"CK)\b")
    wrong = [
        f"{path.relative_to(ROOT)}:{number}"
        for path, text in own_text_files()
        if path.suffix in (".py", ".js", ".css", ".html", ".toml")
        for number, line in enumerate(text.splitlines(), 1)
        if mark.search(line)
    ]
    assert wrong == []


def test_no_program_of_the_bench_hides_a_standard_module() -> None:
    programs = {path.stem for path in (ROOT / "bench").glob("*.py")} - {"__init__", "__main__"}
    assert programs & sys.stdlib_module_names == set(), "it is found first, since a program's own folder comes first"
