# package: runicorn_storage_jsonl
"""Has the package of one of Runicorn's own plugins: its files hide the others."""

RUNICORN_API = 1
