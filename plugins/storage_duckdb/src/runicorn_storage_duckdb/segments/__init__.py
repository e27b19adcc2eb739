"""Sealed runs: event and log files as Parquet segments inside the run folder, and back again byte for byte."""
