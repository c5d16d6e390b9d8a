"""What stands between a learner's answers and a grade: a wrong form, an attempt that is over, a limit of tries."""

from collections.abc import Sequence
from typing import Any, ClassVar

from gateway.errors.conflicts import Conflict
from gateway.errors.missing import NotFound
from gateway.errors.problem import Problem, shown


class InvalidAnswerFormat(Problem):
    """Answers that can't be graded as they are. Found from content and answers alone, so it says nothing about a key."""

    status = 422
    type = "grading_error"
    code = "invalid_answer_format"
    title = "The answers can't be graded as they are."
    what_to_do = (
        "Correct every place in `details.errors` and send all again: nothing was counted, no attempt and no check."
    )
    detail_example: ClassVar = {
        "errors": [
            {
                "code": "unknown_id",
                "param": "answers[2].answer.choices[0]",
                "message": "no choice has the id 'e'",
                "allowed": ["a", "b", "c", "d"],
            }
        ]
    }

    def __init__(self, errors: Sequence[dict[str, Any]]) -> None:
        """`errors` are format errors as plain values, in the order of the body, each with its path in the body."""
        told = [error | {"param": shown(error["param"])} for error in errors]
        super().__init__(param=told[0]["param"], details={"errors": told})


class SubmissionNotFound(NotFound):
    """No such submission of this center and env."""

    code = "submission_not_found"
    title = "No such submission."
    what_to_do = "Check the id, and that the key belongs to the same center and the same env (live or test)."
    default_param = "submission_id"


class MaxAttemptsReached(Conflict):
    """The learner has used every attempt."""

    code = "max_attempts_reached"
    title = "This learner has no attempt left."
    what_to_do = "Show the learner's results; a retry alone can't succeed, a version with more attempts can."
    detail_example: ClassVar = {"limit": 3}

    def __init__(self, limit: int) -> None:
        super().__init__(details={"limit": limit})


class SubmissionClosed(Conflict):
    """The attempt is over."""

    code = "submission_closed"
    title = "This submission is no longer in progress."
    what_to_do = "Read the submission: `status` says whether it was submitted or ran out of time."


class StaleSequence(Conflict):
    """Answers that were saved with a higher sequence stay."""

    code = "stale_sequence"
    title = "Newer answers have been saved."
    what_to_do = "Drop this save, or send what the learner sees now with a sequence above `details.current`."
    default_param = "sequence"
    detail_example: ClassVar = {"current": 17}

    def __init__(self, current: int) -> None:
        super().__init__(details={"current": current})


class CheckLimitReached(Problem):
    """The learner has used every check of this question, in whichever version it was asked."""

    status = 429
    type = "rate_limit_error"
    code = "check_limit_reached"
    title = "This learner has no check left for this question."
    what_to_do = "Let the learner submit: checks do not come back."
    detail_example: ClassVar = {"limit": 2}

    def __init__(self, limit: int) -> None:
        super().__init__(details={"limit": limit})
