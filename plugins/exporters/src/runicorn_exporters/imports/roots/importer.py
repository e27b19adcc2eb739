"""Storage roots: the runs of Runicorn 0.5 and 0.7 in today's form, those of today byte for byte."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from attrs import frozen
from runicorn.contracts import RunSource
from runicorn.errors import ImportProblem
from runicorn.hooks import open_store

from .copied import CopiedRun
from .older import OlderRun

_LOOKED_AT = 20_000  # folders, before sniffing gives up
_PROOF = ("meta.json", "events.jsonl", "status.json")


@frozen
class RootOptions:
    """What can be chosen."""

    deleted: bool = False  # bring in the runs that are in the recycle bin there, too


class RootImporter:
    """Whatever backend fits reads them."""

    name = "runicorn"
    title = "storage roots of Runicorn (0.5, 0.7, today)"
    options = RootOptions

    def sniff(self, path: Path) -> float:
        if not path.is_dir():
            return 0.0
        for looked_at, (place, folders, names) in enumerate(os.walk(path)):
            parts = Path(place).relative_to(path).parts
            if "runs" in parts and any(name in names for name in _PROOF):
                return 0.95
            if looked_at > _LOOKED_AT:
                break
            folders[:] = [name for name in sorted(folders) if name[0] != "."]
        return 0.0

    def read(self, path: Path, options: RootOptions) -> Iterator[RunSource]:
        if not path.is_dir():
            raise ImportProblem(str(path), "is no folder")
        store = open_store(path)
        try:
            records = store.list_runs(deleted=None if options.deleted else False)
            for record in sorted(records, key=lambda record: (record.created_at, record.ref.folder)):
                reader = store.open_run(record.ref)
                yield CopiedRun(reader) if record.format == "runicorn" else OlderRun(reader)
        finally:
            store.close()
