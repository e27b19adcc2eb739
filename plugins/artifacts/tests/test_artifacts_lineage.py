"""What came from what."""

from __future__ import annotations

from collections.abc import Callable

import runicorn as rn
from runicorn_artifacts.handle import ArtifactVersion
from runicorn_artifacts.lineage import Graph, LineageTracker
from runicorn_artifacts.repository import ArtifactRepository

Log = Callable[..., ArtifactVersion]


def step(name: str, *inputs: str, kind: str = "model") -> rn.Run:
    """A run that uses some versions and commits one."""
    with rn.init(project="p", name=name, capture_env=False) as run:
        for asked in inputs:
            run.use_artifact(asked)
        artifact = rn.Artifact(name, kind)
        with artifact.new_file("content") as file:
            file.write(run.id.encode())
        run.log_artifact(artifact)
    return run


def labels(graph: Graph) -> set[str]:
    return {node.label for node in graph.nodes}


def test_the_graph_is_walked_from_either_end_to_a_depth(repository: ArtifactRepository) -> None:
    raw, clean = step("raw", kind="dataset"), step("clean", "raw", kind="dataset")
    net, judge = step("net", "clean"), step("judge", "net", "clean", kind="report")
    tracker = LineageTracker(repository)
    version = repository.find("net")
    whole = tracker.of_version(version, depth=9)
    assert labels(whole) == {
        *(run.id for run in (raw, clean, net, judge)),
        *("dataset/raw:v1", "dataset/clean:v1", "model/net:v1", "report/judge:v1"),
    }
    assert not whole.truncated
    up = tracker.of_version(version, depth=9, direction="up")
    assert labels(up) == {net.id, "model/net:v1", "dataset/clean:v1", clean.id, "dataset/raw:v1", raw.id}
    near = tracker.of_version(version, depth=1)
    assert labels(near) == {net.id, "model/net:v1", judge.id}
    assert near.truncated, "limits are said"
    run = tracker.run_of(judge.id)
    assert run is not None
    assert labels(tracker.of_run(run, depth=1, direction="up")) == {judge.id, "model/net:v1", "dataset/clean:v1"}
    relations = {(e.source.partition(":")[0], e.target.partition(":")[0], e.relation) for e in whole.edges}
    assert relations == {("run", "artifact", "created"), ("artifact", "run", "used")}


def test_there_are_no_cycles(logged: Log, repository: ArtifactRepository) -> None:
    with rn.init(project="p", name="first", capture_env=False) as first:
        artifact = rn.Artifact("a").add_reference("s3://bucket/a")
        own = first.log_artifact(artifact)
        assert own is not None
        first.use_artifact("a")  # its own product
        with rn.init(project="p", name="second", capture_env=False) as second:
            second.use_artifact("a")
            second.log_artifact(rn.Artifact("b").add_reference("s3://bucket/b"))
        assert first.use_artifact("b").number == 1, "it is handed out all the same"
        third = rn.init(project="p", name="third", capture_env=False)
        third.log_artifact(rn.Artifact("c").add_reference("s3://bucket/c"))
        first.use_artifact("c")
        third.use_artifact("a")  # third -> c -> first -> a
        third.finish()
    graph = LineageTracker(repository).of_version(own.record, depth=20)
    following: dict[str, set[str]] = {}
    for edge in graph.edges:
        following.setdefault(edge.source, set()).add(edge.target)

    def reaches(here: str, goal: str, seen: set[str]) -> bool:
        return any(
            there == goal or (there not in seen and reaches(there, goal, seen | {there}))
            for there in following.get(here, ())
        )

    assert following
    assert not [node.label for node in graph.nodes if reaches(node.id, node.id, set())]


def test_a_reference_is_where_data_come_from(repository: ArtifactRepository) -> None:
    rn.log_artifact(rn.Artifact("data", "dataset").add_reference("s3://bucket/raw.parquet", size=10**12))
    version = repository.find("data")
    graph = LineageTracker(repository).of_version(version)
    assert [(e.source, e.relation) for e in graph.edges] == [("reference:s3://bucket/raw.parquet", "refers")]
    assert version.record.size == 0, "what a reference states is not stored"


def test_damage_of_one_version_leaves_the_graph_of_others(repository: ArtifactRepository, logged: Log) -> None:
    with rn.init(project="p", capture_env=False) as run:
        broken = run.log_artifact(rn.Artifact("broken").add_reference("s3://bucket/x"))
        (repository.root / "artifacts" / "objects" / broken.digest[:2] / broken.digest).unlink()
        whole = logged("whole", "whole")
    graph = rn.LineageTracker(repository).of_version(whole.record)
    assert {node.label for node in graph.nodes} >= {"model/whole:v1", run.id}


def test_a_version_that_was_removed_stays_in_the_graph(logged: Log, repository: ArtifactRepository) -> None:
    logged("data", name="data", type="dataset")
    run = step("net", "data")
    repository.purge(repository.find("data"), force=True)
    graph = LineageTracker(repository).of_version(repository.find("net"), depth=5, direction="up")
    removed = [node for node in graph.nodes if node.label == "dataset/data:v1"]
    assert [node.data["deleted"] for node in removed] == [True]
    assert run.id in labels(graph)
