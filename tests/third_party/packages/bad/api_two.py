"""Was written for hooks that do not exist yet."""

RUNICORN_API = 2
