"""What stands between a person's judgement and a grade, or a regrade and its job."""

from typing import ClassVar

from gateway.errors.conflicts import Conflict
from gateway.errors.missing import NotFound


class ReviewNotPending(Conflict):
    """There is nothing left to judge: another submission holds the newer grade, or the answers were erased."""

    code = "review_not_pending"
    title = "This submission can't be reviewed any more."
    what_to_do = "Where `details.regraded_as` is given, review that submission: it holds the newer grade."
    detail_example: ClassVar = {"regraded_as": "sub_ag6xt3yqo7g3ncxb5l2rv4m7de"}

    def __init__(self, regraded_as: str | None) -> None:
        super().__init__(details={} if regraded_as is None else {"regraded_as": regraded_as})


class RegradeNotFound(NotFound):
    """No such regrade of this assessment."""

    code = "regrade_not_found"
    title = "No such regrade."
    what_to_do = "Check both ids, and that the key belongs to the same center and the same env (live or test)."
    default_param = "regrade_id"
