"""Who watches commits of artifacts is told of each, after it is stored and before the end."""

from __future__ import annotations

import runicorn as rn
from runicorn.contracts import RunView
from runicorn.hooks import open_store
from runicorn.hookspecs import hookimpl
from runicorn.loader import Manager
from runicorn.model.artifact import ArtifactLink


def commit(run: rn.Run, content: bytes) -> None:
    artifact = rn.Artifact("net")
    with artifact.new_file("w.bin") as file:
        file.write(content)
    run.log_artifact(artifact)


def test_hook_artifact_committed_tells_each_version_in_order(plugins: Manager) -> None:
    told: list[str] = []

    class Watching:
        @hookimpl
        def artifact_committed(self, run: RunView, artifact: ArtifactLink) -> None:
            found = rn.use_artifact(f"{artifact.type}/{artifact.name}:v{artifact.version}")
            told.append(f"{run.project} {artifact} {artifact.size} {artifact.files} {found.verify()}")

        @hookimpl
        def run_finished(self, status: str) -> None:
            told.append(status)

    plugins.add("watching", Watching())
    with rn.init(project="p", capture_env=False) as run:
        run.log({"loss": 1.0})
        for content in (b"one", b"three", b"three"):
            commit(run, content)
    assert told == [
        "p model/net:v1 3 1 []",
        "p model/net:v2 5 1 []",
        "p model/net:v2 5 1 []",
        "finished",
    ]


def test_hook_artifact_committed_that_raises_stands_in_the_status(plugins: Manager) -> None:
    class Broken:
        @hookimpl
        def artifact_committed(self) -> None:
            raise RuntimeError("the registry is closed")

    plugins.add("broken", Broken())
    with rn.init(project="p", capture_env=False) as run:
        commit(run, b"x")
    (record,) = open_store().find_runs(run.id)
    assert any("the registry is closed" in str(trouble["what"]) for trouble in record.trouble)
