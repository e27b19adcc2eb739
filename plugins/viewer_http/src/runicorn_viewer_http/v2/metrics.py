"""``POST /api/v2/metrics``: the curves of a whole page of panels as one Arrow stream."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any, Literal

import orjson
from attrs import asdict, frozen
from runicorn.contracts import Store
from runicorn.contracts.http import About, Call, Endpoint, NoQuery, Reply
from runicorn.errors import Problem, RunNotFound
from runicorn.filters import as_list, name_of, query_runs
from runicorn.model.query import Field, RunQuery
from runicorn.model.run import RunRef
from runicorn.security import join

from ..api.lookup import Finder, unique
from ..api.metrics import generation, version
from .asking import ARROW
from .runs import listed

#: More than this no screen can show, and no browser can hold.
CURVES, POINTS = 50_000, 50_000_000

Run = Annotated[
    str, About("An id, or a folder (`path`) where several runs carry one id.", min_length=1, max_length=2000)
]
Key = Annotated[str, About(min_length=1, max_length=1000)]


@frozen
class Since:
    """What the client has: `generation` and `width` of its answer, and each run's `last_x`."""

    generation: Annotated[str, About(max_length=100)]
    width: Annotated[float, About(minimum=1e-300)]
    last_x: Mapping[str, float]


@frozen
class MetricsBody:
    runs: Annotated[tuple[Run, ...], About(min_items=1, max_items=2000)]
    keys: Annotated[tuple[Key, ...], About(min_items=1, max_items=1000)]
    x: Annotated[str, About("step, relative, wall, or a metric.", min_length=1, max_length=1000)] = "step"
    range: (
        Annotated[
            tuple[float | None, ...],
            About("Lower and upper end, inclusive, in the unit of x; null = open.", max_items=2),
        ]
        | None
    ) = None
    buckets: Annotated[int, About("At most so many for each curve.", minimum=1, maximum=10_000)] = 1000
    log_x: Annotated[bool, About("Buckets of equal width in log10 x.")] = False
    group_by: Annotated[
        str | None, About("A field; each curve is then the mean of a group's runs.", max_length=2000)
    ] = None
    precision: Annotated[
        Literal["float32", "float64", "picture"],
        About(
            "Of y; x is always float64. `picture`: float32 rounded to within 1/2048 of what the metric spans and of "
            "the value itself, a third of the size."
        ),
    ] = "float32"
    since: Since | None = None


def endpoints(store: Store) -> Iterable[Endpoint[Any, Any]]:
    def metrics(call: Call[NoQuery, MetricsBody]) -> Reply:
        """Curves of many runs and metrics in one Arrow stream, on one grid. No extreme is lost.

        Rows are ordered by (key, run, x), keys as they were asked for; a large answer is several record batches, each
        of whole keys. What belongs to it stands as JSON under `runicorn` in the schema's metadata: the grid, the runs,
        the keys, and for each curve where its rows are. A run with at most twice as many
        points as buckets is sent point by point. NaN in `min`, `max`, `mean` means no finite value; there are no nulls.
        """
        call.prefers(ARROW)
        asked = call.body
        if len(asked.runs) * len(asked.keys) > CURVES:
            raise Problem(400, "too-many-curves", f"a request may ask for at most {CURVES} curves", maximum=CURVES)
        if asked.range is not None and len(asked.range) != 2:
            raise Problem(400, "invalid", "range must be a lower and an upper end", where="range")
        refs, missing = _found(store, asked.runs)
        groups = _groups(store, refs, asked.group_by)
        try:
            for ref in refs:
                store.open_run(ref)
            folders = [join(store.root, ref.folder) for ref in refs]  # not the reader's, which may bring media first
            versions = [version(folder) for folder in folders]
            generations = [generation(folder) for folder in folders]
        except RunNotFound as error:
            raise Problem(404, "run-not-found", str(error)) from error
        etag = f'"{_digest(orjson.dumps(asdict(asked)), *versions, repr(groups), repr(missing))}"'
        headers = {"ETag": etag, "Cache-Control": "no-cache"}
        if call.holds(etag):
            return Reply(status=304, headers=headers)
        from .curves import Asked, curves_stream  # numpy and pyarrow, for whoever looks at curves

        wanted = Asked(
            refs=refs,
            names=[name for name in unique(asked.runs) if name not in missing],
            keys=unique(asked.keys),
            x=asked.x,
            range=(None, None) if asked.range is None else (asked.range[0], asked.range[1]),
            buckets=_fewer(asked.buckets, len(refs), len(asked.keys)),
            log_x=asked.log_x,
            groups=groups,
            float32=asked.precision != "float64",
            rough=asked.precision == "picture",
            generation=_digest(*generations),
            since=asked.since,
            missing=missing,
        )
        return Reply(curves_stream(store, wanted), 200, ARROW, headers)

    yield Endpoint(
        "POST", "/api/v2/metrics", metrics, body=MetricsBody,
        also={ARROW: "Columns run, key, bucket, x_first, x_last, first, min, max, last, mean, n, n_nan, n_posinf, "
                     "n_neginf; with group_by also std, and n counts runs."},
        statuses={
            304: "The client has this version.", 404: "A run was just removed.", 406: "Only an Arrow stream is served.",
        },
    )  # fmt: skip


def _found(store: Store, names: Sequence[str]) -> tuple[list[RunRef], list[str]]:
    """The runs, and the names that no run has: one that was removed must not take the others' curves away."""
    finder, refs, missing = Finder(store), [], []
    for name in unique(names):
        try:
            refs.append(finder.find(name).ref)
        except Problem:
            missing.append(name)
    return refs, missing


def _groups(store: Store, refs: Sequence[RunRef], group_by: str | None) -> list[str] | None:
    """The group of each run, as a text."""
    if group_by is None:
        return None
    fields = listed(store, group_by, "group_by", None)
    if len(fields) != 1:
        raise Problem(400, "invalid", "group_by must be one field", where="group_by")
    (field,) = fields
    page = query_runs(store, RunQuery(columns=(field, Field("run", "path")), deleted=None))
    values = dict(zip(as_list(page.columns["path"]), as_list(page.columns[name_of(field)]), strict=True))
    return [_label(values.get(ref.folder)) for ref in refs]


def _label(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, tuple):
        return ", ".join(value)
    return f"{value:.17g}" if isinstance(value, float) else str(value)


def _fewer(buckets: int, runs: int, keys: int) -> int:
    """Fewer buckets for many curves: those of one panel share its pixels."""
    fewer = min(buckets, max(150, 400_000 // max(runs, 1)))
    return max(1, min(fewer, POINTS // max(runs * keys, 1)))


def _digest(*parts: bytes | str) -> str:
    made = hashlib.blake2b(digest_size=12)
    for part in parts:
        made.update(part.encode("utf-8", "surrogateescape") if isinstance(part, str) else part)
        made.update(b"\0")
    return made.hexdigest()
