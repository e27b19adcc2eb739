"""``runicorn storage rebuild``."""

from __future__ import annotations

import time
from pathlib import Path

import click
from attrs import asdict
from runicorn.errors import StorageError
from runicorn.hooks import open_store

from .choosing import dry_run_option, json_option, root_option
from .telling import many, print_json, progress, size

_LOOK_S = 0.05


@click.command()
@root_option
@dry_run_option
@json_option
def rebuild(root: Path | None, dry_run: bool, as_json: bool) -> None:
    """Throw the index of a root away and make it anew from the run folders. No run is touched.

    A viewer that is open keeps the index that it has until it is started again.
    """
    from ..file_store import open_files
    from ..hybrid_store import HybridStore
    from ..index.place import places, remove

    configured = open_store(root)
    place = configured.root
    configured.close()
    old = [path for path in places(place) if path.exists()]
    before = sum(path.stat().st_size for path in old)
    if dry_run:
        click.echo(f"{many(len(old), 'index file')} would be removed: {before:,} bytes")
        return
    for path in old:
        remove(path)
    store = HybridStore(open_files(place, {}))
    began = time.monotonic()
    try:
        index = store.index()
        if index is None:
            raise StorageError("making the index", str(place), "there can be none; see: runicorn doctor")
        with progress("indexing", len(store.list_runs(deleted=None)), "runs") as tick:
            read = 0
            while not index.following.wait(_LOOK_S):
                if index.broken is not None:
                    raise StorageError("making the index", str(place), str(index.broken)) from index.broken
                tick(index.progress.read - read)
                read = index.progress.read
        now = index.progress
    finally:
        store.close()
    after = Path(now.where).stat().st_size if now.where != "memory" else 0
    if as_json:
        print_json({**asdict(now), "bytes_before": before, "bytes_after": after})
        return
    click.echo(f"{many(now.runs, 'run')} indexed in {time.monotonic() - began:.1f} s: {now.where}, {size(after)}")
