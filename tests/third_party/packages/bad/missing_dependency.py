"""Needs a library that nobody has installed."""

import surely_not_installed_anywhere  # type: ignore[import-not-found]  # noqa: F401  (that is what is bad)

RUNICORN_API = 1
