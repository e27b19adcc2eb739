# entry-point: storage-jsonl
"""Has the name of one of Runicorn's own plugins."""

RUNICORN_API = 1
