"""Run the Python snippets of one Markdown file, as a reader would: ``python run_snippets.py FILE``.

Snippets below one second-level heading continue each other; a new heading starts afresh, with plugins as installed.
A snippet marked ``python no-run`` is only compiled.
"""

from __future__ import annotations

import re
import sys
import types
from collections.abc import Iterator
from pathlib import Path

from runicorn.loader import Manager, use_manager

FENCE = re.compile(r"^```(?P<language>\S*)(?P<mark>.*?)\n(?P<code>.*?)^```$", re.MULTILINE | re.DOTALL)


def sections(text: str) -> Iterator[list[re.Match[str]]]:
    """The fenced blocks of each second-level section, in order."""
    blocks = list(FENCE.finditer(text))
    inside = [range(block.start(), block.end()) for block in blocks]
    starts = [m.start() for m in re.finditer(r"^## ", text, re.MULTILINE) if not any(m.start() in r for r in inside)]
    for start, end in zip([0, *starts], [*starts, len(text)], strict=True):
        yield [block for block in blocks if start <= block.start() < end]


def run(path: Path) -> int:
    """Run every snippet of a file; whatever one raises is raised, with the file's own line numbers."""
    text = path.read_text(encoding="utf-8")
    count = 0
    for section in sections(text):
        module = types.ModuleType("snippet")
        sys.modules["snippet"] = module
        with use_manager(Manager()):
            for block in section:
                if block["language"] != "python":
                    continue
                lines_before = text.count("\n", 0, block.start("code"))
                code = compile("\n" * lines_before + block["code"], str(path), "exec", dont_inherit=True)
                if "no-run" not in block["mark"]:
                    exec(code, vars(module))
                    count += 1
    return count


if __name__ == "__main__":
    print(run(Path(sys.argv[1])), "snippets ran")
