"""A run's record and documents as rows."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import TYPE_CHECKING

from runicorn.filters import flatten, text_of
from runicorn.serialize import dumps, number

if TYPE_CHECKING:
    from runicorn.model.run import ExperimentRecord
    from runicorn.types import JSON

_FAR = 2**63 - 1


def digest_of(record: ExperimentRecord, params: Mapping[str, JSON]) -> str:
    """Two runs with the same one have the same rows."""
    return hashlib.blake2b(repr((record, params)).encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()


def run_row(run: int, record: ExperimentRecord, digest: str) -> tuple[object, ...]:
    """In the order of the table's columns."""
    ref, best = record.ref, record.best
    step = None if best is None or best.step is None or abs(best.step) > _FAR else best.step
    roles = {"created": record.artifacts_created, "used": record.artifacts_used}
    linked = [{**entry, "role": role} for role, entries in roles.items() for entry in entries]
    artifacts = dumps(linked).decode() if linked else None
    return (
        run, ref.folder, ref.id, ref.project, ref.name, record.display_name or None, record.status,
        record.created_at, record.started_at, record.ended_at, record.duration_s, record.hostname or None,
        record.group or None, record.job_type or None, list(record.tags), record.note or None,
        record.pinned, record.archived, record.deleted_at is not None,
        None if best is None else best.value, None if best is None else best.metric, step, artifacts, digest,
    )  # fmt: skip


def value_rows(run: int, document: Mapping[str, JSON]) -> list[tuple[object, ...]]:
    """Key, text and number of every leaf."""
    leaves = {_text(key): value for key, value in flatten(document).items()}  # one row of a key, however it is stored
    return [(run, key, _text(value), number(value)) for key, value in leaves.items()]


def _text(value: JSON) -> str | None:
    text = text_of(value)
    return text if text is None or text.isascii() else text.encode("utf-8", "replace").decode()
