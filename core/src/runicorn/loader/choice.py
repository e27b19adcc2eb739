"""Which of the installed plugins are loaded: decided from metadata and rules, before anything is imported."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from importlib.machinery import PathFinder

from attrs import frozen

from .discovery import Installed
from .records import State
from .rules import Rules


@frozen
class Choice:
    """What is to become of one installed plugin. ``state`` None: it is loaded."""

    plugin: Installed
    state: State | None = None
    reason: str = ""


def choose(installed: Iterable[Installed], rules: Rules) -> Sequence[Choice]:
    """Apply the switches, then let ``plugins.prefer`` decide where two distributions claim one name or one package.

    Nobody has a privilege: where nothing is preferred, none of them is loaded.
    """
    choices = []
    for plugin in installed:
        against = rules.reason_against(plugin.name)
        choices.append(Choice(plugin, "disabled", against.removeprefix("disabled ")) if against else Choice(plugin))
    choices = _settle(choices, rules, "plugin")
    return _settle(choices, rules, "package")


def _settle(choices: Sequence[Choice], rules: Rules, what: str) -> list[Choice]:
    claims: dict[str, list[Installed]] = {}
    for choice in choices:
        if choice.state is None:
            claimed = choice.plugin.name if what == "plugin" else choice.plugin.package
            claims.setdefault(claimed, []).append(choice.plugin)
    verdicts: dict[int, Choice] = {}
    for claimed, rivals in claims.items():
        distributions = sorted({plugin.distribution for plugin in rivals})
        if len(distributions) < 2 or (what == "package" and not _one_folder(claimed)):
            continue
        preferred = rules.prefer.get(claimed)
        for plugin in rivals:
            verdicts[id(plugin)] = _verdict(plugin, what, claimed, distributions, preferred)
    return [verdicts.get(id(choice.plugin), choice) if choice.state is None else choice for choice in choices]


def _verdict(plugin: Installed, what: str, claimed: str, rivals: Sequence[str], preferred: str | None) -> Choice:
    if preferred not in rivals:
        both = " and ".join(rivals)
        return Choice(
            plugin, "conflicting", f"{what} {claimed!r} is declared by {both}; set plugins.prefer.{claimed} to one"
        )
    if plugin.distribution == preferred:
        return Choice(plugin)
    return Choice(plugin, "disabled", f"by plugins.prefer.{claimed}, which chose {preferred}")


def _one_folder(package: str) -> bool:
    """Whether this package is one folder, so that the files of one distribution hide those of the other.

    Namespace packages are many folders under one name: nobody hides anybody there.
    """
    try:
        spec = PathFinder.find_spec(package)
    except (ImportError, ValueError):
        return True
    return spec is None or spec.origin is not None
