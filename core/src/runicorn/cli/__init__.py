"""The command line: ``runicorn``."""

from .app import main

__all__ = ["main"]
