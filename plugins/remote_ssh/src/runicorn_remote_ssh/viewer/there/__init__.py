"""Programs that run on the other machine: sent as text, run by whatever Python is there.

Each file stands alone, uses the standard library, and is written so that Python 3.5 can read it.
"""

from __future__ import annotations

import shlex
from importlib.resources import files


def source(name: str) -> str:
    """The text of one of them."""
    return (files(__package__) / (name + ".py")).read_text("utf-8")


_FIND = """\
set -f
for p in python3 python3.14 python3.13 python3.12 python3.11 python3.10 python3.9 \\
    "$HOME/.local/bin/python3" "$HOME/miniconda3/bin/python3" "$HOME/anaconda3/bin/python3" \\
    "$HOME/miniforge3/bin/python3" "$HOME/mambaforge/bin/python3" /opt/conda/bin/python3 \\
    /usr/local/bin/python3 /opt/homebrew/bin/python3 python; do
    if "$p" -c 'import sys; sys.exit(sys.version_info < (3, 5))' >/dev/null 2>&1 </dev/null; then
        exec "$p" - {arguments} <<'{end}'
{program}
{end}
    fi
done
echo {mark}none{mark}
"""


def shell_script(name: str, mark: str, *arguments: str) -> bytes:
    """One of them for ``sh``, which finds the Python to run it with; prints ``none`` between marks where there is none.

    :param mark: letters and digits that stand for nothing else in what is printed.
    """
    quoted = " ".join(shlex.quote(argument) for argument in (mark, *arguments))
    text = _FIND.format(arguments=quoted, program=source(name), mark=mark, end=f"END{mark}")
    return text.encode("utf-8", "surrogateescape")
