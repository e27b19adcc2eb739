"""Which folders of this machine the viewer may import from, and what lies in them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Any, TypedDict

from attrs import frozen
from runicorn.contracts.http import About, Call, Endpoint, NoBody
from runicorn.errors import Problem
from runicorn.hooks import plugin_section

from ..settings import ExportersSection

_MOST = 1000  # entries that are named


@frozen
class FolderQuery:
    path: Annotated[str, About("A folder below one that is allowed; none: only which those are.", max_length=4096)] = ""


class EntryAnswer(TypedDict):
    name: str
    path: str
    folder: bool
    bytes: int | None  # None: a folder


class FolderAnswer(TypedDict):
    allowed: list[str]
    path: str
    parent: str | None  # None: it is one of those that are allowed
    entries: list[EntryAnswer]
    more: int  # that are not named


def folders_endpoint() -> Endpoint[Any, Any]:
    return Endpoint(
        "GET",
        "/api/import/folders",
        folders,
        FolderAnswer,
        FolderQuery,
        statuses={403: "the path is not below a folder that is allowed", 404: "there is no such folder"},
    )


def folders(call: Call[FolderQuery, NoBody]) -> FolderAnswer:
    """The folders of this machine that may be imported from, and the names in one of them; nothing of any file."""
    bases = [str(base) for base in _bases()]
    if not call.query.path:
        return {"allowed": bases, "path": "", "parent": None, "entries": [], "more": 0}
    path = allowed(call.query.path)
    try:
        with os.scandir(path) as found:
            entries = [_entry(each) for each in found if each.name[0] != "." and not each.is_symlink()]
    except OSError as error:
        raise Problem(404, "folder-not-found", f"{path} cannot be listed: {error.strerror}", path=str(path)) from error
    entries.sort(key=lambda entry: (not entry["folder"], entry["name"].lower(), entry["name"]))
    parent = None if str(path) in bases else str(path.parent)
    more = max(0, len(entries) - _MOST)
    return {"allowed": bases, "path": str(path), "parent": parent, "entries": entries[:_MOST], "more": more}


def _entry(each: os.DirEntry[str]) -> EntryAnswer:
    folder = each.is_dir()
    return {"name": each.name, "path": each.path, "folder": folder, "bytes": None if folder else each.stat().st_size}


def allowed(text: str) -> Path:
    """:raises Problem: 403, the configuration does not allow it."""
    if "\x00" not in text:
        try:
            path = Path(text).expanduser().resolve()
        except (RuntimeError, OSError):  # no such user, a name too long
            path = Path()
        if any(path == base or base in path.parents for base in _bases()):
            return path
    folders = plugin_section("exporters", ExportersSection).import_folders
    where = f"below {', '.join(folders)}" if folders else "nowhere: send the file to /api/import/upload"
    detail = f"importing is allowed {where} (exporters.import_folders in the configuration)"
    raise Problem(403, "import-path-not-allowed", detail, path=text)


def _bases() -> list[Path]:
    folders = plugin_section("exporters", ExportersSection).import_folders
    return [Path(folder).expanduser().resolve() for folder in folders]
