"""The section ``[acme]``."""

from attrs import frozen


@frozen
class AcmeSection:
    """What is watched."""

    limit: float = 100.0
