"""The index: one DuckDB file for each root, made from what the file store tells, and made again on any doubt."""
