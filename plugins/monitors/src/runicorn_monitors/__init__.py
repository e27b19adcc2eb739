"""Alerts for Runicorn. Used as ``run.alert``, and by itself while values are logged."""

__version__ = "0.1.0"
