"""Readers of runs that other tools have written, one tool a folder, and ``runicorn import``."""
