"""The two front doors, English and Chinese, say the same."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
ENGLISH, CHINESE = ((ROOT / name).read_text(encoding="utf-8") for name in ("README.md", "README.zh-CN.md"))


def _code(text: str) -> list[str]:
    """Lines of code without their comments."""
    blocks = re.findall(r"^```\S*\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    return [re.sub(r"\s+# .*", "", line) for block in blocks for line in block.splitlines()]


def _links(text: str) -> list[str]:
    return sorted(re.findall(r"\]\(([^)]+)\)", text.partition("\n!")[2]))


def _figures(text: str) -> list[list[str]]:
    """The numbers of every row of a table."""
    rows = [line for line in text.splitlines() if line.startswith("|")]
    return [re.findall(r"\d[\d .]*\d|\d", row) for row in rows]


def _shape(text: str) -> list[str]:
    """Its headings, items and paragraphs, as marks."""
    prose = re.sub(r"^(```|\|).*?(?=^$)", "", text, flags=re.MULTILINE | re.DOTALL)
    starts = re.findall(r"(?:^|\n\n|\n(?=- ))(#+|- |)", prose)
    return [mark.strip() or "p" for mark in starts]


def test_both_have_the_same_sections_items_and_paragraphs() -> None:
    assert _shape(ENGLISH) == _shape(CHINESE)
    assert _shape("# a\n\ntext\nof two\n\n- one\n  more\n- two\n") == ["#", "p", "-", "-"]


def test_both_show_the_same_code() -> None:
    assert _code(ENGLISH) == _code(CHINESE)


def test_both_lead_to_the_same_pages() -> None:
    assert _links(ENGLISH) == _links(CHINESE)


def test_both_tables_have_the_same_figures() -> None:
    assert _figures(ENGLISH) == _figures(CHINESE)
