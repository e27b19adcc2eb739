"""Artifacts in archives keep the promises of every part of an archive."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
import runicorn as rn
from runicorn.contracts import ArchivePart
from runicorn.hooks import open_store
from runicorn.model.run import ExperimentRecord
from runicorn.testing import ArchivePartContract
from runicorn_artifacts.archived import ArchivedArtifacts


class TestArtifacts(ArchivePartContract):
    @pytest.fixture
    def part(self) -> ArchivePart:
        return ArchivedArtifacts()

    @pytest.fixture
    def root(self, repository: object) -> Path:
        with rn.init("p", run_id="made", capture_env=False, capture_system=False) as run:
            for content in ("first", "second"):
                artifact = rn.Artifact("net", "model")
                with artifact.new_file("权重.txt") as file:
                    file.write(content.encode())
                run.log_artifact(artifact)
        return open_store().root

    @pytest.fixture
    def runs(self, root: Path) -> Sequence[ExperimentRecord]:
        return open_store().find_runs("made")
