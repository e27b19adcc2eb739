"""What can be wrong with a file of records."""

from __future__ import annotations


class Damaged(ValueError):
    """The file is not what was written from here on; nothing behind can be trusted."""


class CutOff(ValueError):
    """The last record is not whole: its writer was killed, or still writes."""
