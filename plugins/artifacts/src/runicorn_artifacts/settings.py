"""The plugin's section of the configuration."""

from __future__ import annotations

from attrs import field, frozen


def _seconds(section: object, attribute: object, value: float) -> None:  # noqa: ARG001 (attrs calls it so)
    if not value >= 0:
        raise ValueError("a number of seconds from 0 on is expected")


@frozen
class ArtifactsSection:
    """``[artifacts]``."""

    store: str = ""  # an address that a plugin opens, e.g. file:///data/artifacts; empty: in the storage root
    gc_grace: float = field(default=86_400.0, validator=_seconds)  # age in seconds from which a leftover may be removed
