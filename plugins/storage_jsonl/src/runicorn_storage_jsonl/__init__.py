"""The run folder of Runicorn: JSON lines, one writer per file, nothing but files."""

__version__ = "0.1.0"
