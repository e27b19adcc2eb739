"""What goes wrong with artifacts."""

from __future__ import annotations

from collections.abc import Sequence

from runicorn.errors import RunicornError


class ArtifactError(RunicornError):
    """Root of the errors of this plugin."""


class ArtifactNotFound(ArtifactError, LookupError):
    """No artifact, version or alias of this name."""

    def __init__(self, asked: str, why: str) -> None:
        super().__init__(f"no artifact {asked!r}: {why}")
        self.asked, self.why = asked, why


class AmbiguousArtifact(ArtifactError, LookupError):
    """A name that several types have."""

    def __init__(self, name: str, types: Sequence[str]) -> None:
        both = ", ".join(f"{kind}/{name}" for kind in types)
        super().__init__(f"{name!r} is the name of {len(types)} artifacts; say which: {both}")
        self.name, self.types = name, tuple(types)


class ArtifactInUse(ArtifactError, ValueError):
    """A version that may not be deleted, because something depends on it."""

    def __init__(self, version: str, users: Sequence[str]) -> None:
        shown = ", ".join(users[:3]) + (f" and {len(users) - 3} more" if len(users) > 3 else "")
        super().__init__(f"{version} is used by {shown}; delete those first, or force it")
        self.version, self.users = version, tuple(users)


class ArtifactDamaged(ArtifactError, ValueError):
    """Stored content that is missing, or is not what its checksum says."""

    def __init__(self, version: str, path: str, reason: str) -> None:
        super().__init__(f"{path!r} of {version} {reason}; see: runicorn artifacts fsck")
        self.version, self.path, self.reason = version, path, reason


class InvalidArtifact(ArtifactError, ValueError):
    """An artifact that cannot be stored as it is."""

    def __init__(self, artifact: str, reason: str) -> None:
        super().__init__(f"artifact {artifact!r} {reason}")
        self.artifact, self.reason = artifact, reason
