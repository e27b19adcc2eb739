"""``runicorn runs list | show | compare | tail``: what only looks."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import attrs
import click

from .finding import find_run, find_runs, store_at
from .output import ago, duration, number, pairs, print_json, print_table, short, sparkline

if TYPE_CHECKING:
    from ..contracts import Store
    from ..model.metric import Series
    from ..model.run import Best, ExperimentRecord

SPARK_BUDGET_S = 1.0
_ALERTS = 20

root_option = click.option("--root", metavar="DIR", help="Storage root; by default the configured one.")
json_option = click.option("--json", "as_json", is_flag=True, help="Print an array of objects.")


@click.command("list")
@click.option("--project", help="Only runs of this project.")
@click.option("--name", help="Only runs of this name.")
@click.option("--status", type=click.Choice(["running", "finished", "failed", "interrupted", "crashed"]))
@click.option("--tag", multiple=True, help="Only runs with this tag; may be given several times.")
@click.option("--group", help="Only runs of this group.")
@click.option("--text", help="Only runs whose id, name, note or tags contain this text.")
@click.option("--filter", "condition", metavar="FILTER", help="Only runs that meet this, e.g. 'params.lr < 0.1'.")
@click.option("--deleted", is_flag=True, help="The recycle bin.")
@click.option("--archived", is_flag=True, help="Archived ones too.")
@click.option("--limit", type=click.IntRange(1), default=50, show_default=True, help="At most so many; --json has all.")
@root_option
@json_option
def list_(
    root: str | None,
    as_json: bool,
    limit: int,
    deleted: bool,
    archived: bool,
    text: str | None,
    condition: str | None,
    **filters: Any,
) -> None:
    """List runs, newest first."""
    store = store_at(root)
    found = store.list_runs(deleted=deleted)
    if condition is not None:
        from ..filters import choose_runs

        found = choose_runs(store, condition, deleted=deleted)
    records = [r for r in found if _matches(r, filters, text, archived or deleted)]
    if as_json:
        print_json([as_object(record) for record in records])
        return
    if not records:
        click.echo(f"no run matches below {store.root}", err=True)
        tell_unknown(store, condition)
        return
    draw = _sparks(store)
    rows = [
        [
            record.ref.id,
            f"{record.ref.project}/{record.ref.name}",
            record.status,
            ago(record.created_at),
            duration(record.duration_s),
            f"{record.best.metric} {number(record.best.value)}" if record.best else "–",
            draw(record),
            " ".join(record.tags),
        ]
        for record in records[:limit]
    ]
    head = ["ID", "PROJECT/NAME", "STATUS", "STARTED", "TOOK", "BEST", "COURSE", "TAGS"]
    if any(record.display_name for record in records[:limit]):
        head.append("SHOWN AS")
        rows = [[*row, record.display_name or ""] for row, record in zip(rows, records[:limit], strict=True)]
    print_table(head, rows, right=["TOOK"], whole=["ID"], spare=["COURSE", "TAGS", "TOOK", "STARTED", "BEST"])
    if len(records) > limit:
        click.echo(f"{len(records) - limit} more; use --limit or a filter", err=True)


def tell_unknown(store: Store, condition: str | None) -> None:
    """Say on standard error what a filter that found nothing names and no run has."""
    if condition is not None:
        from ..filters import parse, unknown_fields

        for unknown in unknown_fields(store, parse(condition)):
            click.echo(str(unknown), err=True)


def _matches(record: ExperimentRecord, filters: dict[str, Any], text: str | None, archived: bool) -> bool:
    if record.archived and not archived:
        return False
    facts = {"project": record.ref.project, "name": record.ref.name, "status": record.status, "group": record.group}
    if any(filters[name] is not None and filters[name] != fact for name, fact in facts.items()):
        return False
    if not set(filters["tag"]) <= set(record.tags):
        return False
    searched = "\n".join([record.ref.id, record.ref.name, record.note, record.display_name or "", *record.tags])
    return text is None or text.lower() in searched.lower()


def _sparks(store: Store) -> Callable[[ExperimentRecord], str]:
    """A function that draws the primary metric of a run, as long as the time for drawing lasts."""
    spent = 0.0

    def draw(record: ExperimentRecord) -> str:
        nonlocal spent
        if record.best is None or spent > SPARK_BUDGET_S:
            return "" if record.best is None else "…"
        began = time.perf_counter()
        (table,) = store.read_metrics([record.ref], [record.best.metric])
        spent += time.perf_counter() - began
        column = table.columns.get(record.best.metric)
        return sparkline(column.values) if column is not None else ""

    return draw


def as_object(record: ExperimentRecord) -> dict[str, Any]:
    """A run as programs get it; the same members as ``GET /api/experiments``."""
    best = record.best
    return {
        "id": record.ref.id,
        "project": record.ref.project,
        "name": record.ref.name,
        "path": record.ref.folder,
        "status": record.status,
        "created_at": record.created_at,
        "started_at": record.started_at,
        "ended_at": record.ended_at,
        "duration_s": record.duration_s,
        "display_name": record.display_name,
        "tags": list(record.tags),
        "note": record.note,
        "pinned": record.pinned,
        "archived": record.archived,
        "group": record.group,
        "job_type": record.job_type,
        "host": record.hostname,
        "best_metric": best and {"name": best.metric, "value": best.value, "step": best.step, "mode": best.mode},
        "summary": record.summary,
        "deleted_at": record.deleted_at,
    }


@click.command()
@click.argument("run")
@root_option
@json_option
def show(run: str, root: str | None, as_json: bool) -> None:
    """Show one run: RUN is an id, the beginning or end of one, or a path."""
    store = store_at(root)
    record = find_run(store, run)
    reader = store.open_run(record.ref)
    series = reader.series()
    params = reader.read("params")
    if record.best:
        record = attrs.evolve(record, best=_best(record.best, series))
    if as_json:
        metrics = [attrs.asdict(one) for one in series]
        extra = {
            "params": params,
            "metrics": metrics,
            "trouble": list(record.trouble),
            "exit": record.exit,
            "alerts": list(reader.alerts()),
        }
        print_json([{**as_object(record), **extra}])
        return
    click.echo(f"{record.title}  {record.status}  ({record.ref.project}/{record.ref.name})")
    began = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(record.created_at))
    facts = {
        "folder": str(reader.folder),
        "started": f"{began} ({ago(record.created_at)})",
        "took": duration(record.duration_s),
        "host": record.hostname,
        "tags": " ".join(record.tags),
        "note": record.note,
        "deleted": ago(record.deleted_at) if record.deleted_at else "",
    }
    pairs("Run", {name: value for name, value in facts.items() if value})
    pairs("Params", {name: short(value) for name, value in flatten(params).items()})
    pairs("Summary", {name: short(value) for name, value in record.summary.items()})
    if record.best:
        best = record.best
        click.echo(f"\nBest {best.metric}: {number(best.value)} at step {best.step} ({best.mode})")
    if series:
        (table,) = store.read_metrics([record.ref])
        click.echo()
        rows = [
            [s.key, number(s.last), number(s.min), number(s.max), str(s.last_step), str(s.n), _spark(table, s.key)]
            for s in series
        ]
        columns = ["METRIC", "LAST", "MIN", "MAX", "STEP", "N", "COURSE"]
        print_table(columns, rows, right=["LAST", "MIN", "MAX", "STEP", "N"])
    pairs("Texts", {name: short(value)[:200] for name, value in reader.texts().items()})
    _print_alerts(reader.alerts())
    _print_trouble(record)


def _print_alerts(alerts: Sequence[Mapping[str, Any]]) -> None:
    """The last ones; a run may have raised a thousand."""
    if not alerts:
        return
    more = f" (the last {_ALERTS} of {len(alerts)})" if len(alerts) > _ALERTS else ""
    click.echo(f"\nAlerts{more}")
    for alert in alerts[-_ALERTS:]:
        at = "" if alert.get("step") is None else f"  step {alert['step']}"
        text = f": {alert['text']}" if alert.get("text") else ""
        said = f"  {alert.get('level', ''):<7}{at}  {alert.get('title', '')}{text}"
        click.echo(" ".join(said.splitlines()))


def _best(best: Best, series: Sequence[Series]) -> Best:
    """The best value that was logged: a process that was killed has told the one of a second before."""
    for one in series:
        if one.key == best.metric:
            value, step = (one.min, one.min_step) if best.mode == "min" else (one.max, one.max_step)
            if value is not None and (value < best.value if best.mode == "min" else value > best.value):
                return attrs.evolve(best, value=value, step=step)
    return best


def _spark(table: Any, key: str) -> str:
    column = table.columns.get(key)
    return sparkline(column.values) if column is not None else ""


def _print_trouble(record: ExperimentRecord) -> None:
    if record.exit:
        kind, message = record.exit.get("type") or record.exit.get("kind") or "", record.exit.get("message") or ""
        click.echo(f"\nEnded by {kind}: {message}".rstrip(": "))
        if record.exit.get("traceback"):
            click.echo(str(record.exit["traceback"]).rstrip())
    for trouble in record.trouble:
        times = f" ({trouble.get('count')} times)" if trouble.get("count", 1) != 1 else ""
        click.echo(f"\ntrouble: {trouble.get('plugin')}: {trouble.get('what')}{times}")


def flatten(values: Any, prefix: str = "") -> dict[str, Any]:
    """Nested params with ``/`` between the levels."""
    flat: dict[str, Any] = {}
    for key, value in values.items():
        if isinstance(value, dict) and value:
            flat.update(flatten(value, f"{prefix}{key}/"))
        else:
            flat[f"{prefix}{key}"] = value
    return flat


@click.command()
@click.argument("run", nargs=-1, required=True)
@click.option("--all", "everything", is_flag=True, help="Equal params too.")
@root_option
@json_option
def compare(run: tuple[str, ...], everything: bool, root: str | None, as_json: bool) -> None:
    """Compare runs: params that differ, and the last value of each metric."""
    store = store_at(root)
    records = find_runs(store, run)
    readers = [store.open_run(record.ref) for record in records]
    params = [flatten(reader.read("params")) for reader in readers]
    lasts = [{one.key: one.last for one in reader.series()} for reader in readers]
    if as_json:
        print_json(
            [
                {"id": r.ref.id, "status": r.status, "params": p, "metrics": m}
                for r, p, m in zip(records, params, lasts, strict=True)
            ]
        )
        return
    rows = [["status", *(record.status for record in records)]]
    for key in sorted({key for one in params for key in one}):
        values = [short(one[key]) if key in one else "–" for one in params]
        if everything or len(set(values)) > 1:
            rows.append([f"params/{key}", *values])
    for key in sorted({key for one in lasts for key in one}):
        rows.append([key, *(number(one.get(key)) for one in lasts)])
    print_table(["", *(record.title for record in records)], rows)


@click.command()
@click.argument("run")
@click.option("-n", "count", type=click.IntRange(0), default=20, show_default=True, help="Lines to begin with.")
@click.option("-f", "--follow", is_flag=True, help="Go on until the run ends, or Ctrl-C.")
@click.option("--metrics", is_flag=True, help="Logged values instead of log lines.")
@root_option
def tail(run: str, count: int, follow: bool, metrics: bool, root: str | None) -> None:
    """Print the end of a run's log, or of its metrics."""
    store = store_at(root)
    reader = store.open_run(find_run(store, run).ref)
    (_tail_metrics if metrics else _tail_logs)(reader, count, follow)


def _tail_logs(reader: Any, count: int, follow: bool) -> None:
    def emit(lines: Any) -> None:
        for line in lines:
            click.echo(line.text)

    page = reader.logs(tail=count)
    emit(page.lines)
    more = reader.follow_logs(page.next_offset)
    _until_ended(reader, follow, lambda: emit(more()))


def _tail_metrics(reader: Any, count: int, follow: bool) -> None:
    source = reader.tail()

    def emit(samples: Any) -> None:
        for sample in samples:
            click.echo(f"{sample.step}\t{sample.key}\t{number(sample.value)}")

    samples = source.read()
    emit(samples[len(samples) - min(count, len(samples)) :])
    _until_ended(reader, follow, lambda: emit(source.read()))


def _until_ended(reader: Any, follow: bool, emit: Callable[[], Any]) -> None:
    while follow:
        ended = reader.record.status != "running"
        emit()
        if ended:
            return
        time.sleep(0.25)
