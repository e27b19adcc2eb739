"""Text as it is printed becomes lines as a person saw them in the end."""

from __future__ import annotations

import re

MOST = 65_536  # characters of one line
ROWS = 64  # of progress bars below each other
_MOVES = re.compile(r"(\r|\n|\x1b\[\d*A)")


class Folder:
    """One stream of text. A carriage return begins the line anew, so of a progress bar its last state is kept.

    Bars below each other move the cursor up; once a stream has done so, its bars are followed row by row. Colours and
    every other sequence stay in the text. Not for several threads.
    """

    def __init__(self, unfinished_after_s: float) -> None:
        self._after_s = unfinished_after_s
        self.ups = False  # the cursor has been moved up in this stream
        self._clear()

    def _clear(self) -> None:
        self._rows = [""]  # what is held back: the last row is not finished, those before it may be drawn again
        self._bars = [False]  # which of them were drawn after a carriage return
        self._at = 0
        self._by = ""  # what brought the cursor to the beginning of its row; the next text replaces the row
        self._since: float | None = None  # when what is held back began

    def feed(self, text: str, now: float) -> list[str]:
        """The lines that are complete with this text.

        :param now: seconds, on any clock that goes on.
        """
        if self._since is None and "\r" not in text and "\x1b[" not in text:
            *lines, rest = text.split("\n")
            if rest:
                self._rows, self._since = [rest[:MOST]], now
            return [line[:MOST] for line in lines]
        lines = []
        for piece in _MOVES.split(text):
            if piece == "\n":
                self._down(lines)
            elif piece == "\r":
                self._by = piece
            elif piece.startswith("\x1b[") and _MOVES.fullmatch(piece):
                self._at = max(0, self._at - int(piece[2:-1] or 1))
                self.ups = True
            elif piece:
                self._write(piece)
        if self._rows == [""] and not self._by:
            self._since = None
        elif self._since is None or lines:
            self._since = now
        elif now - self._since >= self._after_s:
            lines += self._shown()
            self._since = now
            if not any(self._bars):  # what follows stands in a line of its own
                self._clear()
        return lines

    def at_rest(self) -> list[str]:
        """Bars that are held back below which the cursor stands: somebody else prints, so they are done."""
        if len(self._rows) == 1 or self._by != "\n" or self._at < len(self._rows) - 1:
            return []
        return self.close()

    def close(self) -> list[str]:
        """What is left at the end."""
        lines = self._shown()
        self._clear()
        return lines

    def _write(self, text: str) -> None:
        row = self._rows[self._at]
        if self._by:
            row, self._bars[self._at] = "", self._by == "\r"
            self._by = ""
        self._rows[self._at] = (row + text)[:MOST]

    def _down(self, lines: list[str]) -> None:
        if self._at < len(self._rows) - 1:
            self._at += 1
            self._by = "\n"
        elif self.ups and self._bars[self._at] and len(self._rows) < ROWS:
            self._rows.append("")
            self._bars.append(False)
            self._at += 1
            self._by = "\n"
        else:
            lines += [_tidy(row) for row in self._rows[:-1] if row.strip()]
            lines.append(_tidy(self._rows[-1]) if self._bars[-1] else self._rows[-1])
            self._clear()

    def _shown(self) -> list[str]:
        return [_tidy(row) for row in self._rows if row.strip()]


def _tidy(row: str) -> str:
    """Without the spaces that wiped out an older, longer state."""
    return row.rstrip()
