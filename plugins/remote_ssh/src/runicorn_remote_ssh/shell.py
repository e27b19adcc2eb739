"""Command lines that every login shell reads alike: sh, bash, zsh, fish, csh and tcsh.

SSH hands a command to the user's login shell as one string. Plain text stands between single quotes, which all of them
take as it is; the three characters that one of them does not are written outside.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from runicorn.errors import InvalidArgument

_WORD = re.compile(r"[A-Za-z0-9_./:=,@%+-]+", re.ASCII)
_OUTSIDE = {"'": '"\'"', "\\": "\\\\", "!": "\\!"}


def quoted(argument: str) -> str:
    """One argument.

    :raises InvalidArgument: it holds a line break or NUL, which csh can not be given.
    """
    if any(c in argument for c in "\n\r\0"):
        raise InvalidArgument("argument", argument, "holds a line break")
    if _WORD.fullmatch(argument) and not argument.startswith(("=", "%")):
        return argument
    pieces = re.split(r"(['\\!])", argument)
    return "".join(_OUTSIDE.get(piece) or (f"'{piece}'" if piece else "") for piece in pieces) or "''"


def command_line(argv: Sequence[str], mark: str) -> str:
    """Runs ``argv`` in the shell's place, after a line of its own, before which everything is the shell's noise."""
    return f"echo {mark}; exec {' '.join(map(quoted, argv))}"
