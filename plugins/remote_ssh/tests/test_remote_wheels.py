"""What is installed here, as wheels for the other machine."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import subprocess
import sys
import zipfile
from pathlib import Path

from runicorn_remote_ssh.viewer.wheels import everything_needed, first_party, pack


def test_an_editable_distribution_and_an_installed_one_become_wheels_that_work(tmp_path: Path) -> None:
    wheels = [pack(name, tmp_path) for name in ("runicorn-core", "attrs", "pluggy")]
    assert wheels[0].name == "runicorn_core-0.1.0-py3-none-any.whl"
    target = tmp_path / "target"
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-index", "--no-deps", "--target", str(target)]
    subprocess.run([*pip, *map(str, wheels)], check=True, capture_output=True)
    program = "import runicorn, attr, pluggy; print(runicorn.__version__, runicorn.__file__)"
    said = subprocess.run(
        [sys.executable, "-S", "-c", program], env={"PYTHONPATH": str(target)}, capture_output=True, text=True
    )
    assert said.stdout.split() == ["0.1.0", str(target / "runicorn" / "__init__.py")], said.stderr


def test_every_file_of_a_wheel_stands_in_its_record_with_its_digest(tmp_path: Path) -> None:
    for name in ("runicorn-viewer-http", "click", "orjson"):
        with zipfile.ZipFile(pack(name, tmp_path)) as wheel:
            record = next(entry for entry in wheel.namelist() if entry.endswith(".dist-info/RECORD"))
            rows = list(csv.reader(io.StringIO(wheel.read(record).decode())))
            assert sorted(row[0] for row in rows) == sorted(wheel.namelist())
            for path, digest, size in rows:
                if path == record:
                    continue
                content = wheel.read(path)
                assert (
                    digest
                    == "sha256=" + base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
                )
                assert int(size) == len(content)
            assert not [entry for entry in wheel.namelist() if "__pycache__" in entry or entry.startswith("..")]


def test_a_wheel_says_where_it_fits(tmp_path: Path) -> None:
    assert pack("orjson", tmp_path).name.split("-")[2].startswith("cp3")
    assert pack("click", tmp_path).name.endswith("-py3-none-any.whl")


def test_what_the_viewer_needs_goes_along_and_this_plugin_stays_here() -> None:
    own = first_party()
    needed = everything_needed(own)
    assert {"runicorn-core", "runicorn-viewer-http", "runicorn-storage-duckdb"} <= set(own)
    assert {"attrs", "pluggy", "starlette", "hypercorn", "h11", "duckdb", "numpy"} <= set(needed)
    assert "asyncssh" not in needed
    assert "runicorn-remote-ssh" not in needed
