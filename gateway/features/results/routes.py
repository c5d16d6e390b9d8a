"""`…/results` of an assessment, a collection and a learner."""

from datetime import datetime
from typing import Annotated, Literal

from litestar import Controller, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter

from gateway.caller import Caller
from gateway.errors import AssessmentNotFound, CollectionNotFound, InvalidCursor
from gateway.features.results import service
from gateway.features.results.schemas import Filters, ResultStatus, SubmissionResult
from gateway.guards import also_answers, for_all_learners, may_raise, requires
from gateway.http import Cursor, Limit, Page
from gateway.http.streams import CSV
from gateway.services import Services

LearnerFilter = Annotated[str | None, QueryParameter(max_length=128, description="Results of this learner.")]
StatusFilter = Annotated[
    ResultStatus | None,
    QueryParameter(
        description="Results in this state. What ran out of time stays `expired`, also while a person must judge it."
    ),
]
ReviewFilter = Annotated[
    bool | None,
    QueryParameter(
        description="`true`: results that a person must still judge, those that ran out of time too; `false`: all others."
    ),
]
Since = Annotated[datetime | None, QueryParameter(name="from", description="Submitted at this time or later.")]
Until = Annotated[datetime | None, QueryParameter(name="to", description="Submitted before this time.")]
Format = Annotated[
    Literal["json", "csv"], QueryParameter(description="`csv`: all results in one file, whatever `limit` says.")
]


class Results(Controller):
    """What became of attempts. Attempts under way are not among them."""

    path = "/v1"
    tags = ("Results",)

    @get(
        "/assessments/{assessment_id:str}/results",
        guards=[requires("read:results"), for_all_learners],
        opt=may_raise(AssessmentNotFound, InvalidCursor) | also_answers(CSV),
    )
    async def of_assessment(
        self,
        assessment_id: FromPath[str],
        caller: NamedDependency[Caller],
        services: NamedDependency[Services],
        learner_ref: LearnerFilter = None,
        status: StatusFilter = None,
        needs_review: ReviewFilter = None,
        since: Since = None,
        until: Until = None,
        format: Format = "json",  # ruff: ignore[builtin-argument-shadowing] - the parameter's name in the contract
        limit: Limit = 20,
        cursor: Cursor = None,
    ) -> Response[Page[SubmissionResult]]:
        """List the results of an assessment, the last submitted first; old grades too, beside those that replaced them.

        `counts` marks the attempt of each learner that counts.
        """
        filters = Filters(learner_ref=learner_ref, status=status, needs_review=needs_review, since=since, until=until)
        if format == "csv":
            return await service.as_csv(services, caller, assessment_id, filters)
        return Response(await service.of_assessment(services, caller, assessment_id, filters, limit, cursor))

    @get(
        "/collections/{collection_id:str}/results",
        guards=[requires("read:results"), for_all_learners],
        opt=may_raise(CollectionNotFound, InvalidCursor),
    )
    async def of_collection(
        self,
        collection_id: FromPath[str],
        caller: NamedDependency[Caller],
        services: NamedDependency[Services],
        learner_ref: LearnerFilter = None,
        status: StatusFilter = None,
        needs_review: ReviewFilter = None,
        since: Since = None,
        until: Until = None,
        limit: Limit = 20,
        cursor: Cursor = None,
    ) -> Page[SubmissionResult]:
        """List the results of all assessments in a collection, the last submitted first."""
        filters = Filters(learner_ref=learner_ref, status=status, needs_review=needs_review, since=since, until=until)
        return await service.of_collection(services, caller, collection_id, filters, limit, cursor)

    @get(
        "/learners/{learner_ref:str}/results",
        guards=[requires("read:results")],
        opt=may_raise(InvalidCursor),
    )
    async def of_learner(
        self,
        learner_ref: FromPath[str],
        caller: NamedDependency[Caller],
        services: NamedDependency[Services],
        limit: Limit = 20,
        cursor: Cursor = None,
    ) -> Page[SubmissionResult]:
        """List a learner's results in every assessment, the last submitted first: to a CHILD its own, to a PARENT those of
        linked children. Any other characters of
        `learner_ref` than letters and digits are percent-encoded.
        """
        return await service.of_learner(services, caller, learner_ref, limit, cursor)
