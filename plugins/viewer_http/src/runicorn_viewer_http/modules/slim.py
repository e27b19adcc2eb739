"""A module without comments and without space that means nothing; line N stays line N.

JavaScript cannot be read sign by sign without knowing its grammar: whether ``/`` divides or begins a regular
expression depends on what stands before. Where that is not certain, a module is left as it is.
"""

from __future__ import annotations

import re

from attrs import frozen

# Where every alternative begins with one certain sign, Python skips quickly to the next of them; a set would undo that.
_NEXT = re.compile(
    r"""'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|//[^\n]*|/\*.*?\*/|`|{|}|/""",
    re.DOTALL,
)
_TEMPLATE = re.compile(r"(?:\\.|[^`\\$]|\$(?!\{))*(?:`|\$\{)", re.DOTALL)
_REGEXP = re.compile(r"/(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\[\n])+/[a-z]*")
_LAST = re.compile(r"([\w$]+|\+\+|--|\S)\s*\Z")
_BEFORE_REGEXP = frozenset(
    ["return", "typeof", "case", "in", "of", "instanceof", "new", "delete", "void", "throw", "do", "else", "await"]
)
_INDENTS = re.compile(r"[ \t]*\n[ \t]*")
#: What stands for literals while the code around them is squeezed. Nothing beside a string or a template needs a space;
#: the flags of a regular expression do, as if it were a word.
_STRING, _REGULAR = "\0", "\1"
_PLACES = re.compile(r"[\x00\x01]")
_RUNS = re.compile(r"  [ \t]*|\t[ \t]*| \t[ \t]*")
#: Between two words it separates them; between two signs it tells ``a + +b`` from ``a++ b``.
_WORD = r"\w$\x01\u0080-\uffff"
_SPACE = re.compile(
    rf" (?:(?=[^{_WORD}+\-/\s]|\x01)|(?<=[^{_WORD}+\-/\s] )|(?<=[+\-/] )(?=[^+\-/\s])|(?<=[^+\-/\s] )(?=[+\-/]))"
)


class Unclear(ValueError):
    """A module that only a whole parser would read rightly."""


@frozen
class Slim:
    """A module, and the same text with ``\\0`` in the place of strings, templates and regular expressions."""

    text: str
    mask: str


def slim(source: str) -> Slim:
    """:raises Unclear: it cannot be told where strings and regular expressions begin."""
    code, literals = _parts(source)
    masks = ["\0" * len(one) if "\n" not in one else re.sub(r"[^\n]", "\0", one) for one in literals]
    pieces = _PLACES.split(_squeezed(code))
    texts = [one for pair in zip(pieces, [*literals, ""], strict=True) for one in pair]
    return Slim("".join(texts), "".join(one for pair in zip(pieces, [*masks, ""], strict=True) for one in pair))


def _squeezed(code: str) -> str:
    lines = "\n".join([line.strip(" \t") for line in code.split("\n")])
    return _SPACE.sub("", _RUNS.sub(" ", lines))


def _parts(source: str) -> tuple[str, list[str]]:
    """The code with signs in the places of literals, and those; comments are gone but for their lines."""
    if _PLACES.search(source) is not None:
        raise Unclear("it holds control characters")
    parts: list[str] = []
    code: list[str] = []  # since the last literal
    literals: list[str] = []
    depth, templates = 0, []  # braces that are open, and at which depths a template goes on

    def literal(text: str, place: str = _STRING) -> None:
        parts.extend((*code, place))
        literals.append(text)
        code.clear()

    def template(begin: int, tagged: bool) -> int:
        """Up to its end, or to the next value in it."""
        found = _TEMPLATE.match(source, begin)
        if found is None:
            raise Unclear("a template does not end")
        text = found[0]
        # htm drops what stands around the line breaks of markup, and browsers show the rest as one space
        literal(_INDENTS.sub("\n", text) if tagged else text)
        if text.endswith("${"):
            templates.append((depth, tagged))
        return found.end()

    at = 0
    while (found := _NEXT.search(source, at)) is not None:
        code.append(source[at : found.start()])
        sign, at = found[0], found.end()
        if sign.startswith(("//", "/*")):
            code.append("\n" * sign.count("\n") or " ")
        elif sign == "/":
            if _divides(code, literals, source[at : at + 1]):
                code.append(sign)
            else:
                regexp = _REGEXP.match(source, found.start())
                if regexp is None:
                    raise Unclear("a regular expression does not end")
                literal(regexp[0], _REGULAR)
                at = regexp.end()
        elif sign == "`":
            tagged = "".join(code).endswith("html")
            code.append(sign)
            at = template(at, tagged)
        elif sign == "{":
            depth += 1
            code.append(sign)
        elif sign == "}":
            if templates and templates[-1][0] == depth:
                _, tagged = templates.pop()
                code.append(sign)
                at = template(at, tagged)
            else:
                depth -= 1
                code.append(sign)
        else:
            literal(sign)
    if depth != 0 or templates:
        raise Unclear("not every brace is closed")
    return "".join((*parts, *code, source[at:])), literals


def _divides(code: list[str], literals: list[str], following: str) -> bool:
    before = _LAST.search("".join(code))
    if before is None:
        return bool(literals)  # after a string, a template, a regular expression
    word = before[1]
    if word in (")", "}"):
        if following in (" ", "=", "\n"):
            return True
        raise Unclear(f"'{word}/' may begin a regular expression")
    name = word[-1].isalnum() or word[-1] in "_$"
    return word in ("]", "++", "--") or (name and word not in _BEFORE_REGEXP)
