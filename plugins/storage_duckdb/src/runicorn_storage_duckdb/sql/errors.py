"""What DuckDB says about a statement, in one sentence."""

from __future__ import annotations

import re

from runicorn.errors import RunicornError

_KIND = re.compile(r"^(Parser|Binder|Catalog|Permission|Invalid Input|Conversion|Out of Range) Error: ")
_LINE = re.compile(r"^LINE (\d+): ", re.MULTILINE)

_MISSING = re.compile(r"Table with name (\S+) does not exist!")


class SqlError(RunicornError, ValueError):
    """A statement that cannot be run. ``line`` and ``column`` count from 1, 0 where they are unknown."""

    def __init__(self, reason: str, line: int = 0, column: int = 0) -> None:
        at = f" at line {line}, column {column}" if line and column else f" in line {line}" if line else ""
        super().__init__(f"the SQL statement fails{at}: {reason}")
        self.reason, self.line, self.column = reason, line, column


def sql_error(message: str, statement: str = "") -> SqlError:
    """DuckDB's message, with its drawing of the place as numbers."""
    shown = _LINE.search(message)
    words = " ".join((message[: shown.start()] if shown else message).split())
    words = _KIND.sub("", words).partition(" Possible solutions:")[0].partition(" Please try installing")[0]
    if missing := _MISSING.match(words):
        words = f"{missing[0]} {_meant(missing[1])}"
    if shown is None:
        return SqlError(words)
    line = int(shown[1])
    drawn = message[shown.start() :].split("\n")
    text, caret = drawn[0][len(shown[0]) :], drawn[1].find("^") - len(shown[0]) if len(drawn) > 1 else -1
    column = 0
    if caret >= 0:
        lines = statement.split("\n")
        whole = lines[line - 1] if line <= len(lines) else ""
        # Long lines are cut on both sides for the drawing.
        begin = 0
        if text.startswith("..."):
            begin = max(0, whole.find(text[3:].removesuffix("..."))) - 3
        column = begin + caret + 1
    return SqlError(words, line, column)


def _meant(name: str) -> str:
    """The view that is most like a name; DuckDB would tell of its own tables, too."""
    from difflib import get_close_matches

    from runicorn.hooks import sql_views

    from .views import READ, VIEWS

    views = sorted({*VIEWS, *READ, *sql_views()})
    close = get_close_matches(name.lower(), views, 1)
    return f'Did you mean "{close[0]}"?' if close else f"There are: {', '.join(views)}"
