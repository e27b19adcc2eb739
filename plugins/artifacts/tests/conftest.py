"""A repository in a folder of its own, and files to put into it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import runicorn as rn
from runicorn_artifacts.handle import ArtifactVersion
from runicorn_artifacts.opening import open_repository
from runicorn_artifacts.repository import ArtifactRepository


@pytest.fixture
def repository() -> ArtifactRepository:
    return open_repository()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two small files and one that is stored in chunks."""
    base = tmp_path / "files"
    (base / "sub").mkdir(parents=True)
    (base / "small.txt").write_text("small", encoding="utf-8")
    (base / "sub" / "名字 1.txt").write_text("文", encoding="utf-8")
    (base / "large.bin").write_bytes(bytes(range(256)) * (9 * 4096) + b"end")
    return base


@pytest.fixture
def logged() -> Callable[..., ArtifactVersion]:
    """Commits a text as the only file of an artifact, without a run."""

    def log(text: str, name: str = "net", type: str = "model", aliases: tuple[str, ...] = ()) -> ArtifactVersion:
        artifact = rn.Artifact(name, type)
        with artifact.new_file("content.txt") as file:
            file.write(text.encode())
        version: ArtifactVersion = rn.log_artifact(artifact, aliases)
        return version

    return log
