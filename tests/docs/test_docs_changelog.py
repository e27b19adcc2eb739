"""The changelog's fragments can be joined."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[2] / "changelog.d"


def join(folder: Path) -> subprocess.CompletedProcess[str]:
    (folder / "join.py").write_text((FOLDER / "join.py").read_text(encoding="utf-8"), encoding="utf-8")
    return subprocess.run([sys.executable, folder / "join.py"], capture_output=True, text=True, check=False)


def test_our_fragments_become_one_section() -> None:
    done = subprocess.run([sys.executable, FOLDER / "join.py"], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("## Unreleased\n\n### ")


def test_fragments_stand_under_their_kind_one_line_each(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("# Not a fragment")
    (tmp_path / "b.fixed.md").write_text("A line\nin two.\n")
    (tmp_path / "a.fixed.md").write_text("Another one.")
    (tmp_path / "c.added.md").write_text("Something new.")
    expected = "## Unreleased\n\n### Added\n\n- Something new.\n\n### Fixed\n\n- Another one.\n- A line in two.\n"
    assert join(tmp_path).stdout == expected


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        ("new.feature.md", "Text.", "new.feature.md must be named"),
        ("new.md", "Text.", "new.md must be named"),
        ("new.added.md", "", "new.added.md must hold one paragraph"),
        ("new.added.md", "- A bullet", "new.added.md must hold one paragraph"),
    ],
)
def test_a_wrong_fragment_is_named(name: str, text: str, sentence: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(text)
    done = join(tmp_path)
    assert done.returncode == 1
    assert done.stderr.startswith(f"error: {sentence}")
