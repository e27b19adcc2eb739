"""The one place where names are checked, paths are joined, and secrets are recognised."""

from __future__ import annotations

from .hints import may_hold_secrets, may_show_secrets
from .paths import check_path, check_project, check_relative, check_run_id, check_segment, join, split_path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .redaction import (
        HIDDEN,
        is_secret_name,
        redact,
        redact_address,
        redact_arguments,
        redact_code,
        redact_output,
        without_credentials,
    )
    from .spelling import spell_apart, spell_place, spell_segment

__all__ = [
    "HIDDEN",
    "check_path",
    "check_project",
    "check_relative",
    "check_run_id",
    "check_segment",
    "is_secret_name",
    "join",
    "may_hold_secrets",
    "may_show_secrets",
    "redact",
    "redact_address",
    "redact_arguments",
    "redact_code",
    "redact_output",
    "spell_apart",
    "spell_place",
    "spell_segment",
    "split_path",
    "without_credentials",
]


def __getattr__(name: str) -> object:
    """What has patterns is loaded when it is used: those of secrets cost a training script 2 ms."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    if name.startswith("spell_"):
        from . import spelling

        return getattr(spelling, name)
    from . import redaction

    return getattr(redaction, name)
