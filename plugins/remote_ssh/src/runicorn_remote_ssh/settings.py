"""The section ``remote-ssh`` of the configuration."""

from __future__ import annotations

from typing import Literal

from attrs import field, frozen, validators


@frozen
class RemoteSection:
    """How viewers on other machines are kept."""

    compression: Literal["auto", "on", "off"] = "auto"  # of answers; auto: where the way there takes more than 4 ms
    grace: float = field(default=3.0, validator=validators.ge(0))  # seconds that it waits for us on a broken line
    idle: float = field(default=120.0, validator=validators.ge(15))  # seconds of silence after which it ends
