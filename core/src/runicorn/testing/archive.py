"""The contract of :class:`runicorn.contracts.ArchivePart`, as tests."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from ..contracts import ArchivePart
from ..errors import RunicornError
from ..model.run import ExperimentRecord
from ..security import check_path


class ArchivePartContract:
    """Subclass it and give it a part, a root where something is kept about runs, those runs, and an empty root::

    class TestBoards(ArchivePartContract):
        @pytest.fixture
        def part(self):
            return Boards()

        @pytest.fixture
        def root(self, tmp_path): ...

        @pytest.fixture
        def runs(self, root): ...
    """

    @pytest.fixture
    def part(self) -> ArchivePart:
        raise NotImplementedError("give the contract a fixture named 'part' that returns yours")

    @pytest.fixture
    def root(self) -> Path:
        raise NotImplementedError("give the contract a fixture named 'root': a storage root with something to archive")

    @pytest.fixture
    def runs(self) -> Sequence[ExperimentRecord]:
        raise NotImplementedError("give the contract a fixture named 'runs': the runs of 'root' that it is kept about")

    @pytest.fixture
    def other(self, tmp_path: Path) -> Path:
        """An empty root."""
        (tmp_path / "other-root").mkdir()
        return tmp_path / "other-root"

    @pytest.fixture
    def unpacked(self, part: ArchivePart, root: Path, runs: Sequence[ExperimentRecord], tmp_path: Path) -> Path:
        """The files as an archive gives them back."""
        return _unpack(part, root, runs, tmp_path / "unpacked")

    def test_its_name_is_a_folder(self, part: ArchivePart) -> None:
        check_path("name", part.name)
        assert "/" not in part.name

    def test_its_files_stay_in_their_folder_and_open_twice_alike(
        self, part: ArchivePart, root: Path, runs: Sequence[ExperimentRecord]
    ) -> None:
        files = list(part.files(root, runs))
        assert files, "it archives nothing about these runs"
        assert len({file.path for file in files}) == len(files)
        for file in files:
            check_path("path", file.path)
            with file.open() as first, file.open() as second:
                assert first.read() == second.read()

    def test_nothing_is_archived_for_no_run(self, part: ArchivePart, root: Path) -> None:
        assert list(part.files(root, [])) == []

    def test_what_was_archived_comes_back(
        self,
        part: ArchivePart,
        root: Path,
        runs: Sequence[ExperimentRecord],
        other: Path,
        unpacked: Path,
        tmp_path: Path,
    ) -> None:
        assert part.place(other, unpacked).added > 0
        again = _unpack(part, other, runs, tmp_path / "again")
        content = {path.relative_to(unpacked): path.read_bytes() for path in unpacked.rglob("*") if path.is_file()}
        there = {path.relative_to(again): path.read_bytes() for path in again.rglob("*") if path.is_file()}
        assert set(there) == set(content)

    def test_placing_twice_is_the_same_as_once(
        self, part: ArchivePart, root: Path, runs: Sequence[ExperimentRecord], other: Path, tmp_path: Path
    ) -> None:
        part.place(other, _unpack(part, root, runs, tmp_path / "first"))
        before = _content(other)
        assert part.place(other, _unpack(part, root, runs, tmp_path / "second")).added == 0
        assert _content(other) == before

    def test_files_that_it_did_not_make_are_refused_in_a_sentence(
        self, part: ArchivePart, other: Path, unpacked: Path
    ) -> None:
        for path in unpacked.rglob("*"):
            if path.is_file():
                path.write_bytes(b"\x00 not what it was")
        with pytest.raises(RunicornError) as caught:
            part.place(other, unpacked)
        assert str(caught.value)


def _unpack(part: ArchivePart, root: Path, runs: Sequence[ExperimentRecord], into: Path) -> Path:
    for file in part.files(root, runs):
        path = into / file.path
        path.parent.mkdir(parents=True, exist_ok=True)
        with file.open() as content:
            path.write_bytes(content.read())
    return into


def _content(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
