"""Opening the storage for a run: create it, go on with it, join it, or fall back on a spool."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from .. import hooks
from ..errors import BackendNotFound, InvalidArgument, RunElsewhere, RunExists, RunNotFound
from ..model.run import RunMeta, RunRef
from .trouble import warn

if TYPE_CHECKING:
    from ..config import Config
    from ..contracts.storage import RunSession, Store
    from ..model.run import ExperimentRecord
    from ..types import PathLike
    from .spool_session import SpoolSession


class Opened(NamedTuple):
    """What a run begins with."""

    meta: RunMeta
    session: RunSession
    store: Store | None
    root: Path
    created: bool  # by this call
    owner: bool  # created or resumed, not joined while another process runs it
    spooling: SpoolSession | None = None  # the session, where the storage cannot be written
    step: int = 0  # the last one on disk
    trouble: Exception | None = None  # why it is recorded in a spool
    crashed: bool = False  # before it was resumed: its documents may lack the last second


class Placed(NamedTuple):
    """What of a run's place the user has said."""

    project: bool
    name: bool


def open_run(
    config: Config, storage: PathLike | None, backend: str | None, meta: RunMeta, resume: str | None, placed: Placed
) -> Opened:
    """Create or continue the run that ``meta`` names.

    :param resume: as ``init()`` takes it.
    :param placed: what ``meta`` says because the user did; a run is continued wherever it is, unless that differs.
    :raises RunExists: it exists, and ``resume`` does not allow to go on.
    :raises RunNotFound: it does not exist, and ``resume`` requires it.
    :raises RunElsewhere: it exists in another project or experiment than the user said, or in several.
    :raises BackendNotFound: ``backend`` names none of the active ones.
    :raises InvalidArgument: the run lies in the recycle bin, or an older version wrote it.
    """
    root = _folder(config, storage)
    store: Store | None = None
    try:
        store = hooks.open_store(root, backend)
        return _open(store, meta, resume, placed)
    except BackendNotFound as error:
        if error.known:  # asked for by name, and others are there: a wrong argument
            raise
        trouble: Exception = error
    except (RunExists, RunNotFound, RunElsewhere, InvalidArgument):
        raise
    except Exception as error:  # noqa: BLE001 (whatever the storage raises: a training is not stopped by it)
        trouble = error
    from .spool_session import SpoolSession

    ref = RunRef(meta.id, meta.project, meta.name, f"{meta.project}/{meta.name}/runs/{meta.id}")
    session = SpoolSession(root, meta, ref, _lost)
    return Opened(meta, session, store, root, created=True, owner=True, spooling=session, trouble=trouble)


def _folder(config: Config, storage: PathLike | None) -> Path:
    """Where the run is written: never elsewhere than on this machine."""
    if storage is not None:
        return Path(storage).expanduser().absolute()
    folder = config.storage.folder
    if config.storage.root != folder:
        warn(f"{config.storage.root} is only read; this run is written to {folder} on this machine")
    return folder


def _open(store: Store, meta: RunMeta, resume: str | None, placed: Placed) -> Opened:
    if resume in ("allow", "must"):
        found = _find(store, meta, placed)
        if found is not None:
            return _continue(store, meta, found)
        if resume == "must":
            raise RunNotFound(meta.id, str(store.root))
    try:
        session = store.create_run(meta)
    except RunExists:
        if resume != "allow":
            raise
        # Another process was faster with the same id.
        found = _at(store, meta)
        if found is None:
            raise
        return _continue(store, meta, found)
    return Opened(meta, session, store, store.root, created=True, owner=True)


def _find(store: Store, meta: RunMeta, placed: Placed) -> ExperimentRecord | None:
    """The run of this id: where it is said to be, else the only one in the root.

    :raises RunElsewhere: it is, or several are, and not where the arguments say.
    """
    found = _at(store, meta)
    if found is not None:
        return found
    known = store.find_runs(meta.id)
    runs = [run for run in known if run.deleted_at is None] or known  # the recycle bin counts where nothing else does
    fits = [
        run
        for run in runs
        if (not placed.project or run.ref.project == meta.project) and (not placed.name or run.ref.name == meta.name)
    ]
    if len(fits) == 1:
        return fits[0]
    if runs:
        places = [f"{run.ref.project}/{run.ref.name}" for run in fits or runs]
        raise RunElsewhere(meta.id, "" if fits else f"{meta.project}/{meta.name}", places)
    return None


def _at(store: Store, meta: RunMeta) -> ExperimentRecord | None:
    ref = RunRef(meta.id, meta.project, meta.name, f"{meta.project}/{meta.name}/runs/{meta.id}")
    try:
        return store.open_run(ref).record
    except RunNotFound:
        return None


def _continue(store: Store, meta: RunMeta, found: ExperimentRecord) -> Opened:
    if found.deleted_at is not None:
        raise InvalidArgument("run_id", meta.id, "is in the recycle bin; first: runicorn runs restore " + meta.id)
    if found.format != "runicorn":
        version = found.format.removeprefix("runicorn-")
        reason = f"was written by Runicorn {version}, whose folders are only read; start a new run"
        raise InvalidArgument("run_id", meta.id, reason)
    from attrs import evolve

    session = store.attach_run(found.ref)
    joined = found.status == "running"
    ref, host = found.ref, found.hostname
    meta = evolve(meta, project=ref.project, name=ref.name, created_at=found.created_at, hostname=host)
    step, crashed = session.last_step(), found.status == "crashed"
    return Opened(meta, session, store, store.root, created=False, owner=not joined, step=step, crashed=crashed)


def _lost(records: int) -> None:
    warn(f"{records} records are lost: neither run nor spool can be written")
