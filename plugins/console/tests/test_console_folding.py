"""What remains of text that overwrites itself."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from runicorn_console.folding import MOST, Folder

UP = "\x1b[A"
PIECES = st.sampled_from(["\n", "\r", "\r\n", UP, "\x1b[2A", "a", "bc ", "\x1b[31mred\x1b[0m", "中", " ", ""])


def folded(*chunks: str) -> list[str]:
    folder = Folder(1000)
    lines = [line for chunk in chunks for line in folder.feed(chunk, 0.0)]
    return lines + folder.close()


@pytest.mark.parametrize(
    ("chunks", "lines"),
    [
        (["a\n", "\n", "b"], ["a", "", "b"]),
        (["half", " line\nnext\n"], ["half line", "next"]),
        (["windows\r\n", "lines\r\n"], ["windows", "lines"]),
        (["\r 1%", "\r 50%", "\r100%\n", "after\n"], ["100%", "after"]),
        (["\r 1%", "\r 50%"], [" 50%"]),
        (["\rlong bar", "\r        ", "\r", "gone\n"], ["gone"]),
        (["\x1b[32mgreen\x1b[0m\n"], ["\x1b[32mgreen\x1b[0m"]),
        (["a" * 70_000 + "\nb\n"], ["a" * MOST, "b"]),
    ],
    ids=["plain", "halves", "crlf", "bar", "bar at the end", "bar wiped out", "colours", "long"],
)
def test_the_last_state_of_a_line_is_kept(chunks: list[str], lines: list[str]) -> None:
    expected = [line.strip() if "%" in line else line for line in lines]
    assert [line.strip() if "%" in line else line for line in folded(*chunks)] == expected


def test_bars_below_each_other_are_one_line_each() -> None:
    def frame(outer: int, inner: int) -> list[str]:
        return [f"\router {outer}%", "\n", f"\rinner {inner}%", UP]

    frames = [chunk for outer in range(3) for inner in range(50) for chunk in frame(outer, inner)]
    lines = folded(*frames, "\router 100%", "\n", "\r         ", "\r", "done\n", "more\n")
    assert lines == ["outer 0%", "outer 100%", "done", "more"]


def test_a_line_that_does_not_end_is_kept_after_a_while() -> None:
    folder = Folder(30)
    assert folder.feed("loading ... ", 0.0) == []
    assert folder.feed("still ", 31.0) == ["loading ... still"]
    assert folder.feed("done\n", 32.0) == ["done"]


def test_a_long_bar_is_kept_now_and_then_and_at_its_end() -> None:
    folder = Folder(30)
    lines = [line for second in range(100) for line in folder.feed(f"\r{second}%", float(second))]
    assert lines == ["30%", "60%", "90%"]
    assert folder.feed("\r100%\n", 100.0) == ["100%"]


@given(st.lists(PIECES))
def test_it_does_not_matter_how_text_is_cut(pieces: list[str]) -> None:
    assert folded(*pieces) == folded("".join(pieces))


@given(st.lists(st.text(st.characters(exclude_characters="\r\n\x1b"), max_size=20), max_size=20))
def test_plain_lines_stay_as_they_are(lines: list[str]) -> None:
    assert Folder(1000).feed("".join(f"{line}\n" for line in lines), 0.0) == lines


@given(st.lists(PIECES))
def test_nothing_that_was_seen_last_is_lost(pieces: list[str]) -> None:
    """A plain line behind everything is whole, and the last one."""
    assert folded(*pieces, "\n", "\n", "the end\n")[-1] == "the end"
