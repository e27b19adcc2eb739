"""Runs into files of other formats, one format a file, and ``runicorn export``."""
