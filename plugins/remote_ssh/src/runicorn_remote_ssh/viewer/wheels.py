"""Wheels of what is installed here: what the other machine gets is what runs on this one."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import re
import zipfile
from collections.abc import Iterable, Iterator
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

from runicorn.errors import Problem

#: What a viewer needs over there; what is not installed here is left out.
FIRST_PARTY = (
    "runicorn-core", "runicorn-storage-jsonl", "runicorn-storage-duckdb", "runicorn-viewer-http", "runicorn-media",
    "runicorn-artifacts", "runicorn-exporters", "runicorn-monitors", "runicorn-environment", "runicorn-console",
)  # fmt: skip
_LOCAL = frozenset(["RECORD", "INSTALLER", "REQUESTED", "direct_url.json", "uv_cache.json", "uv_build.json"])
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


def first_party() -> tuple[str, ...]:
    """Names of the distributions of ours that are installed here."""
    return tuple(name for name in FIRST_PARTY if _found(name) is not None)


def everything_needed(names: Iterable[str]) -> tuple[str, ...]:
    """These distributions and all that they require, as far as they are installed here."""
    waiting, needed = list(names), dict.fromkeys(map(_normal, names))
    while waiting:
        found = _found(waiting.pop())
        for requirement in (found.requires or ()) if found is not None else ():
            name = _NAME.match(requirement)
            if name is None or "extra ==" in requirement.replace("'", '"') or _normal(name[0]) in needed:
                continue
            if _found(name[0]) is not None:
                needed[_normal(name[0])] = None
                waiting.append(name[0])
    return tuple(needed)


def pack(name: str, folder: Path) -> Path:
    """Write the wheel of an installed distribution, an editable one too.

    :raises Problem: its files cannot be told from others'.
    """
    found = distribution(name)
    info = _info_folder(found)
    tags = re.findall(r"^Tag: (\S+)$", found.read_text("WHEEL") or "", re.MULTILINE) or ["py3-none-any"]
    parts = zip(*(tag.split("-") for tag in tags), strict=True)
    tag = "-".join(".".join(dict.fromkeys(values)) for values in parts)
    path = folder / f"{info.removesuffix('.dist-info')}-{tag}.whl"
    record = io.StringIO()
    rows = csv.writer(record, lineterminator="\n")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as wheel:
        for inside, file in _files(found, info):
            content = file.read_bytes()
            wheel.writestr(inside, content)
            digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
            rows.writerow([inside, f"sha256={digest}", len(content)])
        rows.writerow([f"{info}/RECORD", "", ""])
        wheel.writestr(f"{info}/RECORD", record.getvalue())
    return path


def _files(found: Distribution, info: str) -> Iterator[tuple[str, Path]]:
    for entry in found.files or ():
        inside, path = entry.as_posix(), Path(str(entry.locate()))
        if inside.startswith(("..", "/")) or "__pycache__" in entry.parts:
            continue  # scripts, and what Python writes by itself
        if inside.startswith(f"{info}/"):
            if entry.name not in _LOCAL:
                yield inside, path
        elif inside.endswith(".pth") and "/" not in inside:
            yield from _linked(found, path)
        elif inside.startswith("__editable__"):
            raise _unpackable(found)
        else:
            yield inside, path


def _linked(found: Distribution, link: Path) -> Iterator[tuple[str, Path]]:
    """The sources of an editable installation: everything below the folders that its link names."""
    for line in link.read_text("utf-8").splitlines():
        source = Path(line)
        if not line.strip() or line.startswith("import ") or not source.is_dir():
            raise _unpackable(found)
        for path in sorted(source.rglob("*")):
            parts = path.relative_to(source).parts
            hidden = any(part == "__pycache__" or part.startswith(".") or part.endswith(".egg-info") for part in parts)
            if not hidden and path.is_file():
                yield "/".join(parts), path


def _unpackable(found: Distribution) -> Problem:
    name = found.metadata["Name"]
    detail = f"{name} is installed here in a way that cannot be sent; install it without --editable"
    return Problem(409, "cannot-pack", detail, distribution=name)


def _info_folder(found: Distribution) -> str:
    for entry in found.files or ():
        if entry.parts[0].endswith(".dist-info"):
            return entry.parts[0]
    raise _unpackable(found)


def _found(name: str) -> Distribution | None:
    try:
        return distribution(name)
    except PackageNotFoundError:
        return None


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
