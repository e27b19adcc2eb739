"""The grammar, and the parser made of it. The library is imported when the first filter is parsed."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from .words import WORD

if TYPE_CHECKING:
    from lark import Lark

#: Two conditions beside each other are both meant. A word that is compared with nothing is searched for.
GRAMMAR = rf"""
start: (_or)?
_or: any | _and
_and: all | _one
any: _and (_OR _and)+
all: _one (_AND? _one)+
_one: no | _atom
no: _NOT _one
_atom: "(" _or ")" | compare | inside | outside | has | contains | matches | mismatches | exists | missing | text

compare: WORD OPERATOR WORD
inside: WORD _IN "(" WORD ("," WORD)* ")"
outside: WORD _NOT_IN "(" WORD ("," WORD)* ")"
has: WORD _HAS WORD
contains: WORD _CONTAINS WORD
matches: WORD "~" WORD
mismatches: WORD _MISMATCH WORD
exists: WORD (_EXISTS | _IS_NOT_NULL)
missing: WORD _IS_NULL
text: WORD

OPERATOR: "<=" | ">=" | "!=" | "<>" | "==" | "=" | "<" | ">"
_MISMATCH: "!~"
_IS_NOT_NULL.4: /is\s+not\s+null(?![^\s()])/i
_IS_NULL.4: /is\s+null(?![^\s()])/i
_NOT_IN.4: /not\s+in(?=[\s(])/i
_AND.3: /and(?![^\s(])/i
_OR.3: /or(?![^\s(])/i
_NOT.3: /not(?![^\s(])/i
_IN.3: /in(?=\s*\()/i
_HAS.3: /has(?![^\s])/i
_CONTAINS.3: /contains(?![^\s])/i
_EXISTS.3: /exists(?![^\s()])/i
WORD: /{WORD.replace("/", "[/]")}/
%ignore /\s+/
"""


@cache
def parser() -> Lark:
    """The parser; made once, some 30 ms."""
    from lark import Lark

    return Lark(GRAMMAR, parser="lalr", lexer="contextual", propagate_positions=True)
