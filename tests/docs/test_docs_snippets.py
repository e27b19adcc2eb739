"""Every example in README and docs runs."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from runicorn.config import load_config
from runicorn.hooks import config_schemas

ROOT = Path(__file__).parents[2]
RUNNER = Path(__file__).with_name("run_snippets.py")
PAGES = [ROOT / "README.md", ROOT / "README.zh-CN.md", ROOT / "CONTRIBUTING.md", ROOT / "core/README.md"]
PAGES += sorted([*(ROOT / "docs").rglob("*.md"), *(ROOT / "plugins").glob("*/README.md")])


def fences(page: Path, *languages: str) -> list[str]:
    found = re.findall(r"^```(\S*)[^\n]*\n(.*?)^```$", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    return [code for language, code in found if language in languages]


def having(*languages: str) -> list[Path]:
    return [page for page in PAGES if fences(page, *languages)]


def page_id(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("page", having("python"), ids=page_id)
def test_every_python_snippet_runs(page: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-W", "error", str(RUNNER), str(page)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=200)
    assert done.returncode == 0, f"{page_id(page)}:\n{done.stdout}\n{done.stderr}"


@pytest.mark.parametrize("page", having("toml"), ids=page_id)
def test_every_configuration_snippet_is_one(page: Path, tmp_path: Path) -> None:
    schemas = config_schemas()
    for snippet in fences(page, "toml"):
        if "[project" in snippet or "[build-system" in snippet:
            tomllib.loads(snippet)
            continue
        (tmp_path / "runicorn.toml").write_text(snippet, encoding="utf-8")
        config = load_config(tmp_path)
        assert config.unknown_sections(set(schemas)) == []
        assert list(config.items(schemas)), snippet


def test_every_json_snippet_is_json() -> None:
    for page in PAGES:
        for snippet in fences(page, "json"):
            json.loads(snippet)
