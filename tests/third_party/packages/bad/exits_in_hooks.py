"""Ends the process in every hook that there is."""

import sys

from runicorn import hookspecs

RUNICORN_API = 1

for _name in [name for name, hook in vars(hookspecs).items() if hasattr(hook, "runicorn_spec")]:
    globals()[_name] = hookspecs.hookimpl(lambda: sys.exit(3))
