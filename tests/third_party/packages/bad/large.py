"""Takes 200 MB of memory when it is imported."""

RUNICORN_API = 1

ballast = bytearray(b"x" * 200_000_000)
