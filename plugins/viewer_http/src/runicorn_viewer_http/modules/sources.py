"""Which files of a folder are modules of ours."""

from __future__ import annotations

from pathlib import Path


def sources_of(folder: Path) -> dict[str, str]:
    """The modules below a folder that are ours to pack."""
    found = {path.relative_to(folder).as_posix(): path for path in sorted(folder.rglob("*.js"))}
    return {name: path.read_text("utf-8") for name, path in found.items() if is_packed(name)}


def is_packed(name: str) -> bool:
    """Libraries are served as they came."""
    return name.endswith(".js") and "vendor" not in name.split("/")
