"""Check the types of the web UI's modules, those of plugins too, with TypeScript's compiler, or say why not.

For developers: what users install needs no node. The compiler and the libraries' types are fetched by npm into
``node_modules`` here (ignored by git), at the versions that ``package.json`` pins.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

TOOLS = Path(__file__).resolve().parent
MODULES = TOOLS / "node_modules"
QUIET = ["--no-package-lock", "--no-audit", "--no-fund", "--loglevel=error"]


def main() -> int:
    npm, node = shutil.which("npm"), shutil.which("node")
    if npm is None or node is None:
        return skipped("node and npm are not installed")
    problem = installed(npm)
    if problem:
        return skipped(f"npm could not fetch the compiler: {problem}")
    compiler = MODULES / "typescript" / "bin" / "tsc"
    found = subprocess.run([node, str(compiler), "-p", str(TOOLS.parent / "jsconfig.json")], check=False)  # noqa: S603 - our own constant command
    if found.returncode == 0:
        print("Types of the web UI: no issues found (tsc --checkJs --strict)")
    return found.returncode


def installed(npm: str) -> str:
    """Make ``node_modules`` as ``package.json`` says; why that failed, or an empty text."""
    wanted = hashlib.sha256((TOOLS / "package.json").read_bytes()).hexdigest()
    stamp = MODULES / ".made-for"
    if stamp.is_file() and stamp.read_text("utf-8") == wanted:
        return ""
    command = [npm, "install", "--prefix", str(TOOLS), *QUIET]
    made = subprocess.run(command, check=False, capture_output=True, text=True)  # noqa: S603 - likewise
    if made.returncode != 0:
        return (made.stderr.strip().splitlines() or [f"exit status {made.returncode}"])[0]
    stamp.write_text(wanted, "utf-8")
    return ""


def skipped(why: str) -> int:
    """Not being able to check is no failure, unless everything is asked for."""
    print(f"Types of the web UI: SKIPPED, {why}", file=sys.stderr)
    return 1 if os.environ.get("RUNICORN_TEST_ALL") else 0


if __name__ == "__main__":
    sys.exit(main())
