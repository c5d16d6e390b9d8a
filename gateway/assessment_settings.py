"""How an assessment is taken: attempts, checks, time, feedback. Rule sources: assessments, "Objects"; security, "Learners"."""

from typing import Annotated, Final, Literal

from msgspec import Meta, Struct

from grading.policy import Feedback

CHECKS_MAX: Final = 20
"""Checks a question and learner, where the center's plan allows as many."""

MaxAttempts = Annotated[int, Meta(ge=1, le=100)]
Checks = Annotated[int, Meta(ge=0, le=CHECKS_MAX)]
Percent = Annotated[int, Meta(ge=0, le=100)]
TimeLimit = Annotated[int, Meta(ge=1, le=2_592_000)]
Penalty = Annotated[float, Meta(ge=0, le=1)]
Keep = Literal["best", "last"]
Autosave = Literal["off", "crash_recovery", "resumable"]
FeedbackAt = Literal["last_attempt", "each_attempt"]


class AssessmentSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The settings of a working copy, or as they were frozen with a version.

    `max_attempts` null = unlimited. `time_limit_seconds` runs from the start of an attempt, at most 30 days. An
    answer loses `penalty_per_try` of its points for each time that it was changed from one try, an attempt or a check, to
    the next; the same answer again is the same try. `feedback` says how much a learner is told, `feedback_at` after
    which attempt; where attempts are unlimited none is the last. `autosave` is what a frontend shall do with what is typed:
    nothing, keep it for a crash, or let the learner go on with it later; saves are taken in any case. `shuffle` permutes questions and choices, for each
    attempt its own way.
    """

    max_attempts: MaxAttempts | None = 1
    checks_per_question: Checks = 0
    pass_percent: Percent = 50
    autosave: Autosave = "resumable"
    time_limit_seconds: TimeLimit | None = None
    keep: Keep = "best"
    penalty_per_try: Penalty = 0.0
    feedback: Feedback = "score"
    feedback_at: FeedbackAt = "last_attempt"
    shuffle: bool = False


def settings_flaw(settings: AssessmentSettings, plan_checks: int | None) -> tuple[str, str] | None:
    """Return the setting that does not go with the others, or with the plan's checks a question, and what it must be."""
    if settings.checks_per_question and settings.feedback == "none":
        return "checks_per_question", "0 where `feedback` is `none`: a check is feedback"
    if plan_checks is not None and settings.checks_per_question > plan_checks:
        return "checks_per_question", f"at most {plan_checks}, the ceiling of the plan"
    return None
