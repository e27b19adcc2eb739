"""SQL over the runs of a root: read-only, over views, on the index."""
