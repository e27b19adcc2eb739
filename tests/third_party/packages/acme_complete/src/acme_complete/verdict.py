"""Names for training code."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import frozen

if TYPE_CHECKING:
    import runicorn


@frozen
class Verdict:
    """What somebody thinks of a run."""

    text: str
    good: bool = True


def judge(run: runicorn.Run, verdict: Verdict) -> str:
    """Keep a verdict with the run: ``run.judge(rn.Verdict("well done"))``."""
    run.summary({"verdict": verdict.text, "good": verdict.good})
    return verdict.text
