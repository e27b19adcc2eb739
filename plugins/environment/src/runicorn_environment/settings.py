"""The section ``[environment]`` of the configuration."""

from attrs import frozen


@frozen
class EnvironmentSection:
    """``variables``: names of further environment variables to keep; ``*`` stands for any text."""

    variables: tuple[str, ...] = ()
