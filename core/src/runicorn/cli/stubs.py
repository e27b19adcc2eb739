"""``runicorn plugins stubs``: what type checkers and editors need to know the names that plugins add."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

from ..hooks import api_targets

PACKAGE = "runicorn-stubs"  # where PEP 561 has type checkers look first; "partial": for the rest, in the package itself

_HEAD = '''\
"""Runicorn with the names that plugins add. Written by: runicorn plugins stubs"""

from collections.abc import Callable
from typing import Any, Concatenate, ParamSpec, TypeVar

'''
_FUNCTIONS = """
_P = ParamSpec("_P")
_R = TypeVar("_R")

def _gives_run(function: Callable[_P, object]) -> Callable[_P, Run]: ...
def _may_give_run(function: Callable[_P, object]) -> Callable[_P, Run | None]: ...
def _on_active_run(method: Callable[Concatenate[Any, _P], _R]) -> Callable[_P, _R | None]: ...
"""


def write_stubs(folder: Path) -> Path:
    """Write the stub package for the plugins that are active now, over an older one.

    :param folder: one in which type checkers look for packages: the interpreter's site-packages.
    :returns: the stub of ``runicorn``.
    """
    package = folder / PACKAGE
    package.mkdir(parents=True, exist_ok=True)
    (package / "py.typed").write_text("partial\n")
    stub = package / "__init__.pyi"
    stub.write_text(stub_text(api_targets()), encoding="utf-8")
    return stub


def stub_text(targets: Mapping[str, str]) -> str:
    """The stub of ``runicorn``.

    :param targets: name -> ``module:object``, as ``register_api`` gives them.
    """
    users: Any = import_module("runicorn")
    public = users.__all__
    own = {name: getattr(users, name).__module__ for name in public}
    private = {"Run", "init", "get_active_run"}
    imports = [_import(own[name], name, f"_{name}" if name in private else name) for name in public]
    methods = {name.removeprefix("Run."): place for name, place in targets.items() if name.startswith("Run.")}
    names = {name: place for name, place in targets.items() if not name.startswith("Run.") and name not in public}
    imports += _imports(names, "") + _imports(methods, "_method_")
    lines = [*sorted(imports), "", "__version__: str", "", "class Run(_Run):", "    def __enter__(self) -> Run: ..."]
    lines += [f"    {name} = _method_{name}" for name in sorted(methods)]
    made = ["", "init = _gives_run(_init)", "get_active_run = _may_give_run(_get_active_run)"]
    made += [f"{name} = _on_active_run(_method_{name})" for name in sorted(set(methods) - set(names) - set(public))]
    return _HEAD + "\n".join(lines) + "\n" + _FUNCTIONS + "\n".join(made) + "\n"


def _imports(targets: Mapping[str, str], prefix: str) -> list[str]:
    parts = {name: place.partition(":") for name, place in targets.items()}
    return [_import(module, attribute, prefix + name) for name, (module, _, attribute) in parts.items()]


def _import(module: str, attribute: str, name: str) -> str:
    return f"from {module} import {attribute} as {name}"
