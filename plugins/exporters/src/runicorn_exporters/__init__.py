"""Runs as files of other formats. Used as ``runicorn export``."""

__version__ = "0.1.0"
