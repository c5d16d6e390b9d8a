"""`/v1/grade`: what answers to questions earn, without an assessment."""

from litestar import post
from litestar.params import JSONBody

from gateway.errors import InvalidAnswerFormat
from gateway.features.trials import service
from gateway.features.trials.schemas import Grading, Trial
from gateway.guards import may_raise, requires


@post(
    "/v1/grade",
    guards=[requires("write:assessments")],
    status_code=200,
    tags=("Assessments",),
    opt=may_raise(InvalidAnswerFormat),
)
async def grade(data: JSONBody[Trial]) -> Grading:
    """Try questions: grade answers to items that are kept nowhere, with feedback on every part.

    Nothing is counted or stored; an `Idempotency-Key` is ignored.
    """
    return await service.grade(data)


TRIALS = (grade,)
