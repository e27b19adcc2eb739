"""Readers of runs that other tools have written, one tool a file, and ``runicorn import``."""
