"""Archives: runs as they are on disk, file by file, in one file with a manifest of hashes."""
