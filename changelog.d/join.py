"""Join the changelog fragments of this folder into one section of Markdown, on standard output."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

KINDS = {
    "security": "Security",
    "removed": "Removed",
    "changed": "Changed",
    "added": "Added",
    "fixed": "Fixed",
}


def join(fragments: Iterable[Path]) -> str:
    """The fragments under one heading for each kind, by file name.

    :raises ValueError: a file's name has no known kind, or its text is empty or not a plain paragraph.
    """
    texts: dict[str, list[str]] = {kind: [] for kind in KINDS}
    for path in sorted(fragments):
        kind = path.suffixes[-2].removeprefix(".") if len(path.suffixes) >= 2 else ""
        if kind not in KINDS:
            raise ValueError(f"{path.name} must be named <short-name>.<kind>.md with a kind of {', '.join(KINDS)}")
        text = " ".join(path.read_text(encoding="utf-8").split())
        if not text or text[0] in "#-*":
            raise ValueError(f"{path.name} must hold one paragraph without heading or bullet")
        texts[kind].append(text)
    sections = [
        f"### {KINDS[kind]}\n\n" + "\n".join(f"- {text}" for text in lines) for kind, lines in texts.items() if lines
    ]
    return "\n\n".join(["## Unreleased", *sections]) + "\n"


def fragments_of(folder: Path) -> list[Path]:
    return [path for path in folder.glob("*.md") if path.name != "README.md"]


if __name__ == "__main__":
    try:
        sys.stdout.write(join(fragments_of(Path(__file__).parent)))
    except ValueError as error:
        sys.exit(f"error: {error}")
