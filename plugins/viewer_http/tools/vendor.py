"""Copy the libraries of the web UI out of an unpacked ``node_modules`` into ``static/vendor``.

For maintainers, when a library changes; nobody else needs node. Usage, after ``npm install`` in this folder::

    python plugins/viewer_http/tools/vendor.py plugins/viewer_http/tools/node_modules

Writes the modules, their licence texts and ``VENDOR.json``. Source map comments are dropped (the maps are not
shipped, and browsers ask for them). uPlot and flechette (which reads Arrow) are not shipped as small ES modules by
their authors; they are minified here by rolldown, flechette without what writes Arrow.
"""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

STATIC = Path(__file__).resolve().parent.parent / "src" / "runicorn_viewer_http" / "static"
VENDOR = STATIC / "vendor"
SOURCE_MAP = re.compile(rb"\s*(?://[#@]|/\*[#@])\s*sourceMappingURL=[^\n]*")
MINIFY = """
import { rolldown } from 'rolldown';
const [source, file, what] = process.argv.slice(1);
const load = (id) => (id === 'all' ? `export ${what} from ${JSON.stringify(source)};` : null);
const plugins = [{ name: 'all', resolveId: (id) => (id === 'all' ? id : null), load }];
const bundle = await rolldown({ input: 'all', plugins, treeshake: { moduleSideEffects: false } });
await bundle.write({ file, format: 'es', minify: true, comments: false });
"""


class Library(NamedTuple):
    """One file of one package, and the bare name under which modules import it (empty: a style sheet)."""

    package: str
    source: str
    name: str
    minify: str = ""  # what of it is exported, where it is minified


LIBRARIES = (
    Library("preact", "dist/preact.mjs", "preact"),
    Library("preact", "hooks/dist/hooks.mjs", "preact/hooks"),
    Library("preact", "jsx-runtime/dist/jsxRuntime.mjs", "preact/jsx-runtime"),
    Library("@preact/signals-core", "dist/signals-core.mjs", "@preact/signals-core"),
    Library("@preact/signals", "dist/signals.mjs", "@preact/signals"),
    Library("htm", "dist/htm.mjs", "htm"),
    Library("uplot", "dist/uPlot.esm.js", "uplot", minify="{ default }"),
    # not 2.7: it needs a library for maps; dist/flechette.min.js is no module
    Library("@uwdata/flechette", "dist/flechette.mjs", "@uwdata/flechette", minify="{ tableFromIPC }"),
    Library("uplot", "dist/uPlot.min.css", ""),
)


def main(modules: Path) -> None:
    """Rewrite ``static/vendor`` from the packages below ``modules``."""
    VENDOR.mkdir(parents=True, exist_ok=True)
    for old in VENDOR.iterdir():
        old.unlink()
    entries = [_vendor(modules, library) for library in LIBRARIES]
    _write(VENDOR / "VENDOR.json", entries)
    imports = {e["import"]: f"vendor/{e['file']}" for e in entries if e["import"]}
    # what plugins import is ours
    _write(STATIC / "importmap.json", {"imports": {**imports, "runicorn": "extend/host.js"}})


def _vendor(modules: Path, library: Library) -> dict[str, str]:
    package = modules / library.package
    about = json.loads((package / "package.json").read_bytes())
    stem = (library.name or library.package).removeprefix("@").replace("/", "-")
    target = VENDOR / f"{stem}-{about['version']}{'.js' if library.name else '.css'}"
    if library.minify:
        # cwd is where node looks for rolldown
        given = [str(package / library.source), str(target), library.minify]
        command = ["node", "--input-type=module", "-e", MINIFY, *given]
        subprocess.run(command, check=True, cwd=modules.parent)  # noqa: S603 - our own constant command
    else:
        target.write_bytes((package / library.source).read_bytes())
    content = SOURCE_MAP.sub(b"", target.read_bytes()).rstrip() + b"\n"
    target.write_bytes(content)
    licence = f"LICENSE-{library.package.removeprefix('@').replace('/', '-')}.txt"
    (VENDOR / licence).write_bytes((package / "LICENSE").read_bytes())
    return {
        "name": library.package,
        "version": about["version"],
        "import": library.name,
        "file": target.name,
        "sha256": hashlib.sha256(content).hexdigest(),
        "licence": about["license"],
        "licence_file": licence,
    }


def _write(path: Path, value: object) -> None:
    path.write_text(json.dumps(value, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: vendor.py NODE_MODULES (made by: npm install --prefix plugins/viewer_http/tools)")
    main(Path(sys.argv[1]).resolve())
