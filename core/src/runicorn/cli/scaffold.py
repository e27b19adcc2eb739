"""``runicorn plugins new``: a distribution to start from, whose tests pass at once."""

from __future__ import annotations

import keyword
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from string import Template

from ..errors import InvalidArgument
from ..hookspecs import API_VERSION
from ..loader import installed_plugins

#: One folder for each kind; ``common`` belongs to all of them.
FILES = Path(__file__).parent / "scaffold_files"
KINDS = tuple(sorted(folder.name for folder in FILES.iterdir() if folder.is_dir() and folder.name != "common"))
_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")


def write_plugin(name: str, kind: str, into: Path) -> Sequence[Path]:
    """Write a new distribution into the folder ``into/name``.

    :param name: of the plugin and its distribution, e.g. ``acme-watch``.
    :param kind: one of :data:`KINDS`.
    :returns: the files that were written.
    :raises InvalidArgument: the name cannot be used, or something stands there already. Nothing was written.
    """
    words = _words(name)
    folder = into / name
    if folder.exists() and any(folder.iterdir()):
        raise InvalidArgument("name", name, f"would overwrite {folder}; give another name or folder")
    written = []
    for part in ("common", kind):
        for template in sorted((FILES / part).rglob("*.tmpl")):
            place = template.relative_to(FILES / part).as_posix().replace("PACKAGE", words["package"])
            path = folder / place.removesuffix(".tmpl")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(Template(template.read_text(encoding="utf-8")).substitute(words), encoding="utf-8")
            written.append(path)
    return written


def _words(name: str) -> dict[str, str]:
    """What templates are filled with."""
    package = name.replace("-", "_")
    if not _NAME.fullmatch(name):
        raise InvalidArgument("name", name, "must be small letters, digits and dashes, e.g. acme-watch")
    if keyword.iskeyword(package) or package in sys.stdlib_module_names or package == "runicorn":
        raise InvalidArgument("name", name, "is taken by Python or Runicorn; begin with your own, e.g. acme-" + name)
    if any(plugin.name == name for plugin in installed_plugins()):
        raise InvalidArgument("name", name, "is the name of a plugin that is installed; two of one name conflict")
    title = "".join(part.capitalize() for part in name.split("-"))
    return {"name": name, "package": package, "Title": title, "api": str(API_VERSION)}
