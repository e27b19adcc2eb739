"""What a command did to each run, and what it adds up to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import click
from attrs import asdict, frozen

from .telling import many, print_json, size


@frozen
class Outcome:
    """One run. ``left`` says why it stayed as it was; ``failed`` whether that is a failure."""

    run: str
    bytes_before: int = 0
    bytes_after: int = 0
    points: int = 0
    lines: int = 0
    left: str | None = None
    failed: bool = False


def tell(outcomes: Sequence[Outcome], done: str, *, as_json: bool, dry_run: bool = False) -> None:
    """Print them, and end with exit code 1 if something failed.

    :param done: the participle: ``sealed``.
    """
    if as_json:
        print_json([asdict(outcome) for outcome in outcomes])
    else:
        _print(outcomes, f"would be {done}" if dry_run else done, dry_run=dry_run)
    if any(outcome.failed for outcome in outcomes):
        raise SystemExit(1)


def _print(outcomes: Sequence[Outcome], done: str, *, dry_run: bool) -> None:
    acted = [outcome for outcome in outcomes if outcome.left is None]
    for outcome in acted:
        if dry_run:
            click.echo(f"{outcome.run}: {size(outcome.bytes_before)}")
        else:
            change = f"{size(outcome.bytes_before)} -> {size(outcome.bytes_after)}"
            click.echo(f"{outcome.run}: {many(outcome.points, 'point')}, {change}")
    for outcome in outcomes:
        if outcome.failed:
            click.echo(f"{outcome.run}: {outcome.left}", err=True)
    before, after, points = (
        sum(getattr(outcome, name) for outcome in acted) for name in ("bytes_before", "bytes_after", "points")
    )
    if dry_run:
        click.echo(f"{many(len(acted), 'run')} {done}: {before:,} bytes")
    else:
        each = f" ({after / points:.2f} bytes a point)" if points and after < before else ""
        click.echo(
            f"{many(len(acted), 'run')} {done}: {many(points, 'point')}, {before:,} bytes before, {after:,} after{each}"
        )
    reasons = Counter(outcome.left for outcome in outcomes if outcome.left is not None and not outcome.failed)
    for reason, count in sorted(reasons.items(), key=lambda item: -item[1]):
        click.echo(f"{many(count, 'run')} left as {'it is' if count == 1 else 'they are'}: {reason}")
