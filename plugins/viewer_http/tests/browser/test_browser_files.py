"""What the browser is given: vendored libraries, modules that exist."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path

import pytest
import runicorn_viewer_http

STATIC = Path(runicorn_viewer_http.__file__).parent / "static"
MODULES = sorted(path for path in STATIC.rglob("*.js") if "vendor" not in path.parts)


def test_vendored_files_are_those_that_were_vendored() -> None:
    entries = json.loads((STATIC / "vendor" / "VENDOR.json").read_bytes())
    for entry in entries:
        content = (STATIC / "vendor" / entry["file"]).read_bytes()
        assert hashlib.sha256(content).hexdigest() == entry["sha256"], entry["file"]
        assert b"sourceMappingURL" not in content
        assert (STATIC / "vendor" / entry["licence_file"]).is_file()
    listed = {entry[key] for entry in entries for key in ("file", "licence_file")} | {"VENDOR.json"}
    assert {path.name for path in (STATIC / "vendor").iterdir()} == listed


def test_the_import_map_and_the_page_name_files_that_exist() -> None:
    names = json.loads((STATIC / "importmap.json").read_bytes())["imports"]
    page = (STATIC / "index.html").read_text("utf-8")
    for file in [*names.values(), *re.findall(r"\{\{base\}\}/([^\"]+)", page)]:
        assert (STATIC / file).is_file(), file


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.relative_to(STATIC).as_posix())
def test_a_module_is_small_and_imports_what_exists(module: Path) -> None:
    text = module.read_text("utf-8")
    names = json.loads((STATIC / "importmap.json").read_bytes())["imports"]
    assert text.count("\n") < 300
    for target in re.findall(r"(?:\bfrom\s*|(?:^|[^.\w])import\s*\(?)'([\w./@-]+)'", text):
        file = module.parent / f"{target}.d.ts" if target.endswith("/types") else module.parent / target
        assert target in names or file.resolve().is_file(), target
