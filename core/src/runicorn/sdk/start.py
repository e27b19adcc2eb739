"""``init()``: from arguments and configuration to a run."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from time import strftime, time
from typing import TYPE_CHECKING, Any, Literal

from ..config import load_config
from ..errors import InvalidArgument
from ..host import hostname
from ..model.run import RunMeta
from ..security import check_path, check_project, check_run_id, may_hold_secrets, split_path
from . import active
from .ending import sigterm_waits, watch_process
from .forking import watch_forks
from .life import Beginning
from .opening import Placed, open_run
from .run import Run
from .sampling import may_sample
from .values import key_text
from .writing import spool_hint

if TYPE_CHECKING:
    from ..types import PathLike

_RESUME = (None, "allow", "must", "never")
_enabled = True


def enabled() -> bool:
    """Whether ``init()`` records: not switched off by :func:`set_enabled` nor by ``RUNICORN_MODE=off``."""
    return _enabled and load_config().run.mode == "on"


def set_enabled(value: bool) -> None:
    """Switch recording off or on for runs that are started from now on in this process."""
    global _enabled
    _enabled = bool(value)


def init(
    project: str = "default",
    name: str | None = None,
    *,
    path: str | None = None,
    storage: PathLike | None = None,
    backend: str | None = None,
    run_id: str | None = None,
    resume: Literal["allow", "must", "never"] | None = None,
    params: Mapping[Any, Any] | None = None,
    tags: Iterable[str] | None = None,
    note: str | None = None,
    group: str | None = None,
    job_type: str | None = None,
    capture_env: bool | None = None,
    capture_console: bool | None = None,
    capture_system: bool | None = None,
    mode: Literal["on", "off"] | None = None,
) -> Run:
    """Start a run, or go on with one. ``None`` means: as the configuration says.

    :param project: one folder name.
    :param name: the experiment, ``default`` by default; may have several segments with ``/``.
    :param path: project and name in one: ``cv/yolo/ablation``.
    :param storage: the storage root.
    :param backend: a storage backend's name.
    :param run_id: made up if not given.
    :param resume: what to do when a run of this id exists: ``allow`` goes on with it (and creates it otherwise),
        ``must`` requires it, ``never`` (the default) refuses. Going on continues after its last step, in a new file.
        With ``allow`` and ``must`` the run is looked for in the whole root.
    :param params: hyper-parameters, nested; a mapping, ``argparse.Namespace`` or dataclass object.
    :param group: kept with the run, to find runs that belong together.
    :param job_type: kept with the run, e.g. ``train`` or ``eval``.
    :param capture_system: whether samplers measure the machine while the run happens.
    :param capture_console: keep what the process prints in the run's log, from the next line on.
    :param mode: ``off`` returns a run that accepts everything and writes nothing.
    :raises UnsafePath: a name that cannot be a folder everywhere.
    :raises InvalidArgument: an argument that cannot be used, or ``run_id`` names a run that cannot be continued.
    :raises RunExists: ``resume`` does not allow to go on.
    :raises RunNotFound: ``resume="must"``, and there is no such run.
    :raises RunElsewhere: the run to go on with is in another project or experiment than you say, or in several.
    :raises BackendNotFound: ``backend`` names none of the active ones.
    :raises ConfigError: the configuration cannot be read.

    A storage that fails is no error: the run is recorded in a spool, with one warning.
    """
    said_project, said_name = path is not None or project != "default", name is not None
    project, name = _place(project, name, path)
    placed = Placed(said_project, said_name or (path is not None and "/" in path))
    if resume not in _RESUME:
        raise InvalidArgument("resume", resume, "must be 'allow', 'must', 'never' or None")
    if resume == "must" and run_id is None:
        raise InvalidArgument("resume", resume, "needs a run_id")
    if mode not in (None, "on", "off"):
        raise InvalidArgument("mode", mode, "must be 'on', 'off' or None")
    _check_storage(storage)
    _check_kinds(capture_env, capture_console, capture_system, group, job_type)
    given_tags = _tags(tags)
    if run_id is not None:
        check_run_id(run_id)
    given = _params(params)
    config = load_config()
    if not _enabled or (mode or config.run.mode) == "off":
        from .off import OffRun

        off = OffRun(_meta(project, name, run_id, group, job_type), config, given, given_tags, note)
        active.remember(off)
        return off
    opened = open_run(config, storage, backend, _meta(project, name, run_id, group, job_type), resume, placed)
    run = Run(
        Beginning(
            meta=opened.meta,
            session=opened.session,
            store=opened.store,
            root=opened.root,
            owner=opened.owner,
            capture_env=opened.created and (config.run.capture_env if capture_env is None else bool(capture_env)),
            capture_system=(config.run.capture_system if capture_system is None else bool(capture_system))
            and may_sample(),
            spooling=opened.spooling,
            step=opened.step,
            crashed=opened.crashed,
            power=config.storage.durability == "power",
            finish_timeout=config.run.finish_timeout,
            viewer_url=config.run.viewer_url,
        )
    )
    if given:
        run.params.update(given)
    if given_tags:
        run.tags.extend(given_tags)
    if note is not None:
        run.note = note
    if opened.trouble is not None:
        run._troubles.report("runicorn", "storage", f"{opened.trouble}; {spool_hint()}")
    watch_process()
    watch_forks()
    active.remember(run)
    with sigterm_waits():
        run._life.begin()
    if config.run.capture_console if capture_console is None else capture_console:
        run._life.capture(config)
    return run


def _place(project: str, name: str | None, path: str | None) -> tuple[str, str]:
    if path is None:
        return check_project(project), "default" if name is None else check_path("name", name)
    if name is not None or project != "default":
        raise InvalidArgument("path", path, "already says project and name; leave those out")
    return split_path(path)


def _params(params: object) -> dict[str, Any]:
    if params is None:
        return {}
    if not isinstance(params, Mapping):
        try:
            params = vars(params)
        except TypeError:
            raise InvalidArgument("params", params, "must be a mapping") from None
    return {key_text(key): value for key, value in params.items()}


def _tags(tags: object) -> list[Any]:
    if tags is None or isinstance(tags, str):
        return [tags] if tags else []
    if isinstance(tags, (Mapping, bytes, bytearray)) or not isinstance(tags, Iterable):
        raise InvalidArgument("tags", tags, "must be a list of strings")
    return list(tags)


def _check_storage(storage: object) -> None:
    if storage is None or (isinstance(storage, os.PathLike) and isinstance(os.fspath(storage), str)):
        return
    if not isinstance(storage, str) or not storage:
        raise InvalidArgument("storage", storage, "must be a folder, as a string or Path")
    if "\0" in storage:
        raise InvalidArgument("storage", storage, "holds a character that no path can hold")
    if "://" in storage:
        raise InvalidArgument("storage", storage, "is an address, and no active plugin takes runs at addresses")


def _check_kinds(
    capture_env: object, capture_console: object, capture_system: object, group: object, job_type: object
) -> None:
    switches = {"capture_env": capture_env, "capture_console": capture_console, "capture_system": capture_system}
    for name, value in switches.items():
        if value not in (None, False, True):
            raise InvalidArgument(name, value, "must be True, False or None")
    for name, value in {"group": group, "job_type": job_type}.items():
        if not isinstance(value, (str, int, type(None))):
            raise InvalidArgument(name, value, "must be a string")


def _meta(project: str, name: str, run_id: str | None, group: str | None, job_type: str | None) -> RunMeta:
    now = time()
    return RunMeta(
        id=run_id or new_run_id(),
        project=project,
        name=name,
        created_at=now,
        hostname=hostname(),
        pid=os.getpid(),
        python=".".join(str(part) for part in sys.version_info[:3]),
        platform=_platform(),
        command=_command(),
        group=None if group is None else key_text(group),
        job_type=None if job_type is None else key_text(job_type),
    )


def _command() -> tuple[str, ...]:
    """How the script was called, without secrets: ``meta.json`` is read by everybody who may see the run."""
    argv = getattr(sys, "argv", None) or [""]  # an interpreter inside another program may have none
    arguments = [key_text(part) for part in (Path(argv[0]).name, *argv[1:])]
    if not may_hold_secrets(arguments):
        return tuple(arguments)
    from ..security import redact_arguments

    return tuple(redact_arguments(arguments))


def _platform() -> str:
    """Like ``Linux 6.1 (x86_64)``, without the 5 ms that importing ``platform`` takes."""
    if sys.platform == "win32":
        version = sys.getwindowsversion()
        return f"Windows {version.major}.{version.minor}.{version.build}"
    system = os.uname()
    return f"{system.sysname} {system.release} ({system.machine})"


def new_run_id() -> str:
    """``YYYYMMDD_HHMMSS_<6 hex>``, local time."""
    return f"{strftime('%Y%m%d_%H%M%S')}_{os.urandom(3).hex()}"
