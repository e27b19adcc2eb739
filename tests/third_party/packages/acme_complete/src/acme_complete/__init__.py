"""Everything that a third party can add to Runicorn."""

__version__ = "1.4.2"
