"""``register_sql_views``: what SQL over the runs can ask for beside what storage tells."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .calling import Offers, named, offers

if TYPE_CHECKING:
    from ..contracts import SqlView


def sql_views() -> Offers[SqlView]:
    """Every view of the active plugins, by name."""
    return offers(
        "register_sql_views",
        "SQL view",
        lambda views: named(views, "columns", "beside", "rows"),
        lambda name, _: f"SQL view {name}",
    )
