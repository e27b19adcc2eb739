"""Modules that load together, as one module: each is a function of its own, in the order in which they would run.

::

    import * as $0 from "preact";
    const $1=(()=>{const{h}=$0; ... return{html,}})();
    const $2=(()=>{const{html}=$1; ... return{Home,}})();
    export const modules={"pages/home.js":$2,};

What a page imports at once is one pack; what it imports later is another, or several where they share nothing. A module
is in one pack only, so that its state exists once.
"""

from __future__ import annotations

import json
import posixpath
from collections.abc import Callable, Iterable, Mapping, Sequence

from attrs import frozen

from .linking import Linked, Reference, Unlinkable, linked
from .slim import Unclear, slim
from .source_map import source_map


@frozen
class Pack:
    """One address."""

    text: str
    members: tuple[str, ...]
    origins: tuple[tuple[int, int] | None, ...]  # of each line: the number of its member, and its line there

    def source_map(self, sources: Mapping[str, str]) -> str:
        return source_map({name: sources[name] for name in self.members}, self.origins)


@frozen
class Packed:
    """All modules that can be reached from the first ones."""

    packs: Mapping[str, Pack]  # by address: that of a member which is asked for first
    stubs: Mapping[str, str]  # address of a public member -> a module that gives what it gives


def pack(sources: Mapping[str, str], entry: str, public: Sequence[str] = ()) -> Packed:
    """Pack all that ``entry`` reaches, and the ``public`` modules, which others may import at their own addresses.

    :raises Unclear, Unlinkable: naming the module that cannot be packed.
    """
    modules: dict[str, Linked] = {}

    def read(name: str) -> Linked | None:
        if name in sources and name not in modules:
            try:
                modules[name] = linked(name, slim(sources[name]))
            except Unclear as error:
                raise Unclear(f"{name}: {error}") from error
        return modules.get(name)

    first = _ordered([entry, *public], read, set())
    members = {entry: first}
    members.update(_groups([one for name in first for one in modules[name].later], read, set(first), modules))
    home = {name: address for address, names in members.items() for name in names}
    _check(modules)
    shared = {*public, *(name for module in modules.values() for name in module.later)}
    for name, module in modules.items():
        shared.update(one for one in module.imports if one in home and home[one] != home[name])
    packs = {}
    for address, names in members.items():
        packs[address] = _Writer(address, names, modules, home, shared).write()
    stubs = {name: _stub(name, home[name], modules[name]) for name in public if name in home and name not in packs}
    return Packed(packs, stubs)


def _ordered(entries: Iterable[str], read: Callable[[str], Linked | None], known: set[str]) -> list[str]:
    """Modules after those that they import, without the known ones."""
    order: list[str] = []
    open_: list[str] = []

    def visit(name: str) -> None:
        if name in known or name in order:
            return
        if name in open_:
            raise Unlinkable("modules import each other in a circle: " + ", ".join(open_[open_.index(name) :]))
        module = read(name)
        if module is None:  # a bare name, or a file that is not there: the browser asks for it
            return
        open_.append(name)
        for one in module.imports:
            visit(one)
        open_.pop()
        order.append(name)

    for entry in entries:
        visit(entry)
    return order


def _groups(
    later: list[str], read: Callable[[str], Linked | None], first: set[str], modules: Mapping[str, Linked]
) -> dict[str, list[str]]:
    """What is imported later, in groups that share nothing but what is there from the beginning."""
    groups: list[tuple[list[str], set[str]]] = []  # (entries, closure)
    waiting, seen = list(later), set(first)
    while waiting:
        entry = waiting.pop(0)
        if entry in seen or read(entry) is None:
            continue
        seen.add(entry)
        closure = set(_ordered([entry], read, first))
        waiting += [one for name in closure for one in modules[name].later]
        entries = [entry]
        for group in [group for group in groups if group[1] & closure]:
            groups.remove(group)
            entries = [*group[0], *entries]
            closure |= group[1]
        groups.append((entries, closure))
    return {min(entries): _ordered(sorted(entries), read, first) for entries, _ in groups}


def _check(modules: Mapping[str, Linked]) -> None:
    """Without this, a name that a module does not give would be ``undefined`` instead of an error."""
    for name, module in modules.items():
        for other, taken in module.takes:
            if other in modules and taken not in modules[other].gives:
                raise Unlinkable(f"{name} imports '{taken}', which {other} does not give")


class _Writer:
    def __init__(
        self,
        address: str,
        names: list[str],
        modules: Mapping[str, Linked],
        home: Mapping[str, str],
        shared: set[str],
    ) -> None:
        self._address, self._names, self._modules = address, names, modules
        self._home, self._shared = home, shared
        self._numbers: dict[str, str] = {}

    def write(self) -> Pack:
        members = set(self._names)
        outside = dict.fromkeys(one for name in self._names for one in self._modules[name].imports)
        head: list[str] = []
        elsewhere: dict[str, list[str]] = {}
        for name in outside:
            if name in self._home and name not in members:
                elsewhere.setdefault(self._home[name], []).append(name)
            elif name not in members:
                head.append(f"import*as {self._number(name)} from{json.dumps(self._relative(name))};")
        for address, names in elsewhere.items():
            other = self._number(f"pack {address}")
            taken = ",".join(f"{json.dumps(name)}:{self._number(name)}" for name in names)
            head.append(
                f"import{{modules as {other}}}from{json.dumps(self._relative(address))};const{{{taken}}}={other};"
            )
        lines = ["".join(head)]
        origins: list[tuple[int, int] | None] = [None]
        for index, name in enumerate(self._names):
            body = self._modules[name].text(self._expression).split("\n")
            lines.append(f"const {self._number(name)}=(()=>{{{body[0]}")
            lines += body[1:]
            lines[-1] += "})();"
            origins += [(index, line) for line in range(len(body) - 1)]
            origins.append(None)
        given = ",".join(f"{json.dumps(name)}:{self._number(name)}" for name in self._names if name in self._shared)
        lines.append(f"export const modules={{{given}}};")
        lines.append(f"//# sourceMappingURL={posixpath.basename(self._address)}.map")
        return Pack("\n".join(lines), tuple(self._names), tuple(origins))

    def _number(self, name: str) -> str:
        return self._numbers.setdefault(name, f"${len(self._numbers)}")

    def _expression(self, reference: Reference) -> str:
        if reference.kind == "module":
            return self._number(reference.name)
        if reference.kind == "address":
            return f"new URL({json.dumps(self._relative(reference.name))},import.meta.url).href"
        home = self._home.get(reference.name)
        if home is None:
            return f"import({json.dumps(self._relative(reference.name))})"
        return f"import({json.dumps(self._relative(home))}).then((pack)=>pack.modules[{json.dumps(reference.name)}])"

    def _relative(self, name: str) -> str:
        return relative(name, self._address) if name.endswith(".js") else name


def _stub(name: str, home: str, module: Linked) -> str:
    own = ",".join(one for one in sorted(module.gives) if one != "default")
    default = "export default $0.default;" if "default" in module.gives else ""
    return (
        f"import{{modules}}from{json.dumps(relative(home, name))};const $0=modules[{json.dumps(name)}];"
        f"export const{{{own}}}=$0;{default}"
    )


def relative(name: str, address: str) -> str:
    """How a module at ``address`` names the file ``name`` of the same folder."""
    found = posixpath.relpath(name, posixpath.dirname(address) or ".")
    return found if found.startswith(".") else f"./{found}"
