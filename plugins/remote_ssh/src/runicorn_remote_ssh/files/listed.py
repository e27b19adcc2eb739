"""What of a run is brought, what of it lists show, and whether that is here."""

from __future__ import annotations

from pathlib import Path

from runicorn.contracts import FileEntry
from runicorn.security import join
from runicorn.serialize import read_object

from .bringing import grows, in_step
from .surveying import Survey

#: Documents that a list of runs shows, in the order in which they come.
LISTED = ("params.json", "user.json", "summary.json", "status.json", ".deleted", "meta.json")


def is_listed(survey: Survey, run: FileEntry, root: Path) -> bool:
    """Whether all of it is here as it was seen over there; never of a run that goes on, whose signs of life change."""
    seen = {entry.path.rpartition("/")[2]: entry for entry in survey.folders.get(run.path, ())}
    folder = join(root, run.path)
    if "meta.json" not in seen or read_object(folder / "status.json").get("status") == "running":
        return False
    return all(in_step(seen[name], folder / name) if name in seen else not (folder / name).exists() for name in LISTED)


def has_content(folder: Path) -> bool:
    """Whether more of a run is here than what lists show."""
    return folder.is_dir() and any(grows(path.name) for path in folder.iterdir())


def is_brought(name: str) -> bool:
    """Hidden files are being written, but for these."""
    return name[0] != "." or name in (".deleted", ".outputs_state.json")


def is_kept(path: str, run: FileEntry) -> bool:
    """Whether a file of a run is brought, wherever it lies in it."""
    return all(map(is_brought, path.removeprefix(f"{run.path}/").split("/")))
