"""Runicorn's columnar engine: an index over the run folders that answers queries, and SQL."""

__version__ = "0.1.0"
