"""Artifacts that two roots have changed, each by itself: they are joined, and both say the same afterwards."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import pytest
import runicorn as rn
from hypothesis import given, settings
from hypothesis import strategies as st
from runicorn.errors import RunicornError
from runicorn.hooks import Selection, export_to_file, open_store
from runicorn.managing import ImportRequest, import_runs
from runicorn_exporters.sync.copying import Outcome, Sync
from runicorn_exporters.sync.deciding import OnConflict
from runicorn_exporters.sync.local_tree import LocalTree


@pytest.fixture
def here(runicorn_home: Path, tmp_path: Path) -> Path:
    return tmp_path / "here"


@pytest.fixture
def there(tmp_path: Path) -> Path:
    return tmp_path / "there"


def bring(source: Path, target: Path, on_conflict: OnConflict = "skip") -> Outcome:
    source.mkdir(exist_ok=True)
    return Sync(LocalTree(source), LocalTree(target), on_conflict=on_conflict).run()


def made(root: Path, text: str, *aliases: str) -> Any:
    artifact = rn.Artifact("net")
    with artifact.new_file("w") as file:
        file.write(text.encode())
    return rn.log_artifact(artifact, aliases, storage=root)


def found(root: Path, asked: str) -> Any:
    repository = rn.open_artifacts(root)
    return repository, repository.find(asked)


def text_of(root: Path, asked: str) -> str:
    return str(rn.use_artifact(asked, storage=root).path("w").read_text())


def test_aliases_and_stages_that_both_roots_gave_are_joined(here: Path, there: Path) -> None:
    for text in ("one", "two"):
        made(here, text)
    bring(here, there)
    for root, asked, alias in ((here, "net:v1", "best"), (there, "net:v2", "best"), (there, "net:v1", "good")):
        repository, version = found(root, asked)
        repository.set_alias(version, alias)
    repository, version = found(here, "net:v1")
    repository.promote(version, "staging", "of here")
    repository, version = found(there, "net:v1")
    repository.promote(version, "production", "of there")
    told = bring(here, there)
    assert told.complete
    assert told.joined == [
        (
            "artifacts/events/model/net",
            "2 changes of SRC, 3 of DST; alias best: v2, which DST said last; "
            "stage of v1: production, which DST said last",
        )
    ]
    assert bring(there, here).complete
    for root in (here, there):
        assert found(root, "net:best")[1].number == 2
        assert found(root, "net:production")[1].number == 1
        assert [step["note"] for step in found(root, "net:v1")[1].state.transitions] == ["of here", "of there"]
        assert found(root, "net:good")[1].number == 1
    assert rn.open_artifacts(here).history(found(here, "net")[1].of) == rn.open_artifacts(there).history(
        found(there, "net")[1].of
    )
    for source, target in ((here, there), (there, here)):
        again = bring(source, target)
        assert (again.copied, again.joined, again.replaced, again.kept) == (0, [], [], [])


def test_the_same_files_committed_in_both_roots_are_one_version(here: Path, there: Path) -> None:
    made(here, "same", "ours")
    made(there, "same", "theirs")
    before = found(here, "net")[1].record
    assert bring(there, here).kept == [("artifacts/versions/model/net/v1.json", "was made first there")]
    assert bring(here, there).replaced == [("artifacts/versions/model/net/v1.json", "SRC made it first")]
    for root in (here, there):
        assert found(root, "net:ours")[1].record == found(root, "net:theirs")[1].record == before


@pytest.mark.parametrize(("how", "stays"), [("skip", "theirs"), ("dst", "theirs"), ("src", "ours")])
def test_one_number_made_twice_is_decided_by_whoever_copies(
    here: Path, there: Path, how: OnConflict, stays: str
) -> None:
    made(here, "ours", "best")
    made(there, "theirs", "good")
    with rn.init(project="p", storage=here, capture_env=False) as run:
        run.use_artifact("net:v1")
    told = bring(here, there, how)
    assert [path for path, _ in told.conflicts] == ["artifacts/versions/model/net/v1.json"] * (how == "skip")
    assert text_of(there, "net:v1") == stays
    repository, version = found(there, "net:v1")
    assert version.aliases == ("latest", "best" if stays == "ours" else "good"), "an alias means content, not a number"
    assert [use.run.id for use in repository.uses.of(version.link)] == [run.id] * (stays == "ours")
    assert text_of(here, "net:best") == "ours"


def test_a_number_of_an_older_runicorn_is_not_given_to_another_version(here: Path, there: Path) -> None:
    older = there / "artifacts" / "ArtifactType.MODEL" / "net" / "v1"
    (older / "files").mkdir(parents=True)
    (older / "files" / "w").write_text("older")
    (older / "metadata.json").write_text('{"name": "net", "type": "model", "version": 1, "created_at": 1.0}')
    (older / "manifest.json").write_text('{"files": [{"path": "w", "size": 5, "digest": ""}]}')
    made(here, "ours")
    assert [path for path, _ in bring(here, there).conflicts] == ["artifacts/versions/model/net/v1.json"]
    assert text_of(there, "net:v1") == "older"
    back = bring(there, here)
    assert [Path(path).name for path, _ in back.conflicts] == ["metadata.json"]
    assert text_of(here, "net:v1") == "ours"


def test_the_command_says_what_it_joined_and_how_a_conflict_ends(here: Path, there: Path) -> None:
    made(here, "ours", "best")
    made(there, "theirs", "good")
    command = [sys.executable, "-m", "runicorn", "sync", str(here), str(there)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "conflict\tartifacts/versions/model/net/v1.json\tboth roots have made this one" in done.stderr
    assert "(see --on-conflict)" in done.stderr
    done = subprocess.run([*command, "--on-conflict", "src"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "replaced\tartifacts/versions/model/net/v1.json\tSRC's replaces DST's" in done.stdout
    back = [*command[:-2], str(there), str(here)]
    assert subprocess.run(back, capture_output=True, check=False).returncode == 0
    assert text_of(here, "net") == text_of(there, "net") == "ours"


_SIDE = st.sampled_from(["here", "there"])
_NUMBER, _ALIAS = st.integers(1, 3), st.sampled_from(["a", "b"])
_OPERATIONS = st.lists(
    st.one_of(
        st.tuples(_SIDE, st.just("commit"), st.sampled_from(["x", "y", "z"])),
        st.tuples(_SIDE, st.just("set_alias"), _NUMBER, _ALIAS),
        st.tuples(_SIDE, st.just("remove_alias"), _NUMBER, _ALIAS),
        st.tuples(_SIDE, st.just("promote"), _NUMBER, st.sampled_from(["staging", "production"])),
        st.tuples(_SIDE, st.just("edit"), _NUMBER, st.fixed_dictionaries({"description": st.text("pq", max_size=2)})),
        st.tuples(_SIDE, st.just("evaluate"), _NUMBER, st.just({"accuracy": 0.5})),
        st.tuples(_SIDE, st.sampled_from(["delete", "restore", "purge"]), _NUMBER),
        st.tuples(_SIDE, st.just("sync")),
    ),
    max_size=14,
)


def happens(roots: dict[str, Path], side: str, what: str, *how: Any) -> None:
    """One thing that somebody does in one of the roots; what is refused does not happen."""
    root = roots[side]
    if what == "sync":
        bring(root, roots["there" if side == "here" else "here"])
    elif what == "commit":
        made(root, how[0])
    else:
        repository = rn.open_artifacts(root)
        try:
            version = repository.find(f"net:v{how[0]}")
            forced = {"force": True} if what in ("delete", "purge") else {}
            getattr(repository, what)(version, *how[1:], **forced)
        except RunicornError:
            return


def everything(root: Path) -> dict[str, Any]:
    repository = rn.open_artifacts(root)
    found: dict[str, Any] = {}
    for name in repository.names():
        for version in repository.versions(name, deleted=True):
            found[str(version)] = version.document(), [file.digest for file in repository.manifest(version).files]
        found[str(name)] = repository.aliases(name), repository.history(name)
    return found


@settings(max_examples=25)
@given(_OPERATIONS)
def test_whatever_happens_in_two_roots_they_are_equal_after_a_copy_each_way(
    operations: list[tuple[str, str, Any]],
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        roots = {side: Path(folder, side) for side in ("here", "there")}
        for operation in operations:
            happens(roots, *operation)
        assert bring(roots["here"], roots["there"], "src").complete
        assert bring(roots["there"], roots["here"], "src").complete
        assert everything(roots["here"]) == everything(roots["there"])
        for source, target in (("here", "there"), ("there", "here")):
            again = bring(roots[source], roots[target])
            assert (again.copied, again.joined, again.kept, again.complete) == (0, [], [], True)


def test_a_version_that_an_archive_brought_under_another_number_is_no_conflict(here: Path, there: Path) -> None:
    for root in (here, there):
        with rn.init(project="p", run_id=f"maker {root.name}", storage=root, capture_env=False) as run:
            artifact = rn.Artifact("net")
            with artifact.new_file("w") as file:
                file.write(root.name.encode())
            run.log_artifact(artifact, aliases=[f"of-{root.name}"])
    assert [path for path, _ in bring(here, there).conflicts] == ["artifacts/versions/model/net/v1.json"]
    store, other = open_store(here), open_store(there)
    archive = there.parent / "runs.zip"
    export_to_file("archive", Selection(store, [record.ref for record in store.list_runs()]), archive)
    list(import_runs(other, ImportRequest(archive)))
    told = bring(here, there)
    assert told.complete
    assert ("artifacts/versions/model/net/v1.json", "is v2 there") in told.kept
    assert {asked: text_of(there, asked) for asked in ("net:v1", "net:v2", "net:of-here", "net:of-there")} == {
        "net:v1": "there", "net:v2": "here", "net:of-here": "here", "net:of-there": "there"
    }  # fmt: skip
    store.close()
    other.close()
