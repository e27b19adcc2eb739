"""What the filter box needs: which fields there are, and whether a filter can be understood."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any, Literal, TypedDict

from attrs import frozen
from runicorn.contracts import Store
from runicorn.contracts.http import About, Call, Endpoint, NoBody
from runicorn.errors import FilterError
from runicorn.filters import fields_of, known_fields, name_of, parse, query_runs, write
from runicorn.model.query import FIGURES, RUN_FIELDS, FieldInfo, RunQuery
from runicorn.types import JSON

from .asking import BUDGET_S, Name, Project

_LIMIT = 5000


@frozen
class FieldsQuery:
    project: Project = None
    name: Name = None
    prefix: Annotated[str | None, About("Only fields that contain this text.", max_length=1000)] = None
    limit: Annotated[int, About("At most so many.", minimum=1, maximum=_LIMIT)] = 1000


class KnownField(TypedDict):
    """A field as it is written in a filter."""

    field: str
    kind: Literal["run", "params", "summary", "metrics"]
    key: str
    type: Annotated[Literal["text", "number", "time", "flag", "tags", "any"], About("any: numbers and texts.")]
    runs: Annotated[int | None, About("Runs that have it; null for fields of the run itself.")]
    examples: list[JSON]


class Fields(TypedDict):
    """Fields of the run first, then params, summary and metrics."""

    fields: list[KnownField]
    total: int
    figures: Annotated[list[str], About("What may stand behind metrics.<key>.")]


class Keys(TypedDict):
    """Numeric metrics, by name."""

    keys: list[str]
    runs: Annotated[dict[str, int], About("How many runs have each.")]


@frozen
class KeysQuery:
    project: Project = None
    name: Name = None


@frozen
class FilterQuery:
    q: Annotated[str, About("A filter.", max_length=10_000)] = ""
    project: Project = None
    name: Name = None


class Mistake(TypedDict):
    """Where a filter cannot be understood, counted in characters from 0, and why."""

    position: int
    length: int
    token: str
    reason: str
    suggestion: str
    message: str


class Understood(TypedDict):
    """Whether a filter can be understood."""

    ok: bool
    error: Mistake | None
    normal: Annotated[str, About("The filter as it is understood, written in full.")]
    fields: Annotated[list[str], About("Fields that it looks at.")]
    runs: Annotated[int | None, About("How many runs meet it.")]


def endpoints(store: Store) -> Iterable[Endpoint[Any, Any]]:
    def fields(call: Call[FieldsQuery, NoBody]) -> Fields:
        """Which fields a filter, an order or a column may name, with types and examples."""
        found = _run_fields(store, call.query.project)
        found += [_known(info) for info in known_fields(store, call.query.project, call.query.name, budget_s=BUDGET_S)]
        wanted = (call.query.prefix or "").lower()
        chosen = [one for one in found if wanted in one["field"].lower()]
        return {"fields": chosen[: call.query.limit], "total": len(chosen), "figures": list(FIGURES)}

    def keys(call: Call[KeysQuery, NoBody]) -> Keys:
        """The metrics that runs of a project have."""
        infos = known_fields(store, call.query.project, call.query.name, budget_s=BUDGET_S)
        runs = {info.field.key: info.runs for info in infos if info.field.kind == "metrics"}
        return {"keys": list(runs), "runs": runs}

    def check(call: Call[FilterQuery, NoBody]) -> Understood:
        """Understand a filter, and say how many runs meet it. A mistake is an answer here, not an error."""
        known = [info.field for info in known_fields(store, call.query.project, call.query.name, budget_s=BUDGET_S)]
        try:
            condition = parse(call.query.q, known=known)
        except FilterError as error:
            mistake: Mistake = {
                "position": error.position, "length": max(1, len(error.token)), "token": error.token,
                "reason": error.reason, "suggestion": error.suggestion, "message": str(error),
            }  # fmt: skip
            return {"ok": False, "error": mistake, "normal": "", "fields": [], "runs": None}
        query = RunQuery(condition, project=call.query.project, name=call.query.name, limit=1)
        return {
            "ok": True,
            "error": None,
            "normal": write(condition),
            "fields": list(dict.fromkeys(name_of(field) for field in fields_of(condition))),
            "runs": query_runs(store, query, budget_s=BUDGET_S).total,
        }

    yield Endpoint("GET", "/api/v2/fields", fields, answer=Fields, query=FieldsQuery)
    yield Endpoint("GET", "/api/v2/filter", check, answer=Understood, query=FilterQuery)
    yield Endpoint("GET", "/api/v2/metrics/keys", keys, answer=Keys, query=KeysQuery)


def _known(info: FieldInfo) -> KnownField:
    return {
        "field": name_of(info.field),
        "kind": info.field.kind,
        "key": info.field.key,
        "type": info.type,
        "runs": info.runs,
        "examples": list(info.examples),  # type: ignore[arg-type]  # numbers and texts
    }


def _run_fields(store: Store, project: str | None) -> list[KnownField]:
    records = [record for record in store.list_runs() if project is None or record.ref.project == project]
    texts: dict[str, Iterable[str | None]] = {
        "status": (record.status for record in records),
        "tags": (tag for record in records for tag in record.tags),
        "name": (record.ref.name for record in records),
        "host": (record.hostname for record in records),
        "group": (record.group for record in records),
    }
    examples: dict[str, list[JSON]] = {
        **{name: list(sorted({text for text in held if text})[:20]) for name, held in texts.items()},
        "created_at": ["-7d", "today"],
        "duration_s": ["1h"],
        "pinned": [True],
        "archived": [True],
    }
    return [
        {"field": name, "kind": "run", "key": name, "type": kind, "runs": None, "examples": examples.get(name, [])}
        for name, kind in RUN_FIELDS.items()
    ]
