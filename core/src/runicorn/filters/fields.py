"""Fields as they are written: ``status``, ``params.lr``, ``summary.acc``, ``metrics.val/acc.max``."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import get_close_matches

from ..errors import FilterError
from ..model.query import FIGURES, RUN_FIELDS, Field, Order
from .words import needs_quotes, quote, segments

#: Other words for fields of the run.
ALIASES = {
    "id": "run",
    "experiment": "name",
    "tag": "tags",
    "created": "created_at",
    "started": "started_at",
    "ended": "ended_at",
    "duration": "duration_s",
    "hostname": "host",
}
_KINDS = ("params", "summary", "metrics")


def name_of(field: Field) -> str:
    """A field as it is written; what a column is called."""
    if field.kind == "run":
        return field.key
    key = quote(field.key) if needs_quotes(field.key) else field.key
    return f"{field.kind}.{key}.{field.figure}" if field.kind == "metrics" else f"{field.kind}.{key}"


def parse_field(word: str, *, known: Iterable[Field] = (), text: str = "", position: int = 0) -> Field:
    """The field that a word names.

    :param known: fields that there are, for suggestions.
    :param text: the filter that it stands in, and where, for the error.
    :raises FilterError: it names none.
    """
    parts = segments(word)
    head, quoted = parts[0]
    if len(parts) == 1 and not quoted:
        name = ALIASES.get(head.lower(), head.lower())
        if name in RUN_FIELDS:
            return Field("run", name)
    if len(parts) > 1 and not quoted and head in _KINDS:
        rest = parts[1:]
        if head != "metrics":
            return _keyed(head, rest, "", word, text, position)
        last, last_quoted = rest[-1]
        if len(rest) > 1 and last in FIGURES and not last_quoted:
            return _keyed(head, rest[:-1], last, word, text, position)
        return _keyed(head, rest, "last", word, text, position)
    meant = _suggestion(word, ".".join(part for part, _ in parts), known)
    hint = "" if meant else ", like status, params.lr, summary.acc or metrics.loss.min"
    raise FilterError(text, position, str(word), f"has {str(word)!r} where a field is expected{hint}", meant)


def _keyed(kind: str, parts: Sequence[tuple[str, bool]], figure: str, word: str, text: str, position: int) -> Field:
    key = ".".join(part for part, _ in parts)
    if not key:
        raise FilterError(text, position, word, f"lacks the key after '{kind}.'")
    return Field(kind, key, figure)  # type: ignore[arg-type]  # one of the kinds


def _suggestion(word: str, key: str, known: Iterable[Field]) -> str:
    """The field that was probably meant."""
    fields = list(known)
    for field in fields:  # the key without its kind
        if key in (field.key, field.key.rpartition("/")[2], field.key.rpartition(".")[2]):
            return name_of(field)
        if field.kind == "metrics" and key.rpartition(".")[0] == field.key and key.rpartition(".")[2] in FIGURES:
            return f"{name_of(field).removesuffix(field.figure)}{key.rpartition('.')[2]}"
    names = [*RUN_FIELDS, *ALIASES, *map(name_of, fields)]
    close = get_close_matches(word, names, 1, 0.75)
    if close:
        return close[0]
    head, dot, rest = key.partition(".")
    kinds = {"param": "params", "parameters": "params", "config": "params", "metric": "metrics", "hparams": "params"}
    if dot and head.lower() in kinds:
        return f"{kinds[head.lower()]}.{rest}"
    return "" if fields else f"{'metrics' if '/' in key else 'params'}.{quote(key) if needs_quotes(key) else key}"


def parse_columns(text: str, *, known: Iterable[Field] = ()) -> tuple[Field, ...]:
    """Fields listed with commas (outside quotes), each once.

    :raises FilterError: one of them is none.
    """
    found = (parse_field(word, known=known, text=text, position=at) for word, at in _listing(text))
    return tuple(dict.fromkeys(found))


def parse_order(text: str, *, known: Iterable[Field] = ()) -> tuple[Order, ...]:
    """``metrics.val/acc.max,-created_at``: fields with commas, a minus for descending.

    :raises FilterError: one of them is none.
    """
    found = []
    for word, at in _listing(text):
        minus = word.startswith("-")
        found.append(Order(parse_field(word[minus:], known=known, text=text, position=at + minus), minus))
    return tuple(found)


def _listing(text: str) -> Iterable[tuple[str, int]]:
    """The parts between commas outside quotes, with their positions."""
    begin, inside, skip = 0, "", False
    for at, character in enumerate(f"{text},"):
        if skip:
            skip = False
        elif inside:
            skip = character == "\\"
            inside = "" if character == inside else inside
        elif character in "\"'":
            inside = character
        elif character == ",":
            word = text[begin:at]
            if word.strip():
                yield word.strip(), begin + len(word) - len(word.lstrip())
            begin = at + 1
    if inside:
        raise FilterError(text, begin, text[begin:], "has a quote that is not closed")
