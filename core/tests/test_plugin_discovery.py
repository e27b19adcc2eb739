"""Finding plugins: what is read here is what the standard library finds, without importing it."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from importlib.metadata import entry_points
from pathlib import Path

import pytest
from runicorn.loader import Installed, installed_plugins

TEXT = """\
[console_scripts]
runicorn-thing = thing:main

[runicorn]
# a remark
thing = thing.plugin
with-object=thing.more : PLUGIN [extra]
 indented = thing.third

[other]
no = thing.no
"""


def install(folder: Path, name: str, text: str = TEXT, version: str = "1.2") -> Path:
    """What an installer leaves behind."""
    info = folder / f"{name.replace('-', '_')}-{version}.dist-info"
    info.mkdir(parents=True)
    (info / "entry_points.txt").write_text(text)
    (info / "METADATA").write_text(f"Metadata-Version: 2.4\nName: {name}\nVersion: {version}\n\nName: not this\n")
    return info


def names(of: str) -> list[tuple[str, str, str]]:
    return [(p.name, p.value, p.version) for p in installed_plugins() if p.distribution == of]


def test_this_environment_has_what_the_standard_library_finds() -> None:
    ours = [(plugin.name, plugin.value) for plugin in installed_plugins()]
    assert ours == sorted((entry.name, entry.value) for entry in entry_points(group="runicorn"))
    assert ours


def test_entry_points_are_read_as_the_standard_library_reads_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(tmp_path, "acme-thing")
    monkeypatch.syspath_prepend(str(tmp_path))
    expected = sorted((e.name, e.value) for e in entry_points(group="runicorn") if e.module.startswith("thing"))
    assert [name for name, _ in expected] == ["indented", "thing", "with-object"]
    found = names("acme-thing")
    assert [name for name, _, _ in found] == [name for name, _ in expected]
    assert {version for _, _, version in found} == {"1.2"}


def test_of_a_distribution_found_twice_the_first_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install(tmp_path / "later", "acme-thing", version="1.0")
    install(tmp_path / "sooner", "Acme_Thing", version="2.0")
    monkeypatch.syspath_prepend(str(tmp_path / "later"))
    monkeypatch.syspath_prepend(str(tmp_path / "sooner"))
    assert {version for _, _, version in names("Acme_Thing")} == {"2.0"}
    assert names("acme-thing") == []


def test_an_archive_on_the_path_is_left_to_the_standard_library(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    info = install(tmp_path / "wheel", "acme-zipped")
    with zipfile.ZipFile(tmp_path / "acme.zip", "w") as archive:
        for file in info.iterdir():
            archive.write(file, f"{info.name}/{file.name}")
    monkeypatch.syspath_prepend(str(tmp_path / "acme.zip"))
    assert [name for name, _, _ in names("acme-zipped")] == ["indented", "thing", "with-object"]


def test_an_object_of_a_module_is_loaded() -> None:
    from collections import abc

    assert Installed("x", "d", "1", "collections : abc.Mapping").load() is abc.Mapping
    assert Installed("x", "d", "1", "collections.abc").load() is abc


def test_discovery_does_not_import_importlib_metadata() -> None:
    program = "import sys, runicorn.loader as p; p.installed_plugins(); sys.exit('importlib.metadata' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
