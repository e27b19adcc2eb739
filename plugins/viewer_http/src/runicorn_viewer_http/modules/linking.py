"""What a module takes from others and what it gives: its text as the body of a function."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable

from attrs import frozen

from .slim import Slim

# What looks back to the beginning of the line stands behind the word: Python skips quickly to a word that comes first.
_IMPORT = re.compile(r"import(?<=^import)(?![\w$(.])(?P<what>[^\0;()]*?)(?:\bfrom)?(?P<where>\0+);?", re.MULTILINE)
_FROM = re.compile(r"export(?<=^export)(?P<what>\{[^}\0]*\}|\*)from(?P<where>\0+);?", re.MULTILINE)
_LIST = re.compile(r"export(?<=^export)(?P<what>\{[^}\0]*\});?(?!from)", re.MULTILINE)
_DEFAULT = re.compile(r"export default\b(?<=^export default)", re.MULTILINE)
_DECLARED = re.compile(
    r"export (?<=^export )(?=(?:async )?function\b\*? ?([\w$]+)|class ([\w$]+)|const ([\w$]+))", re.MULTILINE
)
_LATER = re.compile(r"import\((?<![\w$.]import\()(\0+)\)")
_ADDRESS = re.compile(r"import\.meta\.url\b(?<![\w$.]import\.meta\.url)")
_STRANGE = re.compile(r"import(?<=^import)(?![\w$(.])[^\n]*|export(?<=^export)\b[^\n]*|\$\d+", re.MULTILINE)


class Unlinkable(ValueError):
    """A module that says something which packs do not know."""


@frozen
class Reference:
    """A place in a module's text that depends on where other modules are."""

    kind: str  # "module": the object that stands for one, "later": a promise of it, "address": the address of one
    name: str


@frozen
class Linked:
    """A module of a pack."""

    imports: tuple[str, ...]  # in the order in which they run: files of the folder, or bare names
    later: tuple[str, ...]  # imported while the page runs
    takes: tuple[tuple[str, str], ...]  # (module, name)
    gives: frozenset[str]
    parts: tuple[str | Reference, ...]

    def text(self, of: Callable[[Reference], str]) -> str:
        """The body of a function that returns what the module gives."""
        return "".join(part if isinstance(part, str) else of(part) for part in self.parts)


def linked(name: str, module: Slim) -> Linked:
    """:raises Unlinkable: it imports or exports in a way that no module of the interface does."""
    link = _Linking(name, module)
    for found in _IMPORT.finditer(module.mask):
        link.take(found, found["what"].strip(), link.target(found, "where"))
    for found in _FROM.finditer(module.mask):
        link.pass_on(found, link.target(found, "where"))
    for found in _LIST.finditer(module.mask):
        link.give(found, {other: own for own, other in _pairs(found["what"])})
    for found in _DEFAULT.finditer(module.mask):
        link.give(found, {"default": "$default"}, "const $default=")
    for found in _DECLARED.finditer(module.mask):
        declared = found[1] or found[2] or found[3]
        link.give(found, {declared: declared})
    for found in _LATER.finditer(module.mask):
        link.edit(found, Reference("later", link.target(found, 1)))
    for found in _ADDRESS.finditer(module.mask):
        link.edit(found, Reference("address", name))
    return link.result()


class _Linking:
    def __init__(self, name: str, module: Slim) -> None:
        self._name, self._module = name, module
        self._edits: list[tuple[int, int, tuple[str | Reference, ...]]] = []
        self._imports: list[tuple[int, str]] = []
        self._takes: list[tuple[str, str]] = []
        self._gives: dict[str, tuple[str | Reference, ...]] = {}

    def target(self, found: re.Match[str], group: str | int) -> str:
        wanted = self._module.text[found.start(group) + 1 : found.end(group) - 1]
        if not wanted.startswith("."):
            return wanted
        return posixpath.normpath(posixpath.join(posixpath.dirname(self._name), wanted))

    def edit(self, found: re.Match[str], *new: str | Reference) -> None:
        self._edits.append((found.start(), found.end(), (*new, "\n" * found[0].count("\n"))))

    def take(self, found: re.Match[str], what: str, module: str) -> None:
        self._imports.append((found.start(), module))
        if what == "":
            self.edit(found)
        elif what.startswith("*as "):
            self.edit(found, f"const {what[4:]}=", Reference("module", module), ";")
        elif re.fullmatch(r"[\w$]+", what):
            self._takes.append((module, "default"))
            self.edit(found, f"const {what}=", Reference("module", module), ".default;")
        elif re.fullmatch(r"\{[^{}]*\}", what):
            pairs = _pairs(what)
            self._takes += ((module, own) for own, _ in pairs)
            names = ",".join(own if own == other else f"{own}:{other}" for own, other in pairs)
            self.edit(found, f"const{{{names}}}=", Reference("module", module), ";")
        else:
            raise Unlinkable(f"{self._name}: 'import {what}' takes neither names, nor a default, nor everything")

    def pass_on(self, found: re.Match[str], module: str) -> None:
        self._imports.append((found.start(), module))
        if found["what"] == "*":
            raise Unlinkable(f"{self._name}: 'export *' does not say what it gives; name it")
        for own, other in _pairs(found["what"]):
            self._takes.append((module, own))
            self._gives[other] = (f"{other}:", Reference("module", module), f".{own}")
        self.edit(found)

    def give(self, found: re.Match[str], names: dict[str, str], instead: str = "") -> None:
        self._gives.update({other: (other if own == other else f"{other}:{own}",) for other, own in names.items()})
        self.edit(found, instead)

    def result(self) -> Linked:
        parts: list[str | Reference] = []
        at = 0
        for begin, end, new in sorted(self._edits, key=lambda edit: edit[0]):
            self._check(self._module.mask[at:begin])
            parts += (self._module.text[at:begin], *new)
            at = end
        self._check(self._module.mask[at:])
        parts += (self._module.text[at:], "\nreturn{")
        for given in self._gives.values():
            parts += (*given, ",")
        parts.append("}")
        imports = tuple(dict.fromkeys(module for _, module in sorted(self._imports)))
        later = tuple(part.name for part in parts if isinstance(part, Reference) and part.kind == "later")
        return Linked(imports, later, tuple(self._takes), frozenset(self._gives), tuple(parts))

    def _check(self, rest: str) -> None:
        if wrong := _STRANGE.search(rest):
            raise Unlinkable(f"{self._name}: '{wrong[0]}' is no form that packs know")


def _pairs(braces: str) -> list[tuple[str, str]]:
    """``{a, b as c}`` as (a, a), (b, c)."""
    pairs = []
    for one in braces[1:-1].split(","):
        own, _, other = one.strip().partition(" as ")
        if own:
            pairs.append((own, other or own))
    return pairs
