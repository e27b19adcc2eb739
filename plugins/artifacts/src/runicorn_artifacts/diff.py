"""What is different between two versions: files, metadata, and the tensors inside of files where they can be read."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import frozen
from runicorn.types import JSON

from .manifest import FileEntry
from .repository import ArtifactRepository
from .tensors import TensorFile, same_tensor, tensors_of
from .version import Version


@frozen
class FileChange:
    """One file that is in one version only, or has other content."""

    path: str
    change: str  # added, removed, changed
    old_size: int | None
    new_size: int | None
    tensors: tuple[TensorChange, ...] = ()


@frozen
class TensorChange:
    """One tensor of a changed file."""

    name: str
    change: str  # added, removed, changed, reshaped
    old: str  # e.g. ``float32 [64, 3, 7, 7]``; empty when it is new
    new: str


@frozen
class Difference:
    old: str
    new: str
    files: tuple[FileChange, ...]
    unchanged: int  # files
    metadata: Mapping[str, tuple[JSON, JSON]]  # key -> (old, new)
    references: tuple[tuple[str, str], ...]  # (address, added or removed or changed)

    def document(self) -> dict[str, JSON]:
        return {
            "old": self.old,
            "new": self.new,
            "files": [
                {
                    "path": change.path,
                    "change": change.change,
                    "old_size": change.old_size,
                    "new_size": change.new_size,
                    "tensors": [
                        {"name": t.name, "change": t.change, "old": t.old, "new": t.new} for t in change.tensors
                    ],
                }
                for change in self.files
            ],
            "unchanged": self.unchanged,
            "metadata": {key: {"old": old, "new": new} for key, (old, new) in self.metadata.items()},
            "references": [{"uri": uri, "change": change} for uri, change in self.references],
        }


def compare(repository: ArtifactRepository, old: Version, new: Version, *, tensors: bool = True) -> Difference:
    """:param tensors: look inside ``.safetensors`` and ``.npz`` files that have changed."""
    before, after = repository.manifest(old), repository.manifest(new)
    olds = {entry.path: entry for entry in before.files}
    news = {entry.path: entry for entry in after.files}
    changes, unchanged = [], 0
    for path in sorted({*olds, *news}):
        one, other = olds.get(path), news.get(path)
        if one is not None and other is not None and one.digest == other.digest:
            unchanged += 1
            continue
        inside = _inside(repository, old, new, one, other) if tensors and one and other else ()
        what = "added" if one is None else "removed" if other is None else "changed"
        sizes = (one.size if one else None, other.size if other else None)
        changes.append(FileChange(path, what, *sizes, inside))
    mine, theirs = {r.uri: r for r in before.references}, {r.uri: r for r in after.references}
    references = tuple(
        (uri, "added" if uri not in mine else "removed" if uri not in theirs else "changed")
        for uri in sorted({*mine, *theirs})
        if mine.get(uri) != theirs.get(uri)
    )
    keys = sorted({*old.metadata, *new.metadata})
    metadata = {
        key: (old.metadata.get(key), new.metadata.get(key))
        for key in keys
        if (key in old.metadata, old.metadata.get(key)) != (key in new.metadata, new.metadata.get(key))
    }
    return Difference(str(old), str(new), tuple(changes), unchanged, metadata, references)


def _inside(
    repository: ArtifactRepository, old: Version, new: Version, one: FileEntry, other: FileEntry
) -> tuple[TensorChange, ...]:
    with repository.open(old, one) as before, repository.open(new, other) as after:
        mine, theirs = tensors_of(one.path, before), tensors_of(other.path, after)
        if mine is None or theirs is None:
            return ()
        names = sorted({*mine.tensors, *theirs.tensors})
        return tuple(change for name in names for change in _tensor(name, mine, theirs))


def _tensor(name: str, mine: TensorFile, theirs: TensorFile) -> list[TensorChange]:
    one, other = mine.tensors.get(name), theirs.tensors.get(name)
    if one is None or other is None:
        what = "added" if one is None else "removed"
        return [TensorChange(name, what, str(one or ""), str(other or ""))]
    if str(one) != str(other):
        return [TensorChange(name, "reshaped", str(one), str(other))]
    return [] if same_tensor(mine, theirs, name) else [TensorChange(name, "changed", str(one), str(other))]
