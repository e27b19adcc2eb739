"""``runicorn storage rebuild``."""

from __future__ import annotations

import time
from pathlib import Path

import click
from attrs import asdict
from runicorn.errors import StorageError
from runicorn.hooks import open_store, plugin_section

from .choosing import dry_run_option, json_option, root_option
from .telling import many, print_json, size
from .waiting import show_waiting


@click.command()
@root_option
@dry_run_option
@json_option
def rebuild(root: Path | None, dry_run: bool, as_json: bool) -> None:
    """Throw the index of a root away and make it anew from the run folders. No run is touched.

    A viewer that is open keeps the index that it has, and makes it anew when it is started again.
    """
    from ..file_store import open_files
    from ..hybrid_store import HybridStore
    from ..index.database import throw_away
    from ..index.place import places
    from ..settings import StorageDuckdbSection
    from ..sql.writing import told

    configured = open_store(root)
    place = configured.root
    configured.close()
    old = [path for path in places(place) if path.exists()]
    before = sum(path.stat().st_size for path in old)
    if dry_run and as_json:
        print_json({"bytes_before": before, "index_files": len(old)})
        return
    if dry_run:
        click.echo(f"{many(len(old), 'index file')} would be removed: {before:,} bytes")
        return
    section = plugin_section("storage-duckdb", StorageDuckdbSection)
    kept = [path for path in old if not throw_away(path, section)]
    store = HybridStore(open_files(place, {}))
    began = time.monotonic()
    try:
        index = store.index()
        if index is None:
            raise StorageError("making the index", str(place), "there can be none; see: runicorn doctor")
        show_waiting(store, index)
        whole = store.whole_index()  # another one, where this one ended
        now, unreadable = whole.progress, whole.unreadable([record.ref for record in store.list_runs(deleted=None)])
    finally:
        store.close()
    after = Path(now.where).stat().st_size if now.where != "memory" else 0
    if as_json:
        sizes = {"bytes_before": before, "bytes_after": after}
        print_json({**asdict(now), **sizes, "left_open": list(map(str, kept)), "unreadable": unreadable})
        return
    click.echo(f"{many(now.runs, 'run')} indexed in {time.monotonic() - began:.1f} s: {now.where}, {size(after)}")
    if unreadable:
        click.echo(f"warning: {told(unreadable)}", err=True)
    if kept:
        words = "index is" if len(kept) == 1 else "indexes are"
        click.echo(f"{len(kept)} {words} open in another process, which begins anew when it is started again")
