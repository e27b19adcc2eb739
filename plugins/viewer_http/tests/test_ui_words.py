"""The web UI's words: what is said in English is said in Chinese, and nothing is asked for that is not there."""

from __future__ import annotations

import re
from importlib.resources import files
from pathlib import Path

import pytest

STATIC = Path(str(files("runicorn_viewer_http"))) / "static"
WORDS = STATIC / "i18n"
ENTRY = re.compile(r"'((?:[^'\\]|\\.)+)':\s*'((?:[^'\\]|\\.)*)'")
ASKED = re.compile(r"\bt\('([^'$]+)'")
ASKED_BY_CHOICE = re.compile(r"\bt\([^'`()]*\? '([^']+)' : '([^']+)'")
PARTS = re.compile(r"`([a-z][\w.]*\.)\$\{")
PLACES = re.compile(r"\{(\w+)[},]")


def dictionary(language: str) -> dict[str, str]:
    """All words of one language; a key that is defined twice is an error."""
    found: dict[str, str] = {}
    for path in [WORDS / f"{language}.js", *sorted((WORDS / language).glob("*.js"))]:
        for key, text in ENTRY.findall(path.read_text("utf-8")):
            assert key not in found, f"{key} is defined twice"
            found[key] = text
    return found


def sources() -> str:
    """Every module but the dictionaries and what is not ours."""
    ours = [path for path in STATIC.rglob("*.js") if not {"vendor", "i18n"} & set(path.relative_to(STATIC).parts)]
    return "\n".join(path.read_text("utf-8") for path in sorted(ours))


def test_both_languages_have_the_same_keys_in_every_file() -> None:
    names = {language: {path.name for path in (WORDS / language).glob("*.js")} for language in ("en", "zh-CN")}
    assert names["en"] == names["zh-CN"]
    assert dictionary("en").keys() == dictionary("zh-CN").keys()


def test_both_languages_have_the_same_places_to_fill() -> None:
    english, chinese = dictionary("en"), dictionary("zh-CN")
    differing = {key for key, text in english.items() if set(PLACES.findall(text)) != set(PLACES.findall(chinese[key]))}
    assert differing == set()


def test_every_text_that_is_asked_for_exists() -> None:
    text = sources()
    asked = set(ASKED.findall(text)) | {key for pair in ASKED_BY_CHOICE.findall(text) for key in pair}
    assert asked - dictionary("en").keys() == set()


def test_no_text_is_left_that_nobody_asks_for() -> None:
    text = sources()
    prefixes = tuple(PARTS.findall(text))
    unused = {key for key in dictionary("en") if f"'{key}'" not in text and not key.startswith(prefixes)}
    assert unused == set()


@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_every_part_of_a_dictionary_is_joined_into_it(language: str) -> None:
    whole = (WORDS / f"{language}.js").read_text("utf-8")
    for path in (WORDS / language).glob("*.js"):
        assert f"'./{language}/{path.name}'" in whole
