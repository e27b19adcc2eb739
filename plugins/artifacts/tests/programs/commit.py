"""Commits one file as the next version; killed by a test at a random moment."""

import sys
from pathlib import Path

import runicorn as rn

name, file = sys.argv[1], Path(sys.argv[2])
print("ready", flush=True)
version = rn.log_artifact(rn.Artifact(name).add_file(file))
print(version.version, flush=True)
