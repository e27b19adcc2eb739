"""The run folder of Runicorn: JSON lines, one writer per file, nothing but files."""
