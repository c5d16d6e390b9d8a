"""`/v1/assessments/{assessment_id}/regrade`, and how far regrades have come."""

from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from gateway.caller import Caller
from gateway.errors import (
    AssessmentNotFound,
    AssessmentNotPublished,
    IdempotencyInProgress,
    IdempotencyKeyInvalid,
    IdempotencyKeyReused,
    InvalidCursor,
    RegradeNotFound,
)
from gateway.features.regrades import service
from gateway.features.regrades.schemas import NewRegrade, Regrade
from gateway.guards import for_all_learners, may_raise, requires
from gateway.http import Cursor, Limit, Page
from gateway.once import Once
from gateway.services import Services


class Regrades(Controller):
    """Grading again under a newer version."""

    path = "/v1/assessments/{assessment_id:str}"
    tags = ("Results",)

    @post(
        "/regrade",
        guards=[requires("write:grades")],
        status_code=202,
        opt=may_raise(
            AssessmentNotFound,
            AssessmentNotPublished,
            IdempotencyKeyInvalid,
            IdempotencyKeyReused,
            IdempotencyInProgress,
        ),
    )
    async def request(
        self,
        assessment_id: FromPath[str],
        data: JSONBody[NewRegrade],
        once: NamedDependency[Once],
        caller: NamedDependency[Caller],
        services: NamedDependency[Services],
    ) -> Response[Regrade]:
        """Grade the attempts of an earlier version again, under the one published now. Old grades stay beside the new.

        The same regrade is done once, however often it is asked for. What a person judged counts as before. Attempts
        that were under way are regraded when it is asked for again.
        """
        return await service.request(services, caller, once, assessment_id, data)

    @get(
        "/regrades",
        guards=[requires("read:results"), for_all_learners],
        opt=may_raise(AssessmentNotFound, InvalidCursor),
    )
    async def newest(
        self,
        assessment_id: FromPath[str],
        caller: NamedDependency[Caller],
        services: NamedDependency[Services],
        limit: Limit = 20,
        cursor: Cursor = None,
    ) -> Page[Regrade]:
        """List the regrades of an assessment, newest first."""
        return await service.newest(services, caller, assessment_id, limit, cursor)

    @get(
        "/regrades/{regrade_id:str}",
        guards=[requires("read:results"), for_all_learners],
        opt=may_raise(AssessmentNotFound, RegradeNotFound),
    )
    async def show(
        self,
        assessment_id: FromPath[str],
        regrade_id: FromPath[str],
        caller: NamedDependency[Caller],
        services: NamedDependency[Services],
    ) -> Regrade:
        """Show how far a regrade has come."""
        return await service.get(services, caller, assessment_id, regrade_id)
