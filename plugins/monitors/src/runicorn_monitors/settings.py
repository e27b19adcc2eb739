"""The section ``monitors`` of the configuration."""

from __future__ import annotations

from attrs import frozen


@frozen
class MonitorsSection:
    """What is watched, and who is told."""

    non_finite: tuple[str, ...] = ("*loss*",)  # names of metrics whose values must be finite
    announce: bool = True  # whether alerts are said in the terminal
