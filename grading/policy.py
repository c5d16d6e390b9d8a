"""What of a grade a learner is shown, and what a try costs. Policies of an assessment, not of its items.

Rule source: grading contract, sections 1.7 and 12; security contract, learners and answer keys.
"""

from fractions import Fraction
from typing import Literal, TypeAlias

from msgspec import Struct

from grading.parts import exact
from grading.result import Notice, PartSignal, Result, Share, whole

Feedback: TypeAlias = Literal["none", "score", "parts"]
"""How much a learner is told: nothing, what the whole item earned, or also how each of its parts fared."""


class Shown(Struct, frozen=True, omit_defaults=True):
    """A result as far as the learner may see it; None where the level keeps it back.

    `parts` name only what the learner filled in or left empty: of a multiple_choice only ticked choices, because whether
    a choice that was not ticked is right would be the key.
    """

    attempted: bool
    score: float | None = None
    points: str | None = None
    state: Literal["right", "partial", "wrong", "needs_review"] | None = None
    parts: tuple[PartSignal, ...] | None = None
    notices: tuple[Notice, ...] | None = None


def shown_result(result: Result, feedback: Feedback) -> Shown:
    """Return what the learner sees of a graded answer."""
    match feedback:
        case "none":
            return Shown(result.attempted)
        case "score":
            return Shown(result.attempted, result.score, result.points, result.state)
        case "parts":
            return Shown(
                result.attempted,
                result.score,
                result.points,
                result.state,
                result.parts or None,
                result.notices or None,
            )


class CheckShown(Struct, frozen=True, omit_defaults=True):
    """What a check tells: at level `score` right or wrong alone (partly right is wrong), at `parts` all there is."""

    state: Literal["right", "partial", "wrong", "needs_review"]
    score: float | None = None
    points: str | None = None
    parts: tuple[PartSignal, ...] | None = None
    notices: tuple[Notice, ...] | None = None


def shown_check(result: Result, feedback: Literal["score", "parts"]) -> CheckShown:
    """Return what a check tells the learner; at level `none` an assessment allows no checks."""
    if feedback == "parts":
        return CheckShown(result.state, result.score, result.points, result.parts or None, result.notices or None)
    return CheckShown(result.state if result.state in {"right", "needs_review"} else "wrong")


def penalised(share: Share, tries_before: int, penalty_per_try: float, floor: Share = 0) -> Share:
    """Take `penalty_per_try` off for each earlier try, down to `floor`; what is already below the floor stays as it is.

    `tries_before` counts the tries before the one in which the answer last changed, so that repeating an answer is free.
    """
    if not tries_before or not penalty_per_try:
        return share
    return whole(Fraction(max(share - tries_before * exact(penalty_per_try), min(share, floor))))
