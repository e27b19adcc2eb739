"""Runicorn: a local-first experiment tracker, built as a plugin framework."""

__version__ = "0.1.0"
