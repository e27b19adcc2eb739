"""One storage root: who may create a run, and the doors to reading it. Reading code is imported when it is used."""

from __future__ import annotations

import errno
import os
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from runicorn.errors import InvalidArgument, MissingDependency, RunExists, RunNotFound
from runicorn.security import check_path, check_project, check_run_id, join
from runicorn.serialize import dumps, write_bytes, write_json

from .failures import mapped
from .replace import replace_compared
from .session import JsonlSession

if TYPE_CHECKING:
    from runicorn.model.metric import BucketTable, RecordTable
    from runicorn.model.run import ExperimentRecord, RunMeta, RunRef
    from runicorn.types import JSON, JSONObject

    from .reader import JsonlReader
    from .states import Readers

_FORMAT = 1
_NO_LINKS = frozenset([errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK, errno.EXDEV])


class JsonlStore:
    """A root of run folders."""

    backend = "jsonl"

    def __init__(self, root: Path) -> None:
        self.root = root
        self._editing = threading.Lock()
        self._opening = threading.Lock()
        self._reading: Readers | None = None

    # --- Writing

    def create_run(self, meta: RunMeta) -> JsonlSession:
        from runicorn.model.run import RunRef

        project, name, run_id = check_project(meta.project), check_path("name", meta.name), check_run_id(meta.id)
        ref = RunRef(run_id, project, name, f"{project}/{name}/runs/{run_id}")
        folder = self.root / ref.folder
        with mapped("creating the run", self.root):
            try:
                folder.mkdir(parents=True, exist_ok=True)
                # The meta document is what makes the folder a run: whoever puts it there has created it.
                created = _put_first(folder, _meta_document(meta))
            except OSError:
                with suppress(OSError):
                    folder.rmdir()  # only if nothing is in it
                raise
        if not created:
            raise RunExists(run_id, str(folder))
        return JsonlSession(ref, folder)

    def attach_run(self, ref: RunRef) -> JsonlSession:
        return JsonlSession(ref, self._existing(ref))

    # --- Reading

    def list_runs(self, *, deleted: bool | None = False) -> Sequence[ExperimentRecord]:
        with mapped("listing runs", self.root):
            records = self._readers.listing.records()
        if deleted is None:
            return records
        return [record for record in records if (record.deleted_at is not None) is deleted]

    def find_runs(self, run_id: str) -> Sequence[ExperimentRecord]:
        with mapped("looking for a run", self.root):
            return self._readers.listing.named(run_id)

    def open_run(self, ref: RunRef) -> JsonlReader:
        from .reader import JsonlReader

        return JsonlReader(ref, self._existing(ref), self._readers)

    def read_metrics(
        self,
        runs: Sequence[RunRef],
        keys: Sequence[str] | None = None,
        *,
        x: str = "step",
        range: tuple[float | None, float | None] = (None, None),
    ) -> Sequence[RecordTable]:
        return [self.open_run(ref).table(keys, x, range) for ref in runs]

    def read_buckets(
        self,
        runs: Sequence[RunRef],
        keys: Sequence[str] | None = None,
        *,
        x: str = "step",
        range: tuple[float | None, float | None] = (None, None),
        buckets: int = 1000,
        log_x: bool = False,
    ) -> BucketTable:
        try:
            from .buckets import read_buckets
        except ImportError as error:
            raise MissingDependency("reading curves in buckets", "numpy") from error
        return read_buckets([self.open_run(ref) for ref in runs], keys, x, range, buckets, log_x)

    # --- Managing

    def update_user(self, ref: RunRef, change: Callable[[dict[str, JSON]], JSONObject]) -> None:
        reader = self.open_run(ref)
        with self._editing, mapped("writing user.json", reader.folder):
            replace_compared(reader.folder / "user.json", lambda: reader.read("user"), change)

    def move(self, ref: RunRef, project: str, name: str) -> RunRef:
        from .moving import move

        folder = self._existing(ref)
        return move(self.root, self.open_run(ref).record, folder, check_project(project), check_path("name", name))

    def soft_delete(self, ref: RunRef, reason: str = "") -> None:
        folder = self._existing(ref)
        with mapped("deleting the run", folder):
            write_json(folder / ".deleted", {"deleted_at": time.time(), "reason": reason})

    def restore(self, ref: RunRef) -> None:
        folder = self._existing(ref)
        with mapped("restoring the run", folder):
            (folder / ".deleted").unlink(missing_ok=True)

    def purge(self, ref: RunRef) -> None:
        import shutil  # 2 ms

        folder = self._existing(ref)
        if not (folder / ".deleted").exists():
            raise InvalidArgument("ref", ref.folder, "is not in the recycle bin; delete the run first")
        # Out of sight in one step, so that nobody ever sees half a run; dot names are no runs.
        trash = folder.with_name(f".{folder.name[:40]}.{os.urandom(4).hex()}.purged")
        with mapped("purging the run", folder):
            folder.rename(trash)
            shutil.rmtree(trash)
        from .sharing import sweep

        sweep(self.root)

    def close(self) -> None:
        with self._opening:
            self._reading = None

    @property
    def _readers(self) -> Readers:
        with self._opening:
            if self._reading is None:
                from .states import Readers

                self._reading = Readers(self.root)
            return self._reading

    def _existing(self, ref: RunRef) -> Path:
        """:raises RunNotFound: the folder is gone.

        :raises UnsafePath: the reference leaves the root.
        """
        folder = join(self.root, ref.folder)
        if not folder.is_dir():
            raise RunNotFound(ref.id, str(self.root))
        return folder


def _meta_document(meta: RunMeta) -> dict[str, JSON]:
    return {
        "runicorn_format": _FORMAT,
        "id": meta.id,
        "project": meta.project,
        "name": meta.name,
        "created_at": meta.created_at,
        "hostname": meta.hostname,
        "pid": meta.pid,
        "python": meta.python,
        "platform": meta.platform,
        "command": meta.command,
        "group": meta.group,
        "job_type": meta.job_type,
        "resumed_from": meta.resumed_from,
    }


def _put_first(folder: Path, document: JSONObject) -> bool:
    """Write ``meta.json`` unless the folder is a run already; exactly one of several processes succeeds."""
    from .discovery import is_run

    if is_run(os.listdir(folder)):  # noqa: PTH208
        return False
    data = dumps(document, indent=True)
    beside = folder / f".meta.{os.urandom(4).hex()}.tmp"
    try:
        write_bytes(beside, data)
        os.link(beside, folder / "meta.json")
    except FileExistsError:
        return False
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        return _create(folder / "meta.json", data)
    finally:
        beside.unlink(missing_ok=True)
    return True


def _create(path: Path, data: bytes) -> bool:
    """Where the file system has no hard links: as exclusive, though not safe against a power cut."""
    try:
        with path.open("xb") as file:
            file.write(data)
    except FileExistsError:
        return False
    return True
