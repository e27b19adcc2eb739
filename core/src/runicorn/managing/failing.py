"""What an import does with errors of one source: they are its outcome, and stop no other."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from attrs import evolve

from ..errors import Cancelled, PluginError, RunicornError, StorageFull
from .imported import Imported

_FULL = frozenset([28, 122])  # ENOSPC, EDQUOT


def outcome_of(outcome: Imported, root: Path, plugin: Callable[[], str], work: Callable[[], Imported]) -> Imported:
    """What ``work`` returns; where it fails, ``outcome`` as failed, with the reason.

    :param plugin: whose errors those are that are none of ours.
    :raises Cancelled: somebody stopped the import.
    :raises StorageFull: the disk is full.
    """
    try:
        return work()
    except (Cancelled, StorageFull):
        raise
    except RunicornError as error:
        reason = str(error)
    except OSError as error:
        if error.errno in _FULL:
            raise StorageFull("importing", str(root), error.strerror or str(error)) from error
        reason = f"{error.filename or outcome.source}: {error.strerror or error}"
    except (ValueError, TypeError, LookupError, ArithmeticError, AttributeError, EOFError) as error:
        what = outcome.part or outcome.source
        reason = str(PluginError(plugin(), f"importing {what}", f"{type(error).__name__}: {error}"))
    return evolve(outcome, became="failed", reason=reason)
