"""``register_importers``: which plugin reads a file or folder, and reading it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import ImportProblem, PluginError, RunicornError
from ..loader import manager
from .calling import Offers, offers
from .formats import chosen_options, no_such_format, with_options

if TYPE_CHECKING:
    from ..contracts import Importer, RunSource


def importers() -> Offers[Importer]:
    """Every importer of the active plugins, by name."""
    return offers(
        "register_importers",
        "importer",
        lambda result: with_options(result, "title", "sniff", "read"),
        lambda name, _: f"importer {name}",
    )


def importer_for(path: Path, name: str | None = None) -> Importer:
    """The importer of this name, or the one that is surest that it reads what lies there.

    :raises ImportProblem: nothing lies there, no importer takes it, or several take it equally.
    :raises InvalidArgument: there is no such importer.
    :raises PluginConflict: several plugins provide it, and nothing is preferred.
    """
    known = importers()
    if name is not None:
        chosen = known.get(name)
        if chosen is None:
            raise no_such_format("from", name, "importer", known)
    if not path.exists():
        raise ImportProblem(str(path), "there is no such file or folder")
    if name is not None:
        assert chosen is not None
        return chosen
    sure = {each: _sniffed(known, each, path) for each in sorted(known)}
    best = max(sure.values(), default=0.0)
    fitting = [each for each, fits in sure.items() if fits == best]
    if best <= 0:
        raise ImportProblem(str(path), f"nothing here reads this; there are importers for: {_titles(known)}")
    if len(fitting) > 1:
        raise ImportProblem(str(path), f"this could be several things; say which with --from: {', '.join(fitting)}")
    return known[fitting[0]]


def _sniffed(known: Offers[Importer], name: str, path: Path) -> float:
    """0 for an importer that cannot tell."""
    try:
        return float(known[name].sniff(path))
    except Exception as error:
        if manager().strict:
            raise
        manager().record_error(known.owner(name), f"sniffing {path}", error)
        return 0.0


def read_source(importer: Importer, path: Path, options: Mapping[str, Any] | None = None) -> Iterator[RunSource]:
    """The runs that an importer finds.

    :param options: field name of the importer's options -> value, or its text.
    :raises InvalidArgument: an option is unknown or unusable.
    :raises ImportProblem: what lies there is damaged.
    :raises PluginError: the importer failed.
    """
    return _read(importer, path, chosen_options(importer, options))


def _read(importer: Importer, path: Path, options: Any) -> Iterator[RunSource]:
    try:
        yield from importer.read(path, options)
    except (RunicornError, GeneratorExit):
        raise
    except OSError as error:
        raise ImportProblem(str(error.filename or path), error.strerror or str(error)) from error
    except Exception as error:
        owner = importers().owner(importer.name)
        raise PluginError(owner, f"importing {importer.name}", f"{type(error).__name__}: {error}") from error


def _titles(known: Mapping[str, Importer]) -> str:
    return ", ".join(known[name].title for name in sorted(known)) or "nothing"
