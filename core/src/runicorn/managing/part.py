"""What comes beside runs: files of an archive go to the plugin that put them there, artifacts to who keeps such."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from attrs import evolve

from ..errors import Cancelled, PluginError, RunicornError, StorageFull
from ..hooks import archive_parts
from .imported import Became, Imported
from .incoming import IncomingRun
from .keeping import keep_artifacts
from .staging import staging

if TYPE_CHECKING:
    from ..contracts import RunSource


def bring_part(root: Path, source: RunSource, preview: bool, told: Callable[[int], None]) -> Imported:
    """Read the part, and let its plugin place what is not there yet.

    In a preview everything is read and compared; what would be new is not known before it is placed.
    """
    name = source.head.part
    outcome = Imported(source.head.source, "", "added", part=name)
    part = archive_parts().get(name)
    if part is None:
        return evolve(outcome, became="skipped", reason=f"no active plugin brings in {name}")
    try:
        if preview:
            incoming = IncomingRun(None, told)
            source.read(incoming)
            return evolve(outcome, bytes=incoming.bytes)
        with staging(root) as beside:
            folder = beside / "run"
            folder.mkdir()
            incoming = IncomingRun(folder, told)
            source.read(incoming)
            placed = part.place(root, folder)
    except (Cancelled, StorageFull):
        raise
    except (RunicornError, OSError) as error:
        return evolve(outcome, became="failed", reason=str(error))
    except (ValueError, TypeError, LookupError, AttributeError) as error:
        said = PluginError(archive_parts().owner(name), f"importing {name}", f"{type(error).__name__}: {error}")
        return evolve(outcome, became="failed", reason=str(said))
    became = outcome.became if placed.added else "there"
    return evolve(outcome, became=became, bytes=incoming.bytes, told=tuple(placed.told))


def bring_runless(root: Path, source: RunSource, preview: bool, told: Callable[[int], None]) -> Imported:
    """Keep artifacts that no run has made."""
    outcome = Imported(source.head.source, "", "added", part="artifacts")
    incoming = IncomingRun(None, told)
    try:
        source.read(incoming)
        fresh = len(incoming.artifacts) if preview else keep_artifacts(root, None, incoming)
    except (Cancelled, StorageFull):
        raise
    except (RunicornError, OSError, ValueError, TypeError, LookupError, AttributeError) as error:
        return evolve(outcome, became="failed", reason=str(error))
    left_out = dict(sorted(incoming.omitted.items()))
    became: Became = "added" if fresh else "there"
    return evolve(outcome, became=became, artifacts=len(incoming.artifacts), left_out=left_out)
