"""What a manifest and a root, or two manifests, do not have in common."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal, TypeAlias

from attrs import frozen
from runicorn.errors import UnsafePath
from runicorn.security import join

from .generator import hash_of
from .models import ManifestFile
from .reading import OpenManifest, flat, shown

What: TypeAlias = Literal["missing", "changed", "unreadable", "added", "removed", "grown"]


@frozen
class Difference:
    what: What
    path: str  # relative to the root
    detail: str = ""


def verify(
    manifest: OpenManifest, root: Path, told: Callable[[ManifestFile], object] = lambda _: None
) -> Iterator[Difference]:
    """Read every file of a manifest again.

    :param told: called after each file.
    """
    for key, file in flat(manifest.entries):
        found = _checked(root, shown(key), file)
        if found is not None:
            yield found
        told(file)


def _checked(root: Path, path: str, file: ManifestFile) -> Difference | None:
    try:
        with join(root, path).open("rb", buffering=0) as content:
            size = os.fstat(content.fileno()).st_size
            if size < file.size or (size > file.size and not file.growing):
                return Difference("changed", path, f"{size} bytes instead of {file.size}")
            if f"sha256:{hash_of(content, file.size)}" != file.digest:
                return Difference("changed", path, "other content")
    except FileNotFoundError:
        return Difference("missing", path)
    except UnsafePath as error:
        return Difference("unreadable", path, str(error))
    except OSError as error:
        return Difference("unreadable", path, error.strerror or str(error))
    return None


def diff(old: OpenManifest, new: OpenManifest) -> Iterator[Difference]:
    """What is in one of two manifests, and what differs; both are read side by side, never as a whole."""
    left, right = flat(old.entries), flat(new.entries)
    before, after = next(left, None), next(right, None)
    while before is not None or after is not None:
        if after is None or (before is not None and before[0] < after[0]):
            assert before is not None
            yield Difference("removed", shown(before[0]))
            before = next(left, None)
        elif before is None or after[0] < before[0]:
            yield Difference("added", shown(after[0]))
            after = next(right, None)
        else:
            if before[1].digest != after[1].digest:
                grown = before[1].growing and after[1].size > before[1].size
                sizes = f"{before[1].size} -> {after[1].size} bytes"
                detail = sizes if before[1].size != after[1].size else "other content"
                yield Difference("grown" if grown else "changed", shown(after[0]), detail)
            before, after = next(left, None), next(right, None)
