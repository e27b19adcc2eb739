"""The filter language and the lists that it filters, for every store.

``parse('params.lr < 1e-3 and status = "finished" and tags has "best" and metrics.val/acc.max > 0.9')`` is a condition
(``runicorn.model.query``); ``query_runs`` answers a whole query from the store's own index, or by looking at all runs.
"""

from __future__ import annotations

from .choosing import choose_runs, parse_for, with_hints
from .evaluating import fields_of, predicate
from .facts import Facts, flatten, text_of
from .fields import name_of, parse_columns, parse_field, parse_order
from .grouping import Group, Groups, Spread, as_list, group_runs
from .parsing import parse
from .reading import known_fields, query_runs
from .sql import SqlCompiler, SqlNames
from .unknown import Unknown, unknown_fields
from .writing import write

__all__ = [
    "Facts",
    "Group",
    "Groups",
    "Spread",
    "SqlCompiler",
    "SqlNames",
    "Unknown",
    "as_list",
    "choose_runs",
    "fields_of",
    "flatten",
    "group_runs",
    "known_fields",
    "name_of",
    "parse",
    "parse_columns",
    "parse_field",
    "parse_for",
    "parse_order",
    "predicate",
    "query_runs",
    "text_of",
    "unknown_fields",
    "with_hints",
    "write",
]
