"""Documents of Runicorn 0.5 and 0.7, told in today's keys. Nothing here touches a disk."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from runicorn.serialize import number

if TYPE_CHECKING:
    from runicorn.types import JSON

_STATUSES = {
    "completed": "finished",
    "complete": "finished",
    "success": "finished",
    "done": "finished",
    "error": "failed",
    "crashed": "failed",
    "killed": "interrupted",
    "cancelled": "interrupted",
    "canceled": "interrupted",
    "aborted": "interrupted",
}
_KNOWN = frozenset(["running", "finished", "failed", "interrupted"])
_FLAT_BEST = ("best_metric_value", "best_metric_name", "best_metric_step", "best_metric_mode")


def status_word(value: JSON) -> str:
    """One of the four words that a status file may hold; an unknown one is a run that ended somehow: ``failed``."""
    word = str(value or "").strip().lower()
    return word if word in _KNOWN else _STATUSES.get(word, "failed" if word else "running")


def meta(document: dict[str, JSON]) -> dict[str, JSON]:
    """0.7 kept ``path`` and ``alias`` where today's files have ``project`` and ``name``."""
    path = document.get("path")
    if "project" not in document and isinstance(path, str):
        project, _, name = path.strip("/").partition("/")
        document["project"], document["name"] = project or "default", name or "default"
    return document


def status(document: dict[str, JSON]) -> dict[str, JSON]:
    if not document:
        return document
    document["status"] = status_word(document.get("status"))
    reason = document.pop("exit_reason", None)
    if reason is not None and "exit" not in document:
        document["exit"] = {"kind": reason}
    return document


def summary(document: dict[str, JSON]) -> dict[str, JSON]:
    """0.5 and 0.7 mixed the best value into the user's keys."""
    metric = document.get("best_metric_name")
    if isinstance(metric, str) and "best" not in document:
        best: dict[str, JSON] = {
            "metric": metric,
            "value": document.get("best_metric_value"),
            "step": document.get("best_metric_step"),
            "mode": "min" if document.get("best_metric_mode") == "min" else "max",
        }
        for key in _FLAT_BEST:
            document.pop(key, None)
        if number(best["value"]) is not None:
            document["best"] = best
    return document


def user(meta_document: Mapping[str, JSON], people: Mapping[str, JSON]) -> dict[str, JSON]:
    """What people wrote about a run, before ``user.json`` existed.

    :param people: the run's entry in ``.experiments_metadata.json``.
    """
    document: dict[str, JSON] = {}
    if meta_document.get("alias"):
        document["display_name"] = meta_document["alias"]
    tags = people.get("tags") or meta_document.get("tags")
    if tags:
        document["tags"] = tags
    if people.get("description"):
        document["note"] = people["description"]
    for flag in ("pinned", "archived"):
        if people.get(flag):
            document[flag] = True
    return document


def params(assets: Mapping[str, JSON]) -> dict[str, JSON]:
    """0.7 kept hyper-parameters as the logged configuration."""
    config = assets.get("config")
    if not isinstance(config, Mapping):
        return {}
    merged: dict[str, JSON] = {}
    for part in ("args", "extra"):
        values = config.get(part)
        if isinstance(values, Mapping):
            merged.update(values)
    return merged


def artifacts(created: Mapping[str, JSON], used: Mapping[str, JSON]) -> dict[str, JSON]:
    both: dict[str, JSON] = {"created": _listed(created), "used": _listed(used)}
    return both if both["created"] or both["used"] else {}


def _listed(document: Mapping[str, JSON]) -> list[JSON]:
    entries = document.get("artifacts")
    return [entry for entry in entries if isinstance(entry, Mapping)] if isinstance(entries, list) else []
