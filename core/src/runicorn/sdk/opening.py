"""Opening the storage for a run: create it, go on with it, join it, or fall back on a spool."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from .. import hooks
from ..errors import BackendNotFound, InvalidArgument, RunExists, RunNotFound
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


def open_run(
    config: Config, storage: PathLike | None, backend: str | None, meta: RunMeta, resume: str | None, *, search: bool
) -> Opened:
    """Create or continue the run that ``meta`` names.

    :param resume: as ``init()`` takes it.
    :param search: a run of this id in another project or experiment of the root is meant, too.
    :raises RunExists: it exists, and ``resume`` does not allow to go on.
    :raises RunNotFound: it does not exist, and ``resume`` requires it.
    :raises BackendNotFound: ``backend`` names none of the active ones.
    :raises InvalidArgument: the run lies in the recycle bin, or an older version wrote it.
    """
    root = _folder(config, storage)
    store: Store | None = None
    try:
        store = hooks.open_store(root, backend)
        return _open(store, meta, resume, search=search)
    except BackendNotFound as error:
        if error.known:  # asked for by name, and others are there: a wrong argument
            raise
        trouble: Exception = error
    except (RunExists, RunNotFound, InvalidArgument):
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


def _open(store: Store, meta: RunMeta, resume: str | None, *, search: bool) -> Opened:
    if resume in ("allow", "must"):
        found = _find(store, meta, search=search)
        if found is not None:
            return _continue(store, meta, found)
        if resume == "must":
            if search:
                raise RunNotFound(meta.id, str(store.root))
            places = ", ".join(f"{run.ref.project}/{run.ref.name}" for run in store.find_runs(meta.id))
            raise RunNotFound(meta.id, str(store.root / meta.project / meta.name), places)
    try:
        session = store.create_run(meta)
    except RunExists:
        if resume != "allow":
            raise
        # Another process was faster with the same id.
        found = _find(store, meta, search=False)
        if found is None:
            raise
        return _continue(store, meta, found)
    return Opened(meta, session, store, store.root, created=True, owner=True)


def _find(store: Store, meta: RunMeta, *, search: bool) -> ExperimentRecord | None:
    ref = RunRef(meta.id, meta.project, meta.name, f"{meta.project}/{meta.name}/runs/{meta.id}")
    try:
        return store.open_run(ref).record
    except RunNotFound:
        pass
    return next(iter(store.find_runs(meta.id)), None) if search else None


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
    return Opened(meta, session, store, store.root, created=False, owner=not joined, step=session.last_step())


def _lost(records: int) -> None:
    warn(f"{records} records are lost: neither run nor spool can be written")
