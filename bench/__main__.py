"""``make bench``: every figure of this checkout. ``make bench ARGS="log kill"`` measures only those."""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
PROGRAMS = (
    "log",
    "kill",
    "start",
    "console",
    "media",
    "viewer",
    "v2",
    "live",
    "ui",
    "plugins",
    "samplers",
    "size",
    "artifacts",
    "monitors",
    "environment",
    "remote",
    "imports",
    "exports",
)


def main() -> int:
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("programs", nargs="*", metavar="PROGRAM", help="of: " + ", ".join(PROGRAMS))
    chosen = parser.parse_args().programs or PROGRAMS
    worst = 0
    for name in chosen:
        print(f"\n== bench/{name}.py", flush=True)
        worst = max(worst, subprocess.run([sys.executable, str(HERE / f"{name}.py")], check=False).returncode)
    return worst


if __name__ == "__main__":
    sys.exit(main())
