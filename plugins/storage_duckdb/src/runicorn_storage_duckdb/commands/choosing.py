"""Options that several commands take, and the runs that they mean."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click
from runicorn.hooks import find_runs

if TYPE_CHECKING:
    from runicorn.contracts import Store
    from runicorn.model.run import ExperimentRecord

_Command = TypeVar("_Command", bound=Callable[..., Any])
_Root = TypeVar("_Root", Path | None, str | None)


def there(_context: click.Context, _parameter: click.Parameter, root: _Root) -> _Root:
    """A root that was named is there: in a folder that is misspelled nothing would be wrong, and nothing to do.

    :raises BadParameter: it is not.
    """
    if root is not None and "://" not in str(root) and not Path(root).expanduser().is_dir():
        raise click.BadParameter(f"there is no folder {root}")
    return root


def root_option(command: _Command) -> _Command:
    return click.option(
        "--root",
        type=click.Path(file_okay=False, path_type=Path),
        callback=there,
        help="Storage root; default: as configured.",
    )(command)


def json_option(command: _Command) -> _Command:
    return click.option("--json", "as_json", is_flag=True, help="Print JSON.")(command)


def dry_run_option(command: _Command) -> _Command:
    return click.option("--dry-run", is_flag=True, help="Say what would be done, and do nothing.")(command)


def run_options(command: _Command) -> _Command:
    for option in (
        click.option("--project", help="Only runs of this project."),
        click.option("--run", "runs", multiple=True, metavar="RUN", help="Only this run; may be given several times."),
        root_option,
        json_option,
    ):
        command = option(command)
    return command


def chosen_runs(store: Store, runs: Sequence[str], project: str | None) -> list[ExperimentRecord]:
    """The runs that were named, or all outside of the recycle bin, of one project perhaps; oldest first.

    :raises UsageError: the project has no runs.
    """
    if runs:
        found = find_runs(store, runs)
    else:
        found = sorted(store.list_runs(), key=lambda record: record.created_at)
    if project is None:
        return found
    found = [record for record in found if record.ref.project == project]
    if not found:
        raise click.UsageError(f"no such run of project {project!r} below {store.root}")
    return found
