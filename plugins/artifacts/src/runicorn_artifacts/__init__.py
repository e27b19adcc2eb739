"""Artifacts: versions of models and data, stored once by content, with aliases, stages and lineage."""

__version__ = "0.1.0"
