"""Which metrics are meant."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from fnmatch import translate


def matcher(patterns: Iterable[str]) -> Callable[[str], object]:
    """Whether a name fits one of them; ``*`` and ``?`` as in file names, upper and lower case are one."""
    return re.compile("|".join(map(translate, patterns)) or r"(?!)", re.IGNORECASE).match
