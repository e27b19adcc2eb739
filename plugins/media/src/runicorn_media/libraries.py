"""Libraries that the encoder needs are loaded on the thread that logs, once, the first time that a value needs them.

Programs look into ``sys.modules`` for pandas, numpy and pyarrow and take what they find: plotly, scikit-learn and
narwhals do, in calls that have nothing to do with us. Loaded on a thread beside theirs, a library is found half loaded,
and it is their call that fails. A process that is ending cannot load all of them any more, either; and one that forks
while logging is imported (Pillow does so) finds a lock that it has not taken.
"""

from __future__ import annotations

import importlib
from contextlib import suppress

#: Pillow, and what it imports by itself when it first reads or writes a picture.
PILLOW = ("PIL.Image", *(f"PIL.{kind}ImagePlugin" for kind in ("Bmp", "Gif", "Jpeg", "Png", "Ppm")))

_tried: set[str] = set()


def load_here(*names: str) -> None:
    """Have these loaded when it returns, as far as they are installed and work. Never raises."""
    for name in names:
        if name in _tried:
            continue
        with suppress(Exception):  # absent, or broken in its own way: encoding says what it misses
            importlib.import_module(name)
        _tried.add(name)
