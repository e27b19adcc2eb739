"""What plugins and users should no longer use, in one place, each with the version that takes it away.

A hook is deprecated with ``@hookspec(warn_on_impl=NAME.warning())``, one of its arguments with
``@hookspec(warn_on_impl_args={"argument": NAME.warning()})``, and ``NAME`` stands here. Nothing is deprecated yet.
"""

from __future__ import annotations

from attrs import frozen


class RunicornDeprecationWarning(UserWarning):
    """Something of Runicorn will go away. A ``UserWarning``, so that Python shows it without being asked."""


@frozen
class Deprecated:
    """One thing that goes away."""

    what: str  # e.g. "the hook run_ended"
    instead: str  # e.g. "run_finished"
    removed_in: str  # the first version without it

    def __str__(self) -> str:
        return f"{self.what} goes away in Runicorn {self.removed_in}; use {self.instead}"

    def warning(self) -> RunicornDeprecationWarning:
        return RunicornDeprecationWarning(str(self))
