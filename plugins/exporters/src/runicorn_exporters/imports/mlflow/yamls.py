"""MLflow's files of YAML."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from runicorn.errors import ImportProblem, MissingDependency


def read_yaml(path: Path) -> dict[str, Any]:
    """:raises ImportProblem: it is none any more. :raises MissingDependency: PyYAML is not installed."""
    try:
        import yaml
    except ImportError as error:
        raise MissingDependency("importing MLflow's folders", "'runicorn-exporters[mlflow]'") from error
    try:
        value = yaml.safe_load(path.read_bytes())
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ImportProblem(str(path), "is no YAML any more") from error
    return value if isinstance(value, dict) else {}
