"""Names that become folders, and the one place that joins them."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from runicorn.errors import UnsafePath
from runicorn.security import check_path, check_project, check_segment, join, split_path


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("", "may not be empty"),
        ("..", "may not contain '..'"),
        (".", "may not be '.'"),
        (".hidden", "may not start with a dot"),
        ("a/b", "may not contain '/'"),
        ("a\\b", "may not contain"),
        ("a\x00b", "may not contain"),
        ("a\nb", "may not contain"),
        ("RUNS", "reserved"),
        ("con", "device name"),
        ("COM1.txt", "device name"),
        ("nul ", "space"),
        ("dot.", "end with a dot"),
        ("x" * 101, "101 bytes"),
        ("模" * 34, "102 bytes"),
        ("\ud800", "not valid Unicode"),
    ],
)
def test_a_name_that_some_system_cannot_store_is_refused(name: str, words: str) -> None:
    with pytest.raises(UnsafePath) as caught:
        check_segment("name", name)
    assert words in str(caught.value)


@pytest.mark.parametrize("name", ["digits", "模型 一", "lr=0.1,wd=1e-4", "a..b", "épreuve", "x" * 100, "🦄"])
def test_any_storable_unicode_is_accepted(name: str) -> None:
    assert check_segment("name", name) == name


@pytest.mark.parametrize("name", ["artifacts", "Evaluations", "archive"])
def test_folders_of_the_root_are_no_projects(name: str) -> None:
    with pytest.raises(UnsafePath, match="reserved"):
        check_project(name)


def test_a_name_that_no_folder_can_have_for_its_length_is_refused() -> None:
    assert check_path("name", "/".join(["x" * 99] * 10))
    with pytest.raises(UnsafePath, match="is 1099 bytes long; at most 1000 are allowed"):
        check_path("name", "/".join(["x" * 99] * 11))


def test_a_path_is_a_project_and_a_name() -> None:
    assert split_path("cv/yolo/ablation") == ("cv", "yolo/ablation")
    assert split_path("nlp") == ("nlp", "default")
    for bad in ("/abs", "a//b", "a/", "a/../b", "a/runs/b", 3, None):
        with pytest.raises(UnsafePath):
            check_path("path", bad)


@given(st.text(max_size=40))
def test_what_join_returns_lies_below_its_folder(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    root = tmp_path_factory.getbasetemp().resolve()
    try:
        joined = join(root, text)
    except (UnsafePath, ValueError, OSError):
        return
    assert joined == root or root in joined.parents


def test_a_link_that_leaves_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "inside").mkdir()
    (tmp_path / "inside" / "out").symlink_to(tmp_path)
    with pytest.raises(UnsafePath, match="leaves"):
        join(tmp_path / "inside", "out/secret")


@given(st.text(min_size=1, max_size=60))
def test_a_checked_segment_can_be_made_on_this_system(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    try:
        check_segment("name", text)
    except UnsafePath:
        return
    folder = tmp_path_factory.mktemp("made") / text
    folder.mkdir()
    assert folder.name in {path.name for path in folder.parent.iterdir()}
