"""Asks for a name that Runicorn does not have."""

from runicorn.hookspecs import hook_of_tomorrow  # type: ignore[attr-defined]  # noqa: F401  (that is what is bad)

RUNICORN_API = 1
