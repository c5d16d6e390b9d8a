"""What is sent to take an assessment at once."""

from gateway.features.submissions.schemas import GivenAnswers
from gateway.http import Request
from gateway.learners import LearnerRef


class SubmitAtOnce(Request, frozen=True):
    """Body of `POST /v1/assessments/{assessment_id}/submit`: an attempt from start to end. A CHILD names no `learner_ref`,
    all others must.
    """

    answers: GivenAnswers
    learner_ref: LearnerRef | None = None
